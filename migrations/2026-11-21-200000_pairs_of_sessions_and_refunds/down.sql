ALTER TABLE orders DROP COLUMN external_id;
ALTER TABLE refunds DROP COLUMN metadata;
ALTER TABLE checkout_sessions DROP COLUMN metadata;
