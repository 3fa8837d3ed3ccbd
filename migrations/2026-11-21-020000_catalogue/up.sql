-- The whole catalogue: what a product says of itself, variants, prices on every level with their history, offers with add-ons.

ALTER TABLE products
    ADD COLUMN image_urls text[] NOT NULL DEFAULT '{}',
    ADD COLUMN translations jsonb NOT NULL DEFAULT '{}',
    -- Where an event or a service takes place.
    ADD COLUMN place_country text,
    ADD COLUMN employee_benefits text[] NOT NULL DEFAULT '{}',
    ADD COLUMN license jsonb,
    DROP CONSTRAINT products_vat_type_check,
    ADD CONSTRAINT products_vat_type_check CHECK (vat_type IN ('commercial_education', 'regulated_education', 'digital_book',
        'digital_magazine', 'digital_service', 'service', 'event'));

ALTER TABLE variants
    ADD COLUMN description text;

-- ------------------------------------------------------------------------------------------------------------- offers

ALTER TABLE offers
    ADD COLUMN image_urls text[] NOT NULL DEFAULT '{}',
    ADD COLUMN translations jsonb NOT NULL DEFAULT '{}';

ALTER TABLE offer_items
    ADD COLUMN description text,
    -- The variants a buyer may choose from; empty: all that are in use.
    ADD COLUMN variant_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN optional boolean NOT NULL DEFAULT false,
    ADD COLUMN selected boolean NOT NULL DEFAULT true,
    -- An item that was taken out of its offer stays: sessions that hold it go on.
    ADD COLUMN removed_at timestamptz;

CREATE TABLE add_ons (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('add', 'upgrade')),
    variant_id uuid NOT NULL,
    replaces_product_id uuid,
    name text NOT NULL,
    description text,
    image_url text,
    translations jsonb NOT NULL DEFAULT '{}',
    quantity_default integer NOT NULL,
    quantity_min integer NOT NULL,
    quantity_max integer NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, variant_id) REFERENCES variants (checkout_id, id),
    FOREIGN KEY (checkout_id, replaces_product_id) REFERENCES products (checkout_id, id),
    CHECK ((kind = 'upgrade') = (replaces_product_id IS NOT NULL)),
    CHECK (1 <= quantity_min AND quantity_min <= quantity_default AND quantity_default <= quantity_max)
);
CREATE INDEX add_ons_by_status ON add_ons (checkout_id, status, id);

CREATE TABLE offer_add_ons (
    checkout_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    add_on_id uuid NOT NULL,
    position text NOT NULL CHECK (position IN ('order_bump', 'pre_upsell')),
    sort integer NOT NULL,
    PRIMARY KEY (checkout_id, offer_id, add_on_id),
    FOREIGN KEY (checkout_id, offer_id) REFERENCES offers (checkout_id, id),
    FOREIGN KEY (checkout_id, add_on_id) REFERENCES add_ons (checkout_id, id)
);

-- ------------------------------------------------------------------------------------------------------------- prices

-- The lowest price of the 30 days before a discount (Directive 98/6/EC, article 6a) never changes while the discount lasts, so it
-- is found once, when the discount begins, and kept beside the price.
ALTER TABLE product_prices
    ADD COLUMN lowest_amount_30_days bigint;

CREATE TABLE variant_prices (
    checkout_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 99999999999),
    discounted_amount bigint CHECK (discounted_amount >= 0 AND discounted_amount < amount),
    lowest_amount_30_days bigint,
    PRIMARY KEY (checkout_id, variant_id, currency),
    FOREIGN KEY (checkout_id, variant_id) REFERENCES variants (checkout_id, id)
);

CREATE TABLE offer_item_prices (
    checkout_id uuid NOT NULL,
    offer_item_id uuid NOT NULL,
    -- Empty: for every variant.
    variant_id uuid,
    variant_key uuid NOT NULL GENERATED ALWAYS AS (coalesce(variant_id, '00000000-0000-0000-0000-000000000000')) STORED,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 99999999999),
    discounted_amount bigint CHECK (discounted_amount >= 0 AND discounted_amount < amount),
    lowest_amount_30_days bigint,
    PRIMARY KEY (checkout_id, offer_item_id, variant_key, currency),
    FOREIGN KEY (checkout_id, offer_item_id) REFERENCES offer_items (checkout_id, id),
    FOREIGN KEY (checkout_id, variant_id) REFERENCES variants (checkout_id, id)
);

CREATE TABLE add_on_prices (
    checkout_id uuid NOT NULL,
    add_on_id uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 99999999999),
    discounted_amount bigint CHECK (discounted_amount >= 0 AND discounted_amount < amount),
    lowest_amount_30_days bigint,
    PRIMARY KEY (checkout_id, add_on_id, currency),
    FOREIGN KEY (checkout_id, add_on_id) REFERENCES add_ons (checkout_id, id)
);

-- Every price that ever held, from the moment it did. Written in the statement that changes the price, never changed afterwards.
-- An empty amount says that the price was taken away.
CREATE TABLE price_history (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    owner text NOT NULL CHECK (owner IN ('product', 'variant', 'offer_item', 'add_on')),
    owner_id uuid NOT NULL,
    variant_id uuid,
    variant_key uuid NOT NULL GENERATED ALWAYS AS (coalesce(variant_id, '00000000-0000-0000-0000-000000000000')) STORED,
    currency text NOT NULL,
    valid_from timestamptz NOT NULL,
    amount bigint,
    discounted_amount bigint,
    PRIMARY KEY (checkout_id, owner_id, variant_key, currency, valid_from),
    CHECK (amount IS NOT NULL OR discounted_amount IS NULL)
);

INSERT INTO price_history (checkout_id, owner, owner_id, currency, valid_from, amount, discounted_amount)
SELECT pp.checkout_id, 'product', pp.product_id, pp.currency, p.created_at, pp.amount, pp.discounted_amount
FROM product_prices pp JOIN products p ON p.checkout_id = pp.checkout_id AND p.id = pp.product_id;

-- Whoever the server serves as may add to the history and read it, whatever default privileges gave it; the owner alone could do more.
DO $$
DECLARE
    somebody text;
BEGIN
    FOR somebody IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = 'price_history'::regclass AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON price_history FROM %s', somebody);
    END LOOP;
END $$;
