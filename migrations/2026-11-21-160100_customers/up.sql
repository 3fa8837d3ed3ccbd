-- When a buyer was forgotten: by request, or with the last of their unpaid orders.
ALTER TABLE customers ADD COLUMN erased_at timestamptz;
UPDATE customers SET erased_at = updated_at WHERE email IS NULL;

CREATE INDEX customers_by_mode ON customers (checkout_id, test_mode, id);
CREATE INDEX customers_by_first_name ON customers (checkout_id, test_mode, lower(first_name), id);
CREATE INDEX customers_by_last_name ON customers (checkout_id, test_mode, lower(last_name), id);

-- An order that was confirmed again for another address was somebody else's before.
CREATE INDEX order_revisions_by_customer ON order_revisions (checkout_id, (order_row ->> 'customer_id'));

-- What went wrong may name a mailbox: found without reading every job.
CREATE INDEX jobs_failed_by_object ON jobs (checkout_id, object_id) WHERE last_error IS NOT NULL;
