ALTER TABLE events DROP CONSTRAINT events_object_type_check;
ALTER TABLE events ADD CONSTRAINT events_object_type_check
    CHECK (object_type IN ('order', 'checkout_session', 'checkout', 'discount_code')) NOT VALID;
ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'order.deleted',
    'order.requires_attention', 'payment.succeeded', 'payment.failed', 'product.delivered', 'discount_code.redeemed',
    'discount_code.exhausted', 'checkout_session.expired', 'checkout.closed', 'checkout.reopened')) NOT VALID;
DROP TABLE refund_lines;
DROP TABLE refunds;
ALTER TABLE order_lines
    DROP COLUMN returned_at,
    DROP COLUMN held_tax,
    DROP COLUMN held_amount,
    DROP COLUMN refunded_tax,
    DROP COLUMN refunded_amount;
