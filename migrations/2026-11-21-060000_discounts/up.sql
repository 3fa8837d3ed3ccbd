-- Discount codes, and the uses of them: held while a buyer is at the checkout, redeemed when the order is paid.

CREATE TABLE discount_codes (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    code text NOT NULL,
    -- Without regard to letter case and to the ways Unicode writes one letter.
    code_folded text NOT NULL,
    description text,
    type text NOT NULL CHECK (type IN ('percentage', 'fixed_amount')),
    percentage numeric(5, 2) CHECK (percentage > 0 AND percentage <= 100),
    exclude_discounted_products boolean NOT NULL,
    refund_policy text NOT NULL CHECK (refund_policy IN ('keep', 'release_customer_slot')),
    active boolean NOT NULL,
    valid_from timestamptz,
    expires_at timestamptz,
    usage_limit bigint CHECK (usage_limit >= 1),
    max_per_customer integer CHECK (max_per_customer >= 1),
    metadata jsonb NOT NULL DEFAULT '{}',
    archived_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CHECK ((type = 'percentage') = (percentage IS NOT NULL)),
    CHECK (valid_from < expires_at)
);
CREATE UNIQUE INDEX discount_codes_code_unique ON discount_codes (checkout_id, code_folded) WHERE archived_at IS NULL;
CREATE INDEX discount_codes_archived ON discount_codes (checkout_id, id) WHERE archived_at IS NOT NULL;

-- What a code is worth, and what it asks for, per currency.
CREATE TABLE discount_amounts (
    checkout_id uuid NOT NULL,
    discount_code_id uuid NOT NULL,
    currency text NOT NULL,
    amount bigint CHECK (amount BETWEEN 1 AND 99999999999),
    minimum_amount bigint CHECK (minimum_amount BETWEEN 1 AND 99999999999),
    PRIMARY KEY (checkout_id, discount_code_id, currency),
    FOREIGN KEY (checkout_id, discount_code_id) REFERENCES discount_codes (checkout_id, id),
    CHECK (amount IS NOT NULL OR minimum_amount IS NOT NULL)
);

-- The products a code is for; none: all.
CREATE TABLE discount_products (
    checkout_id uuid NOT NULL,
    discount_code_id uuid NOT NULL,
    product_id uuid NOT NULL,
    PRIMARY KEY (checkout_id, discount_code_id, product_id),
    FOREIGN KEY (checkout_id, discount_code_id) REFERENCES discount_codes (checkout_id, id),
    FOREIGN KEY (checkout_id, product_id) REFERENCES products (checkout_id, id)
);

CREATE INDEX discount_products_by_product ON discount_products (checkout_id, product_id);

-- Narrow and hot: the limit is kept by the guarded update of one row, the last statement before commit, and only for codes that
-- have a limit. Test uses are counted apart. No index beside the key, free space in the page: every change is a HOT update.
CREATE TABLE discount_counters (
    checkout_id uuid NOT NULL,
    discount_code_id uuid NOT NULL,
    test_mode boolean NOT NULL,
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    redeemed bigint NOT NULL DEFAULT 0 CHECK (redeemed >= 0),
    -- The code's own, repeated here so that one statement can decide. NULL: nothing is counted.
    usage_limit bigint CHECK (usage_limit >= 1),
    PRIMARY KEY (checkout_id, discount_code_id, test_mode),
    FOREIGN KEY (checkout_id, discount_code_id) REFERENCES discount_codes (checkout_id, id)
) WITH (fillfactor = 50);

-- One use of a code by one session. A hold counts while its time is not over, whether or not somebody has marked it.
CREATE TABLE discount_holds (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    discount_code_id uuid NOT NULL,
    session_id uuid NOT NULL,
    order_id uuid,
    -- HMAC of the folded address: enough to count one person's uses.
    customer_hash bytea,
    test_mode boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('held', 'redeemed', 'released', 'lapsed')),
    phase text NOT NULL CHECK (phase IN ('basket', 'payment')),
    expires_at timestamptz NOT NULL,
    -- In the basket phase no activity renews it beyond this.
    renewable_until timestamptz NOT NULL,
    -- Whether the counter of the code holds it.
    counted boolean NOT NULL,
    over_limit boolean NOT NULL DEFAULT false,
    amount bigint,
    currency text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, discount_code_id) REFERENCES discount_codes (checkout_id, id),
    FOREIGN KEY (checkout_id, session_id) REFERENCES checkout_sessions (checkout_id, id)
) WITH (fillfactor = 80);
-- One code per session.
CREATE UNIQUE INDEX discount_holds_session_unique ON discount_holds (checkout_id, session_id) WHERE state = 'held';
CREATE INDEX discount_holds_by_session ON discount_holds (checkout_id, session_id, id);
CREATE INDEX discount_holds_by_code ON discount_holds (checkout_id, discount_code_id, state, id);
CREATE INDEX discount_holds_by_customer ON discount_holds (checkout_id, discount_code_id, customer_hash) WHERE state IN ('held', 'redeemed');
CREATE INDEX discount_holds_overdue ON discount_holds (expires_at) WHERE state = 'held';

-- A row to queue at: uses of one code by one person are decided one after another.
CREATE TABLE discount_customers (
    checkout_id uuid NOT NULL,
    discount_code_id uuid NOT NULL,
    customer_hash bytea NOT NULL,
    test_mode boolean NOT NULL,
    decided bigint NOT NULL,
    PRIMARY KEY (checkout_id, discount_code_id, customer_hash, test_mode),
    FOREIGN KEY (checkout_id, discount_code_id) REFERENCES discount_codes (checkout_id, id)
) WITH (fillfactor = 70);
