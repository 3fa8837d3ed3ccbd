-- Mail in bulk: what somebody waits for goes first, and an organization's invitations of a day are counted.

-- 0: somebody waits (a lost password). 1: it can wait (an invitation).
ALTER TABLE mails ADD COLUMN rank integer NOT NULL DEFAULT 0 CHECK (rank IN (0, 1));
CREATE INDEX mails_due_by_rank ON mails (rank, run_at);
DROP INDEX mails_due;

CREATE INDEX invitations_by_day ON invitations (organization_id, created_at);
