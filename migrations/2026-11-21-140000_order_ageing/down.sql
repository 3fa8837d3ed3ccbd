DROP INDEX mails_by_about;
ALTER TABLE mails DROP COLUMN about;
DROP INDEX checkout_sessions_by_vat_number;
DROP INDEX checkout_sessions_by_email;
DROP INDEX events_by_object;
DROP INDEX orders_by_vat_number;
DROP INDEX orders_unpaid;
ALTER TABLE orders DROP COLUMN reminded_at;
