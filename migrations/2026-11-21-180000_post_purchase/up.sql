-- Post-purchase actions on three levels, their attempts, what they need to reach other services, and licenses.

ALTER TABLE actions
    DROP CONSTRAINT actions_type_check,
    ADD CONSTRAINT actions_type_check CHECK (type IN
        ('receipt_email', 'email', 'webhook', 'kajabi_grant', 'systeme_io', 'active_campaign', 'mailchimp', 'license')),
    -- What may not be read: addresses that are credentials, the key that requests are signed with. Never frozen on an order.
    ADD COLUMN secrets bytea,
    -- Gone for new orders; those that have it keep it.
    ADD COLUMN archived_at timestamptz;
CREATE INDEX actions_by_owner ON actions (checkout_id, owner_id, id) WHERE archived_at IS NULL;
CREATE INDEX actions_under_keys ON actions ((get_byte(secrets, 0))) WHERE secrets IS NOT NULL;
-- A product is licensed in one way.
CREATE UNIQUE INDEX actions_license_unique ON actions (checkout_id, owner_id) WHERE type = 'license' AND archived_at IS NULL;

INSERT INTO actions (checkout_id, id, level, owner_id, type, name, enabled, run_in_test, config, created_at, updated_at)
SELECT checkout_id, gen_random_uuid(), 'product', id, 'license', 'License', true, true, license, created_at, updated_at
FROM products WHERE license IS NOT NULL;

ALTER TABLE action_runs
    DROP CONSTRAINT action_runs_type_check,
    ADD CONSTRAINT action_runs_type_check CHECK (type IN
        ('receipt_email', 'email', 'webhook', 'kajabi_grant', 'systeme_io', 'active_campaign', 'mailchimp', 'license')),
    -- The revision of the order that it was frozen with: only those of the revision that is paid are run.
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD COLUMN waiting_for text CHECK (waiting_for IN ('license_keys', 'manual_delivery')),
    -- The run that this one undoes.
    ADD COLUMN revokes uuid,
    -- What a later run needs to know of this one: the ids that another service gave.
    ADD COLUMN outcome jsonb,
    ADD CONSTRAINT action_runs_waiting_check CHECK ((status = 'waiting') = (waiting_for IS NOT NULL)),
    ADD CONSTRAINT action_runs_revokes_fk FOREIGN KEY (checkout_id, revokes) REFERENCES action_runs (checkout_id, id);
-- A run is undone once; a repeat is a re-run.
CREATE UNIQUE INDEX action_runs_revokes_unique ON action_runs (checkout_id, revokes) WHERE revokes IS NOT NULL;
CREATE INDEX action_runs_by_line ON action_runs (checkout_id, order_line_id) WHERE order_line_id IS NOT NULL;

CREATE TABLE action_attempts (
    checkout_id uuid NOT NULL,
    run_id uuid NOT NULL,
    number integer NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    -- None while it is under way, and for good when its worker died.
    outcome text CHECK (outcome IN ('succeeded', 'failed', 'retried', 'waiting')),
    message text,
    PRIMARY KEY (checkout_id, run_id, number),
    FOREIGN KEY (checkout_id, run_id) REFERENCES action_runs (checkout_id, id) ON DELETE CASCADE,
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
);

CREATE TABLE integrations (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    service text NOT NULL CHECK (service IN ('systeme_io', 'active_campaign', 'mailchimp')),
    settings jsonb NOT NULL,
    secrets bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, service)
);
CREATE INDEX integrations_under_keys ON integrations ((get_byte(secrets, 0)));

-- ------------------------------------------------------------------------------------------------------------ licenses

-- One row per product that has keys: what takers and refills of an empty pool meet at.
CREATE TABLE license_pools (
    checkout_id uuid NOT NULL,
    product_id uuid NOT NULL,
    -- Since when it is low and the merchant knows.
    low_since timestamptz,
    PRIMARY KEY (checkout_id, product_id),
    FOREIGN KEY (checkout_id, product_id) REFERENCES products (checkout_id, id)
);

CREATE TABLE license_keys (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    key text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 2000),
    -- The line it was given to, for ever.
    order_line_id uuid,
    taken_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT license_keys_unique UNIQUE (checkout_id, product_id, key),
    FOREIGN KEY (checkout_id, product_id) REFERENCES products (checkout_id, id),
    CHECK ((order_line_id IS NULL) = (taken_at IS NULL))
);
CREATE INDEX license_keys_free ON license_keys (checkout_id, product_id, id) WHERE taken_at IS NULL;
CREATE INDEX license_keys_listed ON license_keys (checkout_id, product_id, id);
CREATE INDEX license_keys_given ON license_keys (checkout_id, product_id, id) WHERE taken_at IS NOT NULL;

CREATE TABLE licenses (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    order_line_id uuid NOT NULL,
    product_id uuid NOT NULL,
    -- The run that issued it.
    run_id uuid NOT NULL,
    -- Which unit of its line it is for, from 0.
    position integer NOT NULL CHECK (position >= 0),
    -- None once its buyer is forgotten.
    content text CHECK (octet_length(content) BETWEEN 1 AND 20000),
    -- The pool's key that it is.
    key_id uuid,
    issued_at timestamptz NOT NULL,
    mailed_at timestamptz,
    revoked_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    test_mode boolean NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT licenses_position_unique UNIQUE (checkout_id, order_line_id, position),
    CONSTRAINT licenses_key_unique UNIQUE (checkout_id, key_id),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id),
    FOREIGN KEY (checkout_id, key_id) REFERENCES license_keys (checkout_id, id)
);
CREATE INDEX licenses_by_order ON licenses (checkout_id, order_id, order_line_id, position);

-- Runs that wait for keys of a product are found by it.
ALTER TABLE action_runs ADD COLUMN product_id uuid;
CREATE INDEX action_runs_waiting ON action_runs (checkout_id, product_id, id) WHERE status = 'waiting';

ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('run_action', 'call_service', 'start_payment', 'ask_payment',
    'cancel_payment', 'check_vat_number', 'mail_order_access')) NOT VALID;
ALTER TABLE jobs VALIDATE CONSTRAINT jobs_kind_check;

ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'order.refunded',
    'order.deleted', 'order.requires_attention', 'payment.succeeded', 'payment.failed', 'product.delivered', 'product.returned',
    'license.issued', 'license.revoked', 'refund.created', 'refund.succeeded', 'refund.failed', 'discount_code.redeemed',
    'discount_code.exhausted', 'checkout_session.expired', 'checkout.closed', 'checkout.reopened')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check;
ALTER TABLE events DROP CONSTRAINT events_object_type_check;
ALTER TABLE events ADD CONSTRAINT events_object_type_check
    CHECK (object_type IN ('order', 'license', 'refund', 'checkout_session', 'checkout', 'discount_code')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_object_type_check;

-- Jobs are found by what they are about, under the lock of an order. The one that was only for failed ones is part of it.
CREATE INDEX jobs_by_object ON jobs (checkout_id, object_id);
DROP INDEX jobs_failed_by_object;
-- Links that were made for one buyer are found by their address.
CREATE INDEX checkout_links_by_email ON checkout_links (checkout_id, lower(checkout_data->>'email')) WHERE checkout_data ? 'email';
