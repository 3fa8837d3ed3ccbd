DROP INDEX checkout_links_by_email;
CREATE INDEX jobs_failed_by_object ON jobs (checkout_id, object_id) WHERE last_error IS NOT NULL;
DROP INDEX jobs_by_object;
DELETE FROM events WHERE object_type = 'license';
ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'order.refunded',
    'order.deleted', 'order.requires_attention', 'payment.succeeded', 'payment.failed', 'product.delivered', 'product.returned',
    'refund.created', 'refund.succeeded', 'refund.failed', 'discount_code.redeemed', 'discount_code.exhausted',
    'checkout_session.expired', 'checkout.closed', 'checkout.reopened'));
ALTER TABLE events DROP CONSTRAINT events_object_type_check;
ALTER TABLE events ADD CONSTRAINT events_object_type_check
    CHECK (object_type IN ('order', 'refund', 'checkout_session', 'checkout', 'discount_code'));
DELETE FROM jobs WHERE kind = 'call_service';
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check, ADD CONSTRAINT jobs_kind_check CHECK (kind IN
    ('run_action', 'start_payment', 'ask_payment', 'cancel_payment', 'check_vat_number', 'mail_order_access'));
DROP TABLE licenses;
DROP TABLE license_keys;
DROP TABLE license_pools;
DROP TABLE integrations;
DROP TABLE action_attempts;
DELETE FROM action_runs WHERE type <> 'receipt_email' OR revokes IS NOT NULL;
ALTER TABLE action_runs
    DROP COLUMN product_id,
    DROP COLUMN outcome,
    DROP COLUMN revokes,
    DROP COLUMN waiting_for,
    DROP COLUMN revision,
    DROP CONSTRAINT action_runs_type_check,
    ADD CONSTRAINT action_runs_type_check CHECK (type IN ('receipt_email'));
DELETE FROM actions WHERE type <> 'receipt_email';
DROP INDEX actions_by_owner;
ALTER TABLE actions
    DROP COLUMN secrets,
    DROP COLUMN archived_at,
    DROP CONSTRAINT actions_type_check,
    ADD CONSTRAINT actions_type_check CHECK (type IN ('receipt_email'));
