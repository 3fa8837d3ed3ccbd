DROP TABLE webhook_replays;
DROP TABLE delivery_attempts;
DROP INDEX deliveries_leased;
DROP INDEX deliveries_tried;
DROP INDEX deliveries_open_by_object;
DROP INDEX deliveries_due;
ALTER TABLE deliveries
    DROP COLUMN step,
    DROP COLUMN blocked,
    DROP COLUMN overtaken,
    DROP COLUMN first_attempt_at;
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE status = 'pending';
CREATE INDEX deliveries_open_by_object ON deliveries (checkout_id, endpoint_id, object_id, sequence) WHERE status = 'pending';
DROP TABLE webhook_queues;
ALTER TABLE webhook_endpoints
    DROP COLUMN previous_secret_sealed,
    DROP COLUMN previous_secret_until,
    DROP COLUMN disabled_reason,
    DROP COLUMN disabled_at;
DROP INDEX events_unnumbered_by_object;
