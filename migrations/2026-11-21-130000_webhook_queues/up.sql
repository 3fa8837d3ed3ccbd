-- Webhooks: each endpoint reads the log of its checkout by a cursor of its own, deliveries are claimed endpoint by endpoint, every
-- attempt is kept, and what was delivered can be delivered again.

-- The counter of a checkout is locked while its events are numbered; then no event of an object may be left behind an earlier one.
CREATE INDEX events_unnumbered_by_object ON events (checkout_id, object_id, object_version) WHERE sequence IS NULL;

ALTER TABLE webhook_endpoints
    ADD COLUMN previous_secret_sealed bytea,
    ADD COLUMN previous_secret_until timestamptz,
    ADD COLUMN disabled_reason text CHECK (disabled_reason IN ('by_staff', 'gone', 'failing')),
    ADD COLUMN disabled_at timestamptz,
    ADD CONSTRAINT webhook_endpoints_previous_secret CHECK ((previous_secret_sealed IS NULL) = (previous_secret_until IS NULL));

UPDATE webhook_endpoints SET disabled_reason = 'gone', disabled_at = updated_at WHERE NOT active AND deleted_at IS NULL;

ALTER TABLE webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_disabled CHECK ((disabled_reason IS NULL) = (disabled_at IS NULL)),
    ADD CONSTRAINT webhook_endpoints_active CHECK (NOT active OR disabled_reason IS NULL);

-- Hot, and locked by whoever adds to the deliveries of an endpoint, claims them or ends them: all of that happens one after the other
-- per endpoint, so that the marks on its deliveries and the counts here are exact.
CREATE TABLE webhook_queues (
    checkout_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    -- The sequence up to which the log has been read for this endpoint.
    fed_to bigint NOT NULL,
    -- Nothing is read, claimed or sent.
    paused boolean NOT NULL,
    -- When to look for something to send; empty when nothing is pending.
    due_at timestamptz,
    failing_since timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    pending bigint NOT NULL DEFAULT 0 CHECK (pending >= 0),
    succeeded bigint NOT NULL DEFAULT 0 CHECK (succeeded >= 0),
    failed bigint NOT NULL DEFAULT 0 CHECK (failed >= 0),
    PRIMARY KEY (checkout_id, endpoint_id),
    FOREIGN KEY (checkout_id, endpoint_id) REFERENCES webhook_endpoints (checkout_id, id)
) WITH (fillfactor = 50);
CREATE INDEX webhook_queues_due ON webhook_queues (due_at) WHERE NOT paused;

INSERT INTO webhook_queues (checkout_id, endpoint_id, fed_to, paused, due_at, pending, succeeded, failed)
SELECT w.checkout_id, w.id, coalesce((SELECT c.last_sequence FROM event_counters c WHERE c.checkout_id = w.checkout_id), 0),
    NOT w.active OR w.deleted_at IS NOT NULL, w.updated_at,
    (SELECT count(*) FROM deliveries d WHERE d.checkout_id = w.checkout_id AND d.endpoint_id = w.id AND d.status = 'pending'),
    (SELECT count(*) FROM deliveries d WHERE d.checkout_id = w.checkout_id AND d.endpoint_id = w.id AND d.status = 'succeeded'),
    (SELECT count(*) FROM deliveries d WHERE d.checkout_id = w.checkout_id AND d.endpoint_id = w.id AND d.status = 'failed')
FROM webhook_endpoints w;

-- Answers are kept with the attempts from now on: last_answer is left to the version before this one.
ALTER TABLE deliveries
    -- Attempts since it was queued (the last time, when it was replayed): which pause comes next.
    ADD COLUMN step integer NOT NULL DEFAULT 0,
    -- Waits for an earlier event of its object.
    ADD COLUMN blocked boolean NOT NULL DEFAULT false,
    -- Has been tried for so long that later events of its object do not wait for it any more.
    ADD COLUMN overtaken boolean NOT NULL DEFAULT false,
    -- When it was tried first since it was queued.
    ADD COLUMN first_attempt_at timestamptz;

UPDATE deliveries d SET blocked = true WHERE d.status = 'pending' AND EXISTS (
    SELECT 1 FROM deliveries e WHERE e.checkout_id = d.checkout_id AND e.endpoint_id = d.endpoint_id AND e.object_id = d.object_id
        AND e.status = 'pending' AND e.sequence < d.sequence);

DROP INDEX deliveries_due;
DROP INDEX deliveries_open_by_object;
CREATE INDEX deliveries_due ON deliveries (checkout_id, endpoint_id, next_attempt_at) WHERE status = 'pending' AND NOT blocked;
CREATE INDEX deliveries_open_by_object ON deliveries (checkout_id, endpoint_id, object_id, sequence)
    WHERE status = 'pending' AND NOT overtaken;
CREATE INDEX deliveries_tried ON deliveries (checkout_id, endpoint_id, first_attempt_at)
    WHERE status = 'pending' AND NOT overtaken AND first_attempt_at IS NOT NULL;
CREATE INDEX deliveries_leased ON deliveries (checkout_id, endpoint_id) WHERE lease_until IS NOT NULL;

CREATE TABLE delivery_attempts (
    checkout_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    attempted_at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    error text,
    -- Its beginning, two kilobytes at the most.
    answer text,
    PRIMARY KEY (checkout_id, delivery_id, number),
    FOREIGN KEY (checkout_id, delivery_id) REFERENCES deliveries (checkout_id, id)
);

-- What staff asked to be delivered again, done in batches by the worker.
CREATE TABLE webhook_replays (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    -- Events after the first number, up to the second; the first moves on.
    after_sequence bigint NOT NULL,
    until_sequence bigint NOT NULL,
    since timestamptz,
    until timestamptz,
    -- No type: every one.
    types text[] NOT NULL,
    only_failed boolean NOT NULL,
    -- What was asked, to know it again.
    asked jsonb NOT NULL,
    queued bigint NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, endpoint_id) REFERENCES webhook_endpoints (checkout_id, id)
);
CREATE INDEX webhook_replays_open ON webhook_replays (id) WHERE finished_at IS NULL;
CREATE INDEX webhook_replays_by_endpoint ON webhook_replays (checkout_id, endpoint_id);
