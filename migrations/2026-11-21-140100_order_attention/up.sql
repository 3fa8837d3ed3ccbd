-- What a person should look at: every reason, what staff say of it, and a flag that lists and counters read.
ALTER TABLE order_attention ADD COLUMN note text;
ALTER TABLE order_attention DROP CONSTRAINT order_attention_code_check;
ALTER TABLE order_attention ADD CONSTRAINT order_attention_code_check
    CHECK (code IN ('over_limit_redemption', 'double_payment', 'orphan_payment', 'amount_mismatch', 'actions_incomplete',
        'refund_failed', 'refund_unknown', 'license_pool_empty', 'manual_delivery_due', 'dispute')) NOT VALID;
ALTER TABLE order_attention VALIDATE CONSTRAINT order_attention_code_check;

ALTER TABLE orders ADD COLUMN requires_attention boolean NOT NULL DEFAULT false;
UPDATE orders o SET requires_attention = true WHERE EXISTS (
    SELECT 1 FROM order_attention a WHERE a.checkout_id = o.checkout_id AND a.order_id = o.id AND a.acknowledged_at IS NULL);
CREATE INDEX orders_requiring_attention ON orders (checkout_id, test_mode, id) WHERE requires_attention;
-- Paid, and not completed: what the clock looks at.
CREATE INDEX orders_incomplete ON orders (checkout_id, paid_at) WHERE status = 'paid';

ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'order.deleted',
    'order.requires_attention', 'payment.succeeded', 'payment.failed', 'product.delivered', 'discount_code.redeemed',
    'discount_code.exhausted', 'checkout_session.expired', 'checkout.closed', 'checkout.reopened')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check;
