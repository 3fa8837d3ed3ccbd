-- One query by primary key: the least that any read costs.
SELECT id, link_id, offer_id, status, currency, locale, email, country, first_name, last_name, consents, source, tags, test_mode, order_id, expires_at, created_at, updated_at FROM checkout_sessions WHERE checkout_id = :checkout AND id = :session;
