-- How a checkout is paid: its accounts at payment providers, and what the providers say.

CREATE TABLE payment_methods (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    -- Those that need an account.
    provider text NOT NULL CHECK (provider <> 'test' AND provider <> 'free'),
    -- A provider may be set up for live and for test sales, each with an account of its own.
    test_mode boolean NOT NULL,
    enabled boolean NOT NULL,
    -- What the merchant asks for beyond the provider's own minimums: [{"currency", "amount"}].
    minimums jsonb NOT NULL,
    -- What may be shown.
    settings jsonb NOT NULL,
    -- What may not: sealed, and written anew under a new key.
    secrets bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, provider, test_mode)
);

-- What providers have said, each once.
CREATE TABLE provider_events (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    payment_id uuid,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, provider, event_id)
);

ALTER TABLE payments
    ADD COLUMN method text,
    -- What the buyer needs to pay, sealed; gone when the attempt has ended.
    ADD COLUMN handover bytea;
ALTER TABLE payments DROP CONSTRAINT payments_provider_check;
ALTER TABLE payments ADD CONSTRAINT payments_provider_check
    CHECK (provider IN ('test', 'free', 'stripe', 'paytrail', 'epassi', 'offline')) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_provider_check;

ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check
    CHECK (kind IN ('run_action', 'start_payment', 'ask_payment', 'cancel_payment', 'check_vat_number', 'mail_order_access')) NOT VALID;
ALTER TABLE jobs VALIDATE CONSTRAINT jobs_kind_check;

-- Every reason why a person should look at an order.
ALTER TABLE order_attention DROP CONSTRAINT order_attention_code_check;
ALTER TABLE order_attention ADD CONSTRAINT order_attention_code_check
    CHECK (code IN ('actions_incomplete', 'over_limit_redemption', 'double_payment', 'orphan_payment', 'amount_mismatch', 'refund_failed',
                    'refund_unknown', 'license_pool_empty', 'manual_delivery_due', 'dispute')) NOT VALID;
ALTER TABLE order_attention VALIDATE CONSTRAINT order_attention_code_check;

-- What went back of the money that belongs to no order: refunds of the order's own money are counted apart.
ALTER TABLE payments ADD COLUMN refunded_unallocated bigint NOT NULL DEFAULT 0;
CREATE INDEX payments_by_mode ON payments (checkout_id, test_mode, id);
CREATE INDEX payments_unallocated ON payments (checkout_id, test_mode, id)
    WHERE status = 'succeeded' AND received_amount > allocated_amount + refunded_unallocated;

-- What a person says of money that they saw on an account: when it came, and what the bank calls it.
ALTER TABLE payments
    ADD COLUMN received_at timestamptz,
    ADD COLUMN bank_reference text;
