-- Custom links (overrides, prefill, expiry, a limit of orders), the counter that keeps the limit, and what a link gives a session.

ALTER TABLE checkout_links
    -- permanent: reached by its slug. custom: reached by a signed address only, and the merchant's values win.
    ADD COLUMN kind text NOT NULL DEFAULT 'permanent' CHECK (kind IN ('permanent', 'custom')),
    ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    ADD COLUMN variant_id uuid,
    ADD COLUMN currency text,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN external_id text,
    ADD COLUMN custom_price bigint CHECK (custom_price BETWEEN 1 AND 99999999999),
    ADD COLUMN product_options jsonb,
    ADD COLUMN checkout_options jsonb,
    ADD COLUMN checkout_data jsonb,
    ADD CONSTRAINT checkout_links_custom_price_currency CHECK (custom_price IS NULL OR currency IS NOT NULL),
    ADD CONSTRAINT checkout_links_variant_fkey FOREIGN KEY (checkout_id, variant_id) REFERENCES variants (checkout_id, id);

CREATE INDEX checkout_links_by_status ON checkout_links (checkout_id, status, id);

-- Global look-up: the link named by a signed address to its tenant.
CREATE TABLE link_tokens (
    link_id uuid PRIMARY KEY,
    checkout_id uuid NOT NULL
);

-- Narrow and hot: every order of a link is counted here by one of the last statements before commit; a limit is kept by the very
-- update that counts. No index beside the key, free space in the page: every count is a HOT update.
CREATE TABLE link_counters (
    checkout_id uuid NOT NULL,
    link_id uuid NOT NULL,
    orders bigint NOT NULL DEFAULT 0 CHECK (orders >= 0),
    max_orders bigint CHECK (max_orders >= 1),
    PRIMARY KEY (checkout_id, link_id),
    FOREIGN KEY (checkout_id, link_id) REFERENCES checkout_links (checkout_id, id)
) WITH (fillfactor = 50);

INSERT INTO link_counters (checkout_id, link_id, orders)
SELECT l.checkout_id, l.id, count(o.id) FROM checkout_links l
LEFT JOIN orders o ON o.checkout_id = l.checkout_id AND o.link_id = l.id
GROUP BY l.checkout_id, l.id;

-- Sessions opened from a link: counted in one of several rows, so that buyers of a busy link do not queue for one, and read by adding
-- them up however many sessions there are.
CREATE TABLE link_session_counters (
    checkout_id uuid NOT NULL,
    link_id uuid NOT NULL,
    shard integer NOT NULL CHECK (shard BETWEEN 0 AND 15),
    sessions bigint NOT NULL,
    PRIMARY KEY (checkout_id, link_id, shard),
    FOREIGN KEY (checkout_id, link_id) REFERENCES checkout_links (checkout_id, id)
) WITH (fillfactor = 50);

INSERT INTO link_session_counters (checkout_id, link_id, shard, sessions)
SELECT checkout_id, link_id, 0, count(*) FROM checkout_sessions GROUP BY checkout_id, link_id;

ALTER TABLE checkout_sessions
    ADD COLUMN postal_code text,
    ADD COLUMN vat_number text,
    ADD COLUMN discount_code text,
    ADD COLUMN custom jsonb NOT NULL DEFAULT '{}',
    -- Parts of the link's prefill that the buyer may not change.
    ADD COLUMN locked text[] NOT NULL DEFAULT '{}';

ALTER TABLE session_lines
    -- The line the link is about: takes the link's custom price and its name.
    ADD COLUMN of_link boolean NOT NULL DEFAULT false;
