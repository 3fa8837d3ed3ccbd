-- What an order was worth in US dollars when it was confirmed. Orders from before say nothing of it: the rate of their day may not be known.
ALTER TABLE orders
    -- Units of the reporting currency for one of the order's.
    ADD COLUMN currency_rate numeric,
    -- The day that the rate is of.
    ADD COLUMN currency_rate_on date,
    ADD COLUMN currency_rate_stale boolean,
    -- Null with a rate where it is more than an amount can be.
    ADD COLUMN total_usd bigint,
    ADD CONSTRAINT orders_currency_rate_check CHECK (currency_rate > 0),
    ADD CONSTRAINT orders_currency_rate_whole CHECK (num_nonnulls(currency_rate, currency_rate_on, currency_rate_stale) IN (0, 3)),
    ADD CONSTRAINT orders_total_usd_check CHECK (total_usd IS NULL OR currency_rate IS NOT NULL);
