DELETE FROM events WHERE object_type = 'checkout';
ALTER TABLE events
    DROP CONSTRAINT events_type_check,
    ADD CONSTRAINT events_type_check CHECK (type IN ('order.created', 'order.completed', 'payment.succeeded', 'payment.failed',
        'product.delivered', 'checkout_session.expired')),
    DROP CONSTRAINT events_object_type_check,
    ADD CONSTRAINT events_object_type_check CHECK (object_type IN ('order', 'checkout_session'));

DROP TABLE audit_log;

ALTER TABLE api_keys ADD COLUMN checkout_role text CHECK (checkout_role IN ('admin', 'maintainer', 'viewer', 'customer_service'));
UPDATE api_keys k SET checkout_role = c.role FROM api_key_checkouts c
    WHERE c.organization_id = k.organization_id AND c.api_key_id = k.id AND c.checkout_id = k.checkout_id;
DROP TABLE api_key_checkouts;
DROP INDEX api_keys_by_checkout;
ALTER TABLE api_keys
    ADD CONSTRAINT api_keys_check CHECK ((checkout_id IS NULL) = (checkout_role IS NULL)),
    DROP CONSTRAINT api_keys_checkout_fkey,
    DROP COLUMN last_used_at,
    DROP COLUMN revoked_at;

DROP INDEX checkout_members_by_checkout;
DROP INDEX checkout_members_by_member;
ALTER TABLE checkout_members
    DROP CONSTRAINT checkout_members_checkout_fkey,
    DROP CONSTRAINT checkout_members_member_fkey,
    DROP COLUMN organization_id,
    DROP COLUMN updated_at;

ALTER TABLE checkouts
    DROP CONSTRAINT checkouts_of_organization_unique,
    DROP COLUMN domain,
    DROP COLUMN return_origins,
    DROP COLUMN max_holds_per_address,
    DROP COLUMN currencies,
    DROP COLUMN locales,
    DROP COLUMN policies,
    DROP COLUMN hold_seconds,
    DROP COLUMN payment_hold_seconds,
    DROP COLUMN unpaid_order_ttl_days,
    DROP COLUMN payment_reminder_enabled,
    DROP COLUMN payment_reminder_after_hours,
    DROP COLUMN attention_after_seconds,
    DROP COLUMN analytics_consent,
    DROP COLUMN metadata,
    DROP COLUMN version,
    DROP COLUMN deleted_at;

DROP TABLE payment_cards;
DROP TABLE billing_details;
DROP TABLE invitations;

ALTER TABLE organization_members DROP COLUMN updated_at;
UPDATE organizations SET country = 'FI' WHERE country IS NULL;
ALTER TABLE organizations
    ALTER COLUMN country SET NOT NULL,
    DROP COLUMN business_id,
    DROP COLUMN vat_number,
    DROP COLUMN address,
    DROP COLUMN logo_url,
    DROP COLUMN education_provider,
    DROP COLUMN registrations,
    DROP COLUMN unverified_vat,
    DROP COLUMN policies,
    DROP COLUMN metadata,
    DROP COLUMN status,
    DROP COLUMN suspended_at,
    DROP COLUMN suspended_for,
    DROP COLUMN deleted_at;

DROP TABLE mails;
DROP TABLE sign_ins;
DROP TABLE user_identities;
UPDATE users SET password_hash = '!' WHERE password_hash IS NULL;
ALTER TABLE users
    ALTER COLUMN password_hash SET NOT NULL,
    DROP COLUMN email_verified_at;
