CREATE INDEX checkout_links_by_status ON checkout_links (checkout_id, status, id);
DROP INDEX checkout_links_listed;
ALTER TABLE orders DROP COLUMN external_id;
ALTER TABLE refunds DROP COLUMN metadata;
ALTER TABLE checkout_sessions DROP COLUMN metadata;
