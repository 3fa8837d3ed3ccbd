-- The way back to an order by mail, and orders that are deleted before they were paid.

-- Tokens that went out in mails.
CREATE TABLE order_access (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    -- SHA-256: who reads this table opens nothing with it.
    token_hash bytea NOT NULL,
    -- Somebody asked for it; else it was part of a mail that went out anyway. Those that are asked for are limited.
    requested boolean NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id)
);
CREATE UNIQUE INDEX order_access_token_unique ON order_access (checkout_id, token_hash);
CREATE INDEX order_access_by_order ON order_access (checkout_id, order_id, created_at);
CREATE INDEX order_access_ended ON order_access (expires_at);

-- What somebody said of an order whose way back they want, until a worker has seen whether there is one.
CREATE TABLE order_access_requests (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    number bigint NOT NULL,
    test_mode boolean NOT NULL,
    -- HMAC of the folded address: it may be anybody's.
    email_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id)
);

ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check
    CHECK (kind IN ('run_action', 'start_payment', 'check_vat_number', 'mail_order_access')) NOT VALID;
ALTER TABLE jobs VALIDATE CONSTRAINT jobs_kind_check;

ALTER TABLE orders
    ADD COLUMN deletion_reason text CHECK (deletion_reason IN ('unpaid_expired', 'cancelled_by_staff')),
    -- In the words of who cancelled it.
    ADD COLUMN deletion_note text,
    ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT orders_deletion_check
        CHECK ((status = 'deleted') = (deletion_reason IS NOT NULL) AND (deletion_reason IS NULL) = (deleted_at IS NULL));
CREATE INDEX orders_by_customer ON orders (checkout_id, customer_id, id);

-- A buyer of whom only deleted orders are left has no name and no address any more.
ALTER TABLE customers
    ALTER COLUMN email DROP NOT NULL,
    ALTER COLUMN email_folded DROP NOT NULL;

ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'order.deleted',
    'payment.succeeded', 'payment.failed', 'product.delivered', 'discount_code.redeemed', 'discount_code.exhausted',
    'checkout_session.expired', 'checkout.closed', 'checkout.reopened')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check;
