-- What one euro was worth on a day. No tenant: the same for every merchant. Small (some 30 rows a day), appended to, and corrected
-- only by importing the same day again.
CREATE TABLE exchange_rates (
    currency text NOT NULL,
    on_date date NOT NULL,
    source text NOT NULL CHECK (source IN ('ecb', 'import')),
    -- Units of the currency for one euro.
    rate numeric NOT NULL CHECK (rate > 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (currency, on_date, source)
);
