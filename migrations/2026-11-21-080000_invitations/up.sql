-- Mail in bulk: what somebody waits for goes first, and an organization's invitations of a day are counted.

-- 0: somebody waits (a lost password). 1: it can wait (an invitation).
ALTER TABLE mails ADD COLUMN rank integer NOT NULL DEFAULT 0 CHECK (rank IN (0, 1));
CREATE INDEX mails_due_by_rank ON mails (rank, run_at);
DROP INDEX mails_due;

CREATE INDEX invitations_by_day ON invitations (organization_id, created_at);

-- Cards that are off file and still with Stripe, until the worker has taken them from their customers.
CREATE TABLE detached_cards (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    provider_reference text NOT NULL,
    run_at timestamptz NOT NULL,
    generation integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
) WITH (fillfactor = 70);
CREATE INDEX detached_cards_due ON detached_cards (run_at);
