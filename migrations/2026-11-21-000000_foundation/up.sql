-- The foundation: tenants, the catalogue of the first sale, sessions, orders, payments, actions, events, webhooks, jobs.
--
-- Keys: every table of a checkout has the primary key (checkout_id, id), composite foreign keys and unique indexes that begin
-- with the tenant, so that a child can never belong to another tenant than its parent, and so that the schema can be spread
-- by checkout. Words are text + CHECK; a test compares each list with its Rust enum. Money is bigint in minor units.

-- Time in SQL: the database's clock plus the application Clock's offset (zero in production). now(), not clock_timestamp():
-- one moment per transaction, and allowed in an UPDATE of a distributed table.
CREATE FUNCTION kassa_now(offset_ms bigint) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT now() + offset_ms * interval '1 millisecond' $$;

-- ---------------------------------------------------------------------------------------------------------- tenants

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    country text NOT NULL,
    vat_registered boolean NOT NULL DEFAULT true,
    union_oss boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    email_folded text NOT NULL,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_email_unique UNIQUE (email_folded)
);

CREATE TABLE organization_members (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_members_by_user ON organization_members (user_id);

CREATE TABLE checkouts (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    name text NOT NULL,
    slug text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'closed')),
    country text NOT NULL,
    default_currency text NOT NULL,
    default_locale text NOT NULL,
    prices_include_tax boolean NOT NULL DEFAULT true,
    storefront_url text,
    support_email text,
    mail_from_name text,
    mail_from_email text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX checkouts_by_organization ON checkouts (organization_id, id);

-- Global look-up: a slug in a public address to its tenant.
CREATE TABLE checkout_slugs (
    slug text PRIMARY KEY,
    checkout_id uuid NOT NULL
);

CREATE TABLE checkout_members (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('admin', 'maintainer', 'viewer', 'customer_service')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, user_id)
);
CREATE INDEX checkout_members_by_user ON checkout_members (user_id);

-- The key itself carries organization and key id, so no global look-up by hash is needed; only its SHA-256 is kept
-- (it holds 256 random bits: nothing to guess, so no slow hash).
CREATE TABLE api_keys (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    last4 text NOT NULL,
    test_mode boolean NOT NULL,
    organization_role text CHECK (organization_role IN ('owner', 'admin', 'member')),
    checkout_id uuid,
    checkout_role text CHECK (checkout_role IN ('admin', 'maintainer', 'viewer', 'customer_service')),
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((checkout_id IS NULL) = (checkout_role IS NULL))
);

-- -------------------------------------------------------------------------------------------------------- catalogue

CREATE TABLE products (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    name text NOT NULL,
    description text,
    type text NOT NULL CHECK (type IN ('online_course', 'digital_content', 'e_book', 'membership', 'event_ticket', 'service')),
    vat_type text NOT NULL CHECK (vat_type IN ('commercial_education', 'digital_service')),
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id)
);
CREATE INDEX products_by_status ON products (checkout_id, status, id);

CREATE TABLE variants (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    name text NOT NULL,
    sort integer NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, product_id) REFERENCES products (checkout_id, id)
);
CREATE INDEX variants_by_product ON variants (checkout_id, product_id, sort, id);

CREATE TABLE product_prices (
    checkout_id uuid NOT NULL,
    product_id uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 99999999999),
    discounted_amount bigint CHECK (discounted_amount >= 0 AND discounted_amount < amount),
    PRIMARY KEY (checkout_id, product_id, currency),
    FOREIGN KEY (checkout_id, product_id) REFERENCES products (checkout_id, id)
);

CREATE TABLE offers (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    name text NOT NULL,
    title text NOT NULL,
    description text,
    success_url text,
    status text NOT NULL CHECK (status IN ('active', 'archived')),
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id)
);
CREATE INDEX offers_by_status ON offers (checkout_id, status, id);

