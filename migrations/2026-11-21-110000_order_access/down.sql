DELETE FROM deliveries d USING events e WHERE e.checkout_id = d.checkout_id AND e.id = d.event_id AND e.type = 'order.deleted';
DELETE FROM events WHERE type = 'order.deleted';
ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'payment.succeeded',
    'payment.failed', 'product.delivered', 'discount_code.redeemed', 'discount_code.exhausted', 'checkout_session.expired',
    'checkout.closed', 'checkout.reopened'));

-- What was erased stays erased; the id stands where an address has to be.
UPDATE customers SET email = id::text || '@erased.invalid', email_folded = id::text || '@erased.invalid' WHERE email_folded IS NULL;
ALTER TABLE customers
    ALTER COLUMN email SET NOT NULL,
    ALTER COLUMN email_folded SET NOT NULL;

DROP INDEX orders_by_customer;
ALTER TABLE orders
    DROP CONSTRAINT orders_deletion_check,
    DROP COLUMN deletion_reason,
    DROP COLUMN deletion_note,
    DROP COLUMN deleted_at;

DELETE FROM jobs WHERE kind = 'mail_order_access';
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('run_action', 'start_payment', 'check_vat_number'));

DROP TABLE order_access_requests;
DROP TABLE order_access;
