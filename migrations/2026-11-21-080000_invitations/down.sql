DROP TABLE detached_cards;
DROP INDEX invitations_by_day;
CREATE INDEX mails_due ON mails (run_at);
DROP INDEX mails_due_by_rank;
ALTER TABLE mails DROP COLUMN rank;
