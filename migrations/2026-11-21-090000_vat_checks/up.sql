-- What VIES says of the VAT numbers of buyers, asked once for however many sessions have the number; and what an order keeps of it.

CREATE TABLE vat_checks (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    -- In its normal form, with the prefix of its country.
    vat_number text NOT NULL,
    state text NOT NULL CHECK (state IN ('unverified', 'valid', 'invalid')),
    -- The proof of having asked, and when the answer was true; of the business what VIES tells.
    consultation_id text,
    checked_at timestamptz,
    name text,
    address text,
    last_error text,
    -- Until then the state counts; from then on the next session with the number makes it asked again.
    next_attempt_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT vat_checks_number_unique UNIQUE (checkout_id, vat_number),
    CHECK ((state = 'unverified') = (checked_at IS NULL)),
    CHECK (state = 'valid' OR coalesce(consultation_id, name, address) IS NULL)
) WITH (fillfactor = 80);

ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('run_action', 'start_payment', 'check_vat_number')) NOT VALID;
ALTER TABLE jobs VALIDATE CONSTRAINT jobs_kind_check;

ALTER TABLE orders
    -- The merchant's own data, as the session had it.
    ADD COLUMN custom jsonb NOT NULL DEFAULT '{}',
    -- The buyer's number, and what was known of it when the tax was decided.
    ADD COLUMN vat_number text,
    ADD COLUMN vat_number_status text CHECK (vat_number_status IN ('unverified', 'valid', 'invalid')),
    ADD COLUMN vat_consultation_id text,
    ADD COLUMN vat_checked_at timestamptz,
    ADD CONSTRAINT orders_vat_number_status CHECK ((vat_number IS NULL) = (vat_number_status IS NULL));

-- A confirmed session does not change: it still has what its order should have kept. Nobody was asked then.
UPDATE orders o SET custom = s.custom, vat_number = s.vat_number,
    vat_number_status = CASE WHEN s.vat_number IS NOT NULL THEN 'unverified' END
FROM checkout_sessions s
WHERE s.checkout_id = o.checkout_id AND s.id = o.session_id AND (s.custom <> '{}' OR s.vat_number IS NOT NULL);
