-- Which key made a key: revoking the maker revokes what it made.
ALTER TABLE api_keys ADD COLUMN made_by uuid;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_made_by_fkey FOREIGN KEY (organization_id, made_by) REFERENCES api_keys (organization_id, id);
CREATE INDEX api_keys_by_maker ON api_keys (organization_id, made_by);

-- When a mail for a lost password was last queued: the next one waits a minute.
ALTER TABLE users ADD COLUMN reset_mailed_at timestamptz;
