ALTER TABLE orders
    DROP CONSTRAINT orders_vat_number_status,
    DROP COLUMN vat_checked_at,
    DROP COLUMN vat_consultation_id,
    DROP COLUMN vat_number_status,
    DROP COLUMN vat_number,
    DROP COLUMN custom;
DELETE FROM jobs WHERE kind = 'check_vat_number';
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('run_action', 'start_payment'));
DROP TABLE vat_checks;