CREATE TABLE offer_items (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    offer_id uuid NOT NULL,
    product_id uuid NOT NULL,
    position integer NOT NULL,
    name text,
    quantity_default integer NOT NULL,
    quantity_min integer NOT NULL,
    quantity_max integer NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, offer_id) REFERENCES offers (checkout_id, id),
    FOREIGN KEY (checkout_id, product_id) REFERENCES products (checkout_id, id),
    CHECK (1 <= quantity_min AND quantity_min <= quantity_default AND quantity_default <= quantity_max)
);
CREATE INDEX offer_items_by_offer ON offer_items (checkout_id, offer_id, position);

CREATE TABLE checkout_links (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    offer_id uuid NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    source text,
    tags text[] NOT NULL DEFAULT '{}',
    active boolean NOT NULL,
    inactive_message text,
    test_mode boolean NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, offer_id) REFERENCES offers (checkout_id, id),
    CONSTRAINT checkout_links_slug_unique UNIQUE (checkout_id, slug)
);

-- ---------------------------------------------------------------------------------------------------- the buyer's side

CREATE TABLE checkout_sessions (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    link_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'confirmed', 'completed', 'expired')),
    currency text NOT NULL,
    locale text NOT NULL,
    email text,
    country text,
    first_name text,
    last_name text,
    consents jsonb NOT NULL DEFAULT '{}',
    source text,
    tags text[] NOT NULL DEFAULT '{}',
    test_mode boolean NOT NULL,
    order_id uuid,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, link_id) REFERENCES checkout_links (checkout_id, id),
    FOREIGN KEY (checkout_id, offer_id) REFERENCES offers (checkout_id, id),
    CHECK ((status IN ('confirmed', 'completed')) = (order_id IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX checkout_sessions_to_expire ON checkout_sessions (expires_at) WHERE status = 'open';

CREATE TABLE session_lines (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    position integer NOT NULL,
    offer_item_id uuid NOT NULL,
    product_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100000),
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, session_id) REFERENCES checkout_sessions (checkout_id, id) ON DELETE CASCADE,
    FOREIGN KEY (checkout_id, offer_item_id) REFERENCES offer_items (checkout_id, id),
    FOREIGN KEY (checkout_id, variant_id) REFERENCES variants (checkout_id, id)
);
CREATE INDEX session_lines_by_session ON session_lines (checkout_id, session_id, position);

-- ------------------------------------------------------------------------------------------------------------ orders

CREATE TABLE customers (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    email text NOT NULL,
    email_folded text NOT NULL,
    test_mode boolean NOT NULL,
    first_name text,
    last_name text,
    country text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT customers_email_unique UNIQUE (checkout_id, test_mode, email_folded)
);

-- Narrow and hot: order numbers are drawn here by the last statement before commit. No index beside the key, free space in
-- the page: every draw is a HOT update.
CREATE TABLE order_counters (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    test_mode boolean NOT NULL,
    last_number bigint NOT NULL,
    PRIMARY KEY (checkout_id, test_mode)
) WITH (fillfactor = 50);

