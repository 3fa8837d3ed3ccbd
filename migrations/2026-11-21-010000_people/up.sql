-- People and what they may do: sign-ins, invitations, members, keys, billing, the audit log; and the settings of checkouts.

-- ------------------------------------------------------------------------------------------------------------- people

ALTER TABLE users
    -- Absent for who signs in through an OpenID Connect issuer only.
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD COLUMN email_verified_at timestamptz;

-- A person as an OpenID Connect issuer knows them.
CREATE TABLE user_identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX user_identities_by_user ON user_identities (user_id);

-- A family of refresh tokens. The tokens are signed and carry the generation they belong to, so nothing of them is kept: the
-- newest generation refreshes, an older one proves that the family leaked.
CREATE TABLE sign_ins (
    user_id uuid NOT NULL REFERENCES users (id),
    id uuid NOT NULL,
    generation integer NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_for text CHECK (revoked_for IN ('signed_out', 'reused', 'password_changed')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    CHECK ((revoked_at IS NULL) = (revoked_for IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX sign_ins_old ON sign_ins (expires_at);

-- Mails to people, sent after the commit that caused them. The message is sealed: it may hold a token.
CREATE TABLE mails (
    id uuid PRIMARY KEY,
    message_sealed bytea NOT NULL,
    run_at timestamptz NOT NULL,
    generation integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX mails_due ON mails (run_at);

-- ------------------------------------------------------------------------------------------------------ organizations

ALTER TABLE organizations
    -- The country of the address, beside it for the tax decision. Unknown: the checkout's.
    ALTER COLUMN country DROP NOT NULL,
    ADD COLUMN business_id text,
    ADD COLUMN vat_number text,
    ADD COLUMN address jsonb,
    ADD COLUMN logo_url text,
    ADD COLUMN education_provider boolean NOT NULL DEFAULT false,
    ADD COLUMN registrations jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN unverified_vat text NOT NULL DEFAULT 'charge' CHECK (unverified_vat IN ('charge', 'reverse_charge')),
    ADD COLUMN policies jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}',
    -- Follows from billing details, payment card and suspension; kept here so that a sale reads one row.
    ADD COLUMN status text NOT NULL DEFAULT 'inactive' CHECK (status IN ('inactive', 'active', 'suspended')),
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspended_for text,
    ADD COLUMN deleted_at timestamptz;

ALTER TABLE organization_members ADD COLUMN updated_at timestamptz;
UPDATE organization_members SET updated_at = created_at;
ALTER TABLE organization_members ALTER COLUMN updated_at SET NOT NULL;

CREATE TABLE invitations (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    email text NOT NULL,
    email_folded text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    checkout_roles jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'accepted', 'withdrawn')),
    expires_at timestamptz NOT NULL,
    accepted_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((status = 'accepted') = (accepted_by IS NOT NULL))
);
-- One open invitation per address: a new one takes the place of the old.
CREATE UNIQUE INDEX invitations_pending_unique ON invitations (organization_id, email_folded) WHERE status = 'pending';
-- Who signs in with a verified address finds what waits for it, in every organization.
CREATE INDEX invitations_by_email ON invitations (email_folded) WHERE status = 'pending';
CREATE INDEX invitations_by_user ON invitations (accepted_by);

CREATE TABLE billing_details (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    name text,
    email text,
    street text,
    city text,
    postal_code text,
    country text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE payment_cards (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    provider text NOT NULL CHECK (provider IN ('stripe', 'test')),
    provider_customer text,
    provider_reference text NOT NULL,
    brand text NOT NULL,
    last4 text NOT NULL,
    exp_month integer NOT NULL CHECK (exp_month BETWEEN 1 AND 12),
    exp_year integer NOT NULL CHECK (exp_year BETWEEN 2000 AND 2200),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- ---------------------------------------------------------------------------------------------------------- checkouts

ALTER TABLE checkouts
    ADD COLUMN domain text,
    ADD COLUMN return_origins text[] NOT NULL DEFAULT '{}',
    ADD COLUMN max_holds_per_address integer CHECK (max_holds_per_address >= 5),
    ADD COLUMN currencies text[] NOT NULL DEFAULT '{}',
    ADD COLUMN locales text[] NOT NULL DEFAULT '{}',
    ADD COLUMN policies jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN hold_seconds integer NOT NULL DEFAULT 300 CHECK (hold_seconds BETWEEN 60 AND 3600),
    ADD COLUMN payment_hold_seconds integer NOT NULL DEFAULT 7200 CHECK (payment_hold_seconds BETWEEN 600 AND 86400),
    ADD COLUMN unpaid_order_ttl_days integer NOT NULL DEFAULT 90 CHECK (unpaid_order_ttl_days BETWEEN 1 AND 365),
    ADD COLUMN payment_reminder_enabled boolean NOT NULL DEFAULT false,
    ADD COLUMN payment_reminder_after_hours integer NOT NULL DEFAULT 24 CHECK (payment_reminder_after_hours BETWEEN 1 AND 720),
    ADD COLUMN attention_after_seconds integer NOT NULL DEFAULT 300 CHECK (attention_after_seconds BETWEEN 60 AND 86400),
    ADD COLUMN analytics_consent text NOT NULL DEFAULT 'ask' CHECK (analytics_consent IN ('ask', 'off')),
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}',
    -- One more whenever the checkout closes or opens, given with the event.
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT checkouts_of_organization_unique UNIQUE (organization_id, id);
UPDATE checkouts SET currencies = ARRAY[default_currency], locales = ARRAY[default_locale];

-- Who is in a checkout is in its organization: leaving the organization ends both in one statement.
ALTER TABLE checkout_members ADD COLUMN organization_id uuid, ADD COLUMN updated_at timestamptz;
UPDATE checkout_members m SET organization_id = c.organization_id, updated_at = m.created_at FROM checkouts c WHERE c.id = m.checkout_id;
INSERT INTO organization_members (organization_id, user_id, role, created_at, updated_at)
    SELECT DISTINCT organization_id, user_id, 'member', created_at, created_at FROM checkout_members ON CONFLICT DO NOTHING;
ALTER TABLE checkout_members
    ALTER COLUMN organization_id SET NOT NULL,
    ALTER COLUMN updated_at SET NOT NULL,
    ADD CONSTRAINT checkout_members_checkout_fkey FOREIGN KEY (organization_id, checkout_id) REFERENCES checkouts (organization_id, id),
    ADD CONSTRAINT checkout_members_member_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES organization_members (organization_id, user_id) ON DELETE CASCADE;
CREATE INDEX checkout_members_by_checkout ON checkout_members (organization_id, checkout_id);
CREATE INDEX checkout_members_by_member ON checkout_members (organization_id, user_id);

-- -------------------------------------------------------------------------------------------------------------- keys

ALTER TABLE api_keys
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN revoked_at timestamptz,
    ADD CONSTRAINT api_keys_checkout_fkey FOREIGN KEY (organization_id, checkout_id) REFERENCES checkouts (organization_id, id);
CREATE INDEX api_keys_by_checkout ON api_keys (organization_id, checkout_id, id);

-- What a key may do in which checkouts, beside its role in the organization.
CREATE TABLE api_key_checkouts (
    organization_id uuid NOT NULL,
    api_key_id uuid NOT NULL,
    checkout_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'maintainer', 'viewer', 'customer_service')),
    PRIMARY KEY (organization_id, api_key_id, checkout_id),
    FOREIGN KEY (organization_id, api_key_id) REFERENCES api_keys (organization_id, id),
    FOREIGN KEY (organization_id, checkout_id) REFERENCES checkouts (organization_id, id)
);
CREATE INDEX api_key_checkouts_by_checkout ON api_key_checkouts (organization_id, checkout_id);
INSERT INTO api_key_checkouts (organization_id, api_key_id, checkout_id, role)
    SELECT organization_id, id, checkout_id, checkout_role FROM api_keys WHERE checkout_id IS NOT NULL;
-- checkout_id stays: the checkout a key belongs to. What it may do there is in the table above.
ALTER TABLE api_keys DROP CONSTRAINT api_keys_check, DROP COLUMN checkout_role;

-- -------------------------------------------------------------------------------------------------------------- audit

-- Every write of staff, in its own transaction. Holds ids, and of people nothing but keyed hashes.
CREATE TABLE audit_log (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id uuid NOT NULL,
    checkout_id uuid,
    actor_type text NOT NULL CHECK (actor_type IN ('user', 'api_key', 'operator')),
    actor_id uuid,
    -- The id of the access token, or of the key.
    credential text,
    address text,
    request_id text,
    action text NOT NULL,
    object_type text,
    object_id text,
    before jsonb,
    after jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, checkout_id) REFERENCES checkouts (organization_id, id),
    CHECK ((actor_type = 'operator') = (actor_id IS NULL))
);
CREATE INDEX audit_log_by_checkout ON audit_log (organization_id, checkout_id, id);
CREATE INDEX audit_log_by_object ON audit_log (organization_id, object_id, id);
CREATE INDEX audit_log_by_actor ON audit_log (organization_id, actor_id, id);
CREATE INDEX audit_log_by_action ON audit_log (organization_id, action, id);

-- Append-only: the right to change is taken from every role that has it, the application's above all, and from the owner, who
-- would have to give it back to itself on purpose.
DO $$
DECLARE
    holder text;
BEGIN
    FOR holder IN
        SELECT DISTINCT grantee::text FROM information_schema.role_table_grants
        WHERE table_schema = current_schema() AND table_name = 'audit_log'
    LOOP
        IF holder = 'PUBLIC' THEN
            REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM PUBLIC;
        ELSE
            EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM %I', holder);
        END IF;
    END LOOP;
END
$$;

-- ------------------------------------------------------------------------------------------------------------- events

ALTER TABLE events
    DROP CONSTRAINT events_type_check,
    ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.completed', 'payment.succeeded', 'payment.failed',
        'product.delivered', 'checkout_session.expired', 'checkout.closed', 'checkout.reopened')) NOT VALID,
    DROP CONSTRAINT events_object_type_check,
    ADD CONSTRAINT events_object_type_check CHECK (object_type IN ('order', 'checkout_session', 'checkout')) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT events_type_check, VALIDATE CONSTRAINT events_object_type_check;
