DROP INDEX jobs_failed_by_object;
DROP INDEX order_revisions_by_customer;
DROP INDEX customers_by_last_name;
DROP INDEX customers_by_first_name;
DROP INDEX customers_by_mode;
ALTER TABLE customers DROP COLUMN erased_at;