CREATE TABLE orders (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    number bigint NOT NULL,
    session_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('not_paid', 'paid', 'completed', 'refunded', 'deleted')),
    payment_status text NOT NULL CHECK (payment_status IN ('unpaid', 'pending', 'paid', 'partially_refunded', 'refunded')),
    fulfillment_status text NOT NULL CHECK (fulfillment_status IN ('not_delivered', 'partially_delivered', 'delivered')),
    revision integer NOT NULL DEFAULT 1,
    -- The object's own version: one more at every change, given with each event.
    version integer NOT NULL DEFAULT 1,
    currency text NOT NULL,
    subtotal bigint NOT NULL,
    discount_total bigint NOT NULL,
    tax bigint NOT NULL,
    total bigint NOT NULL,
    refunded_amount bigint NOT NULL DEFAULT 0,
    prices_include_tax boolean NOT NULL,
    offer_id uuid NOT NULL,
    offer_title text NOT NULL,
    success_url text,
    link_id uuid NOT NULL,
    link_slug text NOT NULL,
    source text,
    tags text[] NOT NULL DEFAULT '{}',
    customer_id uuid NOT NULL,
    email text,
    first_name text,
    last_name text,
    country text NOT NULL,
    locale text NOT NULL,
    consents jsonb NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    test_mode boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    paid_at timestamptz,
    completed_at timestamptz,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT orders_session_unique UNIQUE (checkout_id, session_id),
    CONSTRAINT orders_number_unique UNIQUE (checkout_id, test_mode, number),
    FOREIGN KEY (checkout_id, session_id) REFERENCES checkout_sessions (checkout_id, id),
    FOREIGN KEY (checkout_id, customer_id) REFERENCES customers (checkout_id, id),
    CHECK (total = subtotal - discount_total + CASE WHEN prices_include_tax THEN 0 ELSE tax END),
    CHECK (total >= 0 AND discount_total >= 0 AND tax >= 0 AND refunded_amount BETWEEN 0 AND total),
    CHECK ((status IN ('paid', 'completed', 'refunded')) <= (paid_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX orders_by_mode ON orders (checkout_id, test_mode, id);

CREATE TABLE order_lines (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    position integer NOT NULL,
    role text NOT NULL CHECK (role IN ('main', 'order_bump', 'pre_upsell', 'upgrade')),
    product_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    name text NOT NULL,
    quantity integer NOT NULL CHECK (quantity >= 1),
    unit_amount bigint NOT NULL,
    original_unit_amount bigint,
    subtotal bigint NOT NULL,
    discount bigint NOT NULL,
    tax_rate numeric(6, 3) NOT NULL CHECK (tax_rate >= 0),
    tax_country text,
    tax_reason text CHECK (tax_reason IN ('seller_not_registered', 'outside_scope')),
    tax bigint NOT NULL,
    total bigint NOT NULL,
    fulfillment_status text NOT NULL CHECK (fulfillment_status IN ('not_delivered', 'delivered')),
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id),
    CHECK (subtotal = unit_amount * quantity AND discount BETWEEN 0 AND subtotal AND tax BETWEEN 0 AND total),
    CHECK (original_unit_amount > unit_amount)
);
CREATE INDEX order_lines_by_order ON order_lines (checkout_id, order_id, position);

CREATE TABLE payments (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    provider text NOT NULL CHECK (provider IN ('test')),
    status text NOT NULL CHECK (status IN ('created', 'pending', 'succeeded', 'failed', 'cancelled', 'expired')),
    revision integer NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    received_amount bigint,
    allocated_amount bigint NOT NULL DEFAULT 0,
    refunded_amount bigint NOT NULL DEFAULT 0,
    provider_reference text,
    error_code text,
    error_retryable boolean,
    -- Who may call the provider: taken by a guarded UPDATE, lapses by itself when its holder dies.
    start_lease_until timestamptz,
    test_mode boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT payments_reference_unique UNIQUE (checkout_id, provider, provider_reference),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id),
    CHECK ((status = 'succeeded') = (received_amount IS NOT NULL)),
    CHECK (allocated_amount BETWEEN 0 AND coalesce(received_amount, 0)),
    CHECK ((error_code IS NULL) = (error_retryable IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX payments_by_order ON payments (checkout_id, order_id, id);
-- At most one open attempt per order.
CREATE UNIQUE INDEX payments_open_unique ON payments (checkout_id, order_id) WHERE status IN ('created', 'pending');

-- ------------------------------------------------------------------------------------------------------------ actions

CREATE TABLE actions (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    level text NOT NULL CHECK (level IN ('product', 'offer', 'checkout')),
    owner_id uuid,
    type text NOT NULL CHECK (type IN ('receipt_email')),
    name text NOT NULL,
    enabled boolean NOT NULL,
    run_in_test boolean NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CHECK ((level = 'checkout') = (owner_id IS NULL))
);

CREATE TABLE action_runs (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    action_id uuid NOT NULL,
    level text NOT NULL CHECK (level IN ('product', 'offer', 'checkout')),
    type text NOT NULL CHECK (type IN ('receipt_email')),
    name text NOT NULL,
    -- Frozen when the order was confirmed; credentials are never in it.
    config jsonb NOT NULL,
    order_line_id uuid,
    -- 'frozen': configured on the order, not queued before it is paid.
    status text NOT NULL CHECK (status IN ('frozen', 'queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (checkout_id, id),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id),
    FOREIGN KEY (checkout_id, action_id) REFERENCES actions (checkout_id, id)
) WITH (fillfactor = 80);
CREATE INDEX action_runs_by_order ON action_runs (checkout_id, order_id, id);

-- ------------------------------------------------------------------------------------------------------- events, webhooks

CREATE TABLE event_counters (
    checkout_id uuid PRIMARY KEY REFERENCES checkouts (id),
    last_sequence bigint NOT NULL
) WITH (fillfactor = 50);

-- The outbox and the log in one: written in the transaction that made the fact true, numbered after commit by the fan-out.
CREATE TABLE events (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    sequence bigint,
    type text NOT NULL CHECK (type IN ('order.created', 'order.completed', 'payment.succeeded', 'payment.failed',
        'product.delivered', 'checkout_session.expired')),
    object_type text NOT NULL CHECK (object_type IN ('order', 'checkout_session')),
    object_id uuid NOT NULL,
    object_version integer NOT NULL,
    occurred_at timestamptz NOT NULL,
    api_version text NOT NULL,
    test_mode boolean NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT events_sequence_unique UNIQUE (checkout_id, sequence)
);
-- The fan-out reads what has no number yet, never "after the last id": an event that commits late is still found.
CREATE INDEX events_to_fan_out ON events (id) WHERE sequence IS NULL;

CREATE TABLE webhook_endpoints (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    url text NOT NULL,
    description text,
    events text[] NOT NULL,
    active boolean NOT NULL,
    test_mode boolean NOT NULL,
    secret_sealed bytea NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (checkout_id, id)
);
CREATE INDEX webhook_endpoints_active ON webhook_endpoints (checkout_id, test_mode) WHERE active AND deleted_at IS NULL;

CREATE TABLE deliveries (
    checkout_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    object_id uuid NOT NULL,
    sequence bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    lease_until timestamptz,
    generation integer NOT NULL DEFAULT 0,
    last_status integer,
    last_error text,
    last_answer text,
    last_duration_ms integer,
    last_attempt_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id),
    CONSTRAINT deliveries_event_unique UNIQUE (checkout_id, endpoint_id, event_id),
    FOREIGN KEY (checkout_id, endpoint_id) REFERENCES webhook_endpoints (checkout_id, id),
    FOREIGN KEY (checkout_id, event_id) REFERENCES events (checkout_id, id)
) WITH (fillfactor = 70);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE status = 'pending';
CREATE INDEX deliveries_open_by_object ON deliveries (checkout_id, endpoint_id, object_id, sequence) WHERE status = 'pending';
CREATE INDEX deliveries_by_endpoint ON deliveries (checkout_id, endpoint_id, id);

-- --------------------------------------------------------------------------------------------------- jobs, idempotency

CREATE TABLE jobs (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('run_action', 'start_payment')),
    object_id uuid NOT NULL,
    run_at timestamptz NOT NULL,
    lease_until timestamptz,
    generation integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (checkout_id, id)
) WITH (fillfactor = 70);
-- A lease that lapsed makes the job due again: run_at is moved to the end of the lease when it is claimed.
CREATE INDEX jobs_due ON jobs (run_at);

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    -- SHA-256 of caller, method, path and key.
    scope bytea NOT NULL,
    fingerprint bytea NOT NULL,
    status integer,
    body bytea,
    sealed boolean NOT NULL DEFAULT false,
    location text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope)
);
CREATE INDEX idempotency_keys_old ON idempotency_keys (created_at);
