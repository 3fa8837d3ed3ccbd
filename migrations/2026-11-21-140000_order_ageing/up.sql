-- Orders that nobody pays: reminded of once, deleted when their time is over. And ways to find again what is kept of a person.
ALTER TABLE orders ADD COLUMN reminded_at timestamptz;
CREATE INDEX orders_unpaid ON orders (checkout_id, created_at) WHERE status = 'not_paid';
CREATE INDEX orders_by_vat_number ON orders (checkout_id, vat_number) WHERE vat_number IS NOT NULL;

CREATE INDEX events_by_object ON events (checkout_id, object_id);
CREATE INDEX checkout_sessions_by_email ON checkout_sessions (checkout_id, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX checkout_sessions_by_vat_number ON checkout_sessions (checkout_id, vat_number) WHERE vat_number IS NOT NULL;

-- The order that a mail is about: it is not sent any more once the order's buyer is forgotten.
ALTER TABLE mails ADD COLUMN about uuid;
CREATE INDEX mails_by_about ON mails (about) WHERE about IS NOT NULL;
