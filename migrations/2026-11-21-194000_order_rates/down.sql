ALTER TABLE orders
    DROP COLUMN total_usd,
    DROP COLUMN currency_rate_stale,
    DROP COLUMN currency_rate_on,
    DROP COLUMN currency_rate;
