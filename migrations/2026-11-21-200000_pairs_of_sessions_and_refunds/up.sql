-- Sessions and refunds keep pairs of the merchant's, as everything else does; an order keeps what its link is called elsewhere.
ALTER TABLE checkout_sessions ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
ALTER TABLE refunds ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
ALTER TABLE orders ADD COLUMN external_id text;

-- Links are listed by mode.
CREATE INDEX checkout_links_listed ON checkout_links (checkout_id, status, test_mode, id);
DROP INDEX checkout_links_by_status;
