ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'order.deleted',
    'payment.succeeded', 'payment.failed', 'product.delivered', 'discount_code.redeemed', 'discount_code.exhausted',
    'checkout_session.expired', 'checkout.closed', 'checkout.reopened')) NOT VALID;
DROP INDEX orders_incomplete;
DROP INDEX orders_requiring_attention;
ALTER TABLE orders DROP COLUMN requires_attention;
ALTER TABLE order_attention DROP CONSTRAINT order_attention_code_check;
ALTER TABLE order_attention ADD CONSTRAINT order_attention_code_check
    CHECK (code IN ('over_limit_redemption', 'double_payment', 'orphan_payment', 'amount_mismatch')) NOT VALID;
ALTER TABLE order_attention DROP COLUMN note;
