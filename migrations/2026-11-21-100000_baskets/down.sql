ALTER TABLE events DROP CONSTRAINT events_object_type_check;
DELETE FROM events WHERE type IN ('order.updated', 'discount_code.redeemed', 'discount_code.exhausted');
ALTER TABLE events ADD CONSTRAINT events_object_type_check CHECK (object_type IN ('order', 'checkout_session', 'checkout'));
ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.completed', 'payment.succeeded',
    'payment.failed', 'product.delivered', 'checkout_session.expired', 'checkout.closed', 'checkout.reopened'));

ALTER TABLE payments DROP CONSTRAINT payments_provider_check;
ALTER TABLE payments ADD CONSTRAINT payments_provider_check CHECK (provider IN ('test'));

DROP INDEX discount_holds_due_by_code;
DROP INDEX discount_holds_by_address;
ALTER TABLE discount_holds DROP COLUMN address_hash;

DROP TABLE order_attention;
DROP TABLE order_revisions;

ALTER TABLE order_lines
    DROP COLUMN offer_id,
    DROP COLUMN link_id,
    DROP COLUMN source,
    DROP COLUMN tags;
ALTER TABLE orders
    DROP COLUMN contact,
    DROP COLUMN discount_code_id,
    DROP COLUMN discount_code,
    DROP COLUMN discount_over_limit;

ALTER TABLE checkout_sessions
    DROP CONSTRAINT checkout_sessions_order_check,
    DROP COLUMN contact,
    DROP COLUMN messages,
    DROP COLUMN return_url,
    DROP COLUMN cancel_url;
-- A session that went back to the basket waits for its money again.
UPDATE checkout_sessions SET status = 'confirmed' WHERE status = 'open' AND order_id IS NOT NULL;
ALTER TABLE checkout_sessions
    ADD CONSTRAINT checkout_sessions_check CHECK ((status IN ('confirmed', 'completed')) = (order_id IS NOT NULL));

DELETE FROM session_lines WHERE add_on_id IS NOT NULL OR NOT selected;
DROP INDEX session_lines_add_on_unique;
ALTER TABLE session_lines
    DROP COLUMN link_id,
    DROP COLUMN role,
    DROP COLUMN add_on_id,
    DROP COLUMN replaced_by,
    DROP COLUMN selected,
    DROP COLUMN seen_amount,
    ALTER COLUMN offer_item_id SET NOT NULL;
