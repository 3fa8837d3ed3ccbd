-- Baskets: lines of several links and of add-ons, optional items that are not chosen, and what the buyer was told last.
ALTER TABLE session_lines
    ADD COLUMN link_id uuid,
    ADD COLUMN role text NOT NULL DEFAULT 'main' CHECK (role IN ('main', 'order_bump', 'pre_upsell', 'upgrade')),
    ADD COLUMN add_on_id uuid,
    -- The upgrade that stands in this line's place.
    ADD COLUMN replaced_by uuid,
    ADD COLUMN selected boolean NOT NULL DEFAULT true,
    -- The unit amount that the buyer was shown last; empty when the currency or the variant changed since.
    ADD COLUMN seen_amount bigint,
    ALTER COLUMN offer_item_id DROP NOT NULL;
UPDATE session_lines l SET link_id = s.link_id FROM checkout_sessions s WHERE s.checkout_id = l.checkout_id AND s.id = l.session_id;
ALTER TABLE session_lines
    ALTER COLUMN link_id SET NOT NULL,
    ADD CONSTRAINT session_lines_source_check CHECK ((offer_item_id IS NULL) = (add_on_id IS NOT NULL)),
    ADD CONSTRAINT session_lines_add_on_check CHECK ((role = 'main') = (add_on_id IS NULL)),
    ADD FOREIGN KEY (checkout_id, link_id) REFERENCES checkout_links (checkout_id, id),
    ADD FOREIGN KEY (checkout_id, add_on_id) REFERENCES add_ons (checkout_id, id);
CREATE UNIQUE INDEX session_lines_add_on_unique ON session_lines (checkout_id, session_id, add_on_id) WHERE add_on_id IS NOT NULL;

ALTER TABLE checkout_sessions
    ADD COLUMN contact jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN messages jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN return_url text,
    ADD COLUMN cancel_url text,
    -- A session that went back to the basket is open and has an order.
    DROP CONSTRAINT checkout_sessions_check,
    ADD CONSTRAINT checkout_sessions_order_check CHECK (status NOT IN ('confirmed', 'completed') OR order_id IS NOT NULL);

-- Orders: the code that was agreed on, all that the buyer filled in, and where each line came from.
ALTER TABLE orders
    ADD COLUMN contact jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN discount_code_id uuid,
    ADD COLUMN discount_code text,
    ADD COLUMN discount_over_limit boolean NOT NULL DEFAULT false,
    ADD FOREIGN KEY (checkout_id, discount_code_id) REFERENCES discount_codes (checkout_id, id),
    ADD CONSTRAINT orders_discount_check CHECK ((discount_code_id IS NULL) = (discount_code IS NULL));
CREATE INDEX orders_by_discount_code ON orders (checkout_id, discount_code_id, id);
ALTER TABLE order_lines
    ADD COLUMN offer_id uuid,
    ADD COLUMN link_id uuid,
    ADD COLUMN source text,
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}';

-- What an order was before it was confirmed again: whole rows, so that money for it can make it the order once more.
CREATE TABLE order_revisions (
    checkout_id uuid NOT NULL,
    order_id uuid NOT NULL,
    revision integer NOT NULL,
    order_row jsonb NOT NULL,
    line_rows jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, order_id, revision),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id)
);

-- What a person should look at.
CREATE TABLE order_attention (
    checkout_id uuid NOT NULL,
    order_id uuid NOT NULL,
    code text NOT NULL CHECK (code IN ('over_limit_redemption', 'double_payment', 'orphan_payment', 'amount_mismatch')),
    since timestamptz NOT NULL,
    acknowledged_at timestamptz,
    PRIMARY KEY (checkout_id, order_id, code),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id)
);

-- Holds taken without a name are limited by where they come from, if the merchant says so.
ALTER TABLE discount_holds ADD COLUMN address_hash bytea;
CREATE INDEX discount_holds_by_address ON discount_holds (checkout_id, address_hash)
    WHERE state = 'held' AND address_hash IS NOT NULL AND customer_hash IS NULL;

-- Who finds a code full ends what is overdue: found without reading what is not.
CREATE INDEX discount_holds_due_by_code ON discount_holds (checkout_id, discount_code_id, test_mode, expires_at) WHERE state = 'held';

-- An order of nothing is paid without a provider.
ALTER TABLE payments DROP CONSTRAINT payments_provider_check;
ALTER TABLE payments ADD CONSTRAINT payments_provider_check CHECK (provider IN ('test', 'free')) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_provider_check;

ALTER TABLE events DROP CONSTRAINT events_type_check;
ALTER TABLE events ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.updated', 'order.completed', 'payment.succeeded',
    'payment.failed', 'product.delivered', 'discount_code.redeemed', 'discount_code.exhausted', 'checkout_session.expired',
    'checkout.closed', 'checkout.reopened')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check;
ALTER TABLE events DROP CONSTRAINT events_object_type_check;
ALTER TABLE events ADD CONSTRAINT events_object_type_check
    CHECK (object_type IN ('order', 'checkout_session', 'checkout', 'discount_code')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_object_type_check;
