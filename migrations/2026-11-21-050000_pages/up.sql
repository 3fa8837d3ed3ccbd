-- What a checkout's page looks like and what it asks buyers. Absent: the defaults.
CREATE TABLE checkout_pages (
    checkout_id uuid PRIMARY KEY REFERENCES checkouts (id),
    style jsonb NOT NULL DEFAULT '{}',
    billing_form jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
