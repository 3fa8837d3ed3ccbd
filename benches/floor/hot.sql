-- The same with a limit: the guarded update of one row that everybody wants, last before the commit.
\set k :k + 1
\set n (:client_id + 101) * 1000000 + :k
BEGIN;
SELECT id, status, currency, email, country, consents, expires_at FROM checkout_sessions WHERE checkout_id = :checkout AND id = lpad(to_hex(:n::bigint), 32, '0')::uuid FOR NO KEY UPDATE;
SELECT l.id, l.product_id, l.variant_id, coalesce(i.name, p.name), l.quantity, pp.amount, pp.discounted_amount FROM session_lines l JOIN offer_items i ON i.checkout_id = l.checkout_id AND i.id = l.offer_item_id JOIN products p ON p.checkout_id = l.checkout_id AND p.id = l.product_id LEFT JOIN product_prices pp ON pp.checkout_id = l.checkout_id AND pp.product_id = l.product_id AND pp.currency = 'EUR' WHERE l.checkout_id = :checkout AND l.session_id = lpad(to_hex(:n::bigint), 32, '0')::uuid;
SELECT c.code, c.type, c.percentage, c.active, c.valid_from, c.expires_at, c.max_per_customer FROM discount_codes c WHERE c.checkout_id = :checkout AND c.id = :code;
UPDATE checkout_sessions SET discount_code = 'HOT', updated_at = now() WHERE checkout_id = :checkout AND id = lpad(to_hex(:n::bigint), 32, '0')::uuid;
INSERT INTO discount_holds (checkout_id, id, discount_code_id, session_id, test_mode, state, phase, expires_at, renewable_until, counted, created_at, updated_at) VALUES (:checkout, gen_random_uuid(), :code, lpad(to_hex(:n::bigint), 32, '0')::uuid, true, 'held', 'basket', now() + interval '5 minutes', now() + interval '1 hour', true, now(), now());
UPDATE discount_counters SET held = held + 1 WHERE checkout_id = :checkout AND discount_code_id = :code AND test_mode AND held + redeemed < usage_limit;
COMMIT;
