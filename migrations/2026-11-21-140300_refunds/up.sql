-- Refunds: a ledger that is only added to. What a line has got back, and what is on its way, stands on the line, where the database
-- itself holds the sums.
ALTER TABLE order_lines
    ADD COLUMN refunded_amount bigint NOT NULL DEFAULT 0,
    ADD COLUMN refunded_tax bigint NOT NULL DEFAULT 0,
    -- Of refunds that are pending or unknown.
    ADD COLUMN held_amount bigint NOT NULL DEFAULT 0,
    ADD COLUMN held_tax bigint NOT NULL DEFAULT 0,
    -- When the access to it was taken away.
    ADD COLUMN returned_at timestamptz,
    ADD CONSTRAINT order_lines_refund_check CHECK (refunded_amount >= 0 AND held_amount >= 0 AND refunded_amount + held_amount <= total),
    ADD CONSTRAINT order_lines_refund_tax_check CHECK (refunded_tax >= 0 AND held_tax >= 0 AND refunded_tax + held_tax <= tax);
-- What is kept of older revisions has these columns too, so that it can be made the order again.
UPDATE order_revisions SET line_rows = (
    SELECT jsonb_agg(l || '{"refunded_amount": 0, "refunded_tax": 0, "held_amount": 0, "held_tax": 0}') FROM jsonb_array_elements(line_rows) l);

CREATE TABLE refunds (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    -- Whose money goes back; none when nothing but the order's data changes.
    payment_id uuid,
    kind text NOT NULL CHECK (kind IN ('order', 'unallocated', 'reversal')),
    status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'unknown', 'recorded')),
    refund_payment boolean NOT NULL,
    manual_transfer_required boolean NOT NULL DEFAULT false,
    currency text NOT NULL,
    amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    remove_offer_access boolean NOT NULL DEFAULT false,
    reason text CHECK (reason IN ('requested_by_customer', 'duplicate', 'fraudulent', 'other')),
    comment text,
    failure_code text,
    provider_reference text,
    -- The recorded refund that a reversal makes void.
    reverses uuid,
    version integer NOT NULL DEFAULT 1,
    -- Who may call the provider, and until when: taken by a guarded UPDATE, lapses by itself when its holder dies.
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    test_mode boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- When it took effect; reports count it on that day.
    effective_at timestamptz,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT refunds_reverses_unique UNIQUE (checkout_id, reverses),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id),
    FOREIGN KEY (checkout_id, payment_id) REFERENCES payments (checkout_id, id),
    FOREIGN KEY (checkout_id, reverses) REFERENCES refunds (checkout_id, id),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    CHECK ((kind = 'reversal' AND amount <= 0 AND tax_amount <= 0) OR (kind <> 'reversal' AND amount >= 0 AND tax_amount BETWEEN 0 AND amount)),
    CHECK (kind <> 'unallocated' OR (payment_id IS NOT NULL AND amount > 0 AND tax_amount = 0))
) WITH (fillfactor = 80);
CREATE INDEX refunds_by_order ON refunds (checkout_id, order_id, id);
CREATE INDEX refunds_by_payment ON refunds (checkout_id, payment_id);
CREATE INDEX refunds_by_mode ON refunds (checkout_id, test_mode, id);
CREATE INDEX refunds_by_status ON refunds (checkout_id, test_mode, status, id);
CREATE INDEX refunds_by_reference ON refunds (checkout_id, provider_reference) WHERE provider_reference IS NOT NULL;
CREATE INDEX refunds_to_send ON refunds (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE refund_lines (
    checkout_id uuid NOT NULL,
    refund_id uuid NOT NULL,
    order_line_id uuid NOT NULL,
    amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    remove_access boolean NOT NULL,
    PRIMARY KEY (checkout_id, refund_id, order_line_id),
    FOREIGN KEY (checkout_id, refund_id) REFERENCES refunds (checkout_id, id),
    FOREIGN KEY (checkout_id, order_line_id) REFERENCES order_lines (checkout_id, id)
);
CREATE INDEX refund_lines_by_line ON refund_lines (checkout_id, order_line_id);

ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'order.refunded',
    'order.deleted', 'order.requires_attention', 'payment.succeeded', 'payment.failed', 'product.delivered', 'product.returned',
    'refund.created', 'refund.succeeded', 'refund.failed', 'discount_code.redeemed', 'discount_code.exhausted',
    'checkout_session.expired', 'checkout.closed', 'checkout.reopened')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check;
ALTER TABLE events DROP CONSTRAINT events_object_type_check;
ALTER TABLE events ADD CONSTRAINT events_object_type_check
    CHECK (object_type IN ('order', 'refund', 'checkout_session', 'checkout', 'discount_code')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_object_type_check;
