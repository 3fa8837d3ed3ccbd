-- Each query returns no row when all is well; the first column is the invariant's name, the second says which row breaks it.
-- Run after every integration test and by `kassa check`.

-- M1: the lines of an order add up to its totals.
SELECT 'M1 order totals are the sums of its lines' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o JOIN order_lines l ON l.checkout_id = o.checkout_id AND l.order_id = o.id
GROUP BY o.checkout_id, o.id, o.subtotal, o.discount_total, o.tax, o.total
HAVING sum(l.subtotal) <> o.subtotal OR sum(l.discount) <> o.discount_total OR sum(l.tax) <> o.tax OR sum(l.total) <> o.total;

SELECT 'M1b every order has lines' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.checkout_id = o.checkout_id AND l.order_id = o.id);

SELECT 'M1c a line is worth what its parts say' AS invariant, l.checkout_id || '/' || l.id AS row
FROM order_lines l JOIN orders o ON o.checkout_id = l.checkout_id AND o.id = l.order_id
WHERE l.total <> l.subtotal - l.discount + CASE WHEN o.prices_include_tax THEN 0 ELSE l.tax END;

-- M2: money is allocated to an order exactly when it is paid: its total, less what a person let go of it.
SELECT 'M2 a paid order has its total allocated, less what was let go' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o LEFT JOIN payments p ON p.checkout_id = o.checkout_id AND p.order_id = o.id
GROUP BY o.checkout_id, o.id, o.total, o.paid_at
HAVING (o.paid_at IS NOT NULL AND bool_or(p.status = 'succeeded') IS NOT TRUE)
    OR coalesce(sum(p.allocated_amount), 0) <> CASE WHEN o.paid_at IS NULL THEN 0 ELSE o.total - (
        SELECT sum(l.unpaid_amount) FROM order_lines l WHERE l.checkout_id = o.checkout_id AND l.order_id = o.id) END;

SELECT 'M2b only a paid order was let off something, and never all of it' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o JOIN order_lines l ON l.checkout_id = o.checkout_id AND l.order_id = o.id
GROUP BY o.checkout_id, o.id, o.total, o.paid_at
HAVING sum(l.unpaid_amount) > 0 AND (o.paid_at IS NULL OR sum(l.unpaid_amount) >= o.total);

-- M6: one currency per order.
SELECT 'M6 payments are in the currency of their order' AS invariant, p.checkout_id || '/' || p.id AS row
FROM payments p JOIN orders o ON o.checkout_id = p.checkout_id AND o.id = p.order_id WHERE p.currency <> o.currency;

-- S: states agree with each other.
SELECT 'S1 a confirmed session and its order know each other' AS invariant, s.checkout_id || '/' || s.id AS row
FROM checkout_sessions s LEFT JOIN orders o ON o.checkout_id = s.checkout_id AND o.id = s.order_id
WHERE s.order_id IS NOT NULL AND o.session_id IS DISTINCT FROM s.id;

SELECT 'S2 an order belongs to a session that was confirmed' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o JOIN checkout_sessions s ON s.checkout_id = o.checkout_id AND s.id = o.session_id
WHERE s.order_id IS DISTINCT FROM o.id;

SELECT 'S3 payment status pending means an attempt is at its provider' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE o.status = 'not_paid' AND (o.payment_status = 'pending') <> EXISTS (
    SELECT 1 FROM payments p WHERE p.checkout_id = o.checkout_id AND p.order_id = o.id AND p.status = 'pending');

SELECT 'S4 an order whose actions are all done is completed' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE o.status = 'paid' AND NOT EXISTS (
    SELECT 1 FROM action_runs r WHERE r.checkout_id = o.checkout_id AND r.order_id = o.id AND r.status <> 'succeeded');

SELECT 'S5 the delivery of an order is that of its lines' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o JOIN order_lines l ON l.checkout_id = o.checkout_id AND l.order_id = o.id
GROUP BY o.checkout_id, o.id, o.fulfillment_status
HAVING (o.fulfillment_status = 'delivered') <> bool_and(l.fulfillment_status = 'delivered');

-- A: what is to be done has someone to do it.
SELECT 'A1 a queued or running action has a job' AS invariant, r.checkout_id || '/' || r.id AS row
FROM action_runs r WHERE r.status IN ('queued', 'running') AND NOT EXISTS (
    SELECT 1 FROM jobs j WHERE j.checkout_id = r.checkout_id AND j.kind IN ('run_action', 'call_service') AND j.object_id = r.id);

SELECT 'A2 the actions of an unpaid order wait' AS invariant, r.checkout_id || '/' || r.id AS row
FROM action_runs r JOIN orders o ON o.checkout_id = r.checkout_id AND o.id = r.order_id
-- Those of another revision than the one that was paid wait for ever.
WHERE CASE WHEN r.revision = o.revision THEN (o.status = 'not_paid') <> (r.status = 'frozen')
    ELSE r.status NOT IN ('frozen', 'cancelled') END;

-- L: licenses.
SELECT 'L1 a key that was given is the license of the line it was given to' AS invariant, k.checkout_id || '/' || k.id AS row
FROM license_keys k LEFT JOIN licenses l ON l.checkout_id = k.checkout_id AND l.key_id = k.id
WHERE (k.taken_at IS NOT NULL AND l.id IS NULL) OR (l.id IS NOT NULL AND l.order_line_id IS DISTINCT FROM k.order_line_id);

SELECT 'L2 an order whose license waits is raised for it' AS invariant, r.checkout_id || '/' || r.id AS row
FROM action_runs r WHERE r.status = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM order_attention a WHERE a.checkout_id = r.checkout_id AND a.order_id = r.order_id
        AND a.code = CASE r.waiting_for WHEN 'license_keys' THEN 'license_pool_empty' ELSE 'manual_delivery_due' END);

SELECT 'L3 a product says what its license action says' AS invariant, p.checkout_id || '/' || p.id AS row
FROM products p LEFT JOIN actions a ON a.checkout_id = p.checkout_id AND a.owner_id = p.id AND a.type = 'license' AND a.archived_at IS NULL
WHERE p.license IS DISTINCT FROM a.config;

SELECT 'L4 a line that is delivered was waited for by none of its actions' AS invariant, l.checkout_id || '/' || l.id AS row
FROM order_lines l WHERE l.fulfillment_status = 'delivered' AND EXISTS (
    SELECT 1 FROM action_runs r WHERE r.checkout_id = l.checkout_id AND r.order_line_id = l.id AND r.revokes IS NULL
        AND r.status IN ('frozen', 'queued', 'running', 'waiting') AND r.attempts = 0
        AND r.revision = (SELECT o.revision FROM orders o WHERE o.checkout_id = l.checkout_id AND o.id = l.order_id));

SELECT 'L5 a line whose own actions are all done is delivered' AS invariant, l.checkout_id || '/' || l.id AS row
FROM order_lines l JOIN orders o ON o.checkout_id = l.checkout_id AND o.id = l.order_id
WHERE o.paid_at IS NOT NULL AND l.fulfillment_status = 'not_delivered' AND NOT EXISTS (
    SELECT 1 FROM action_runs r WHERE r.checkout_id = l.checkout_id AND r.order_line_id = l.id AND r.revokes IS NULL
        AND r.status <> 'succeeded' AND r.revision = o.revision);

SELECT 'A3 an attempt that was not started has a job' AS invariant, p.checkout_id || '/' || p.id AS row
FROM payments p WHERE p.status = 'created' AND NOT EXISTS (
    SELECT 1 FROM jobs j WHERE j.checkout_id = p.checkout_id AND j.kind = 'start_payment' AND j.object_id = p.id);

SELECT 'A4 a request for the way back to an order has a job' AS invariant, r.checkout_id || '/' || r.id AS row
FROM order_access_requests r WHERE NOT EXISTS (
    SELECT 1 FROM jobs j WHERE j.checkout_id = r.checkout_id AND j.kind = 'mail_order_access' AND j.object_id = r.id);

-- X: a deleted order holds nothing and says nothing of its buyer.
SELECT 'X1 nothing waits for the money of a deleted order' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o JOIN checkout_sessions s ON s.checkout_id = o.checkout_id AND s.id = o.session_id
WHERE o.status = 'deleted' AND (o.payment_status <> 'unpaid' OR s.status <> 'expired'
    OR EXISTS (SELECT 1 FROM payments p WHERE p.checkout_id = o.checkout_id AND p.order_id = o.id AND p.status IN ('created', 'pending'))
    OR EXISTS (SELECT 1 FROM discount_holds h WHERE h.checkout_id = o.checkout_id AND h.session_id = s.id AND h.state = 'held'));

SELECT 'X2 a deleted order says nothing of its buyer' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o JOIN checkout_sessions s ON s.checkout_id = o.checkout_id AND s.id = o.session_id
WHERE o.status = 'deleted' AND (coalesce(o.email, o.first_name, o.last_name, o.vat_number, s.email, s.first_name, s.last_name, s.vat_number,
    s.postal_code) IS NOT NULL OR o.contact <> '{}' OR o.custom <> '{}' OR s.contact <> '{}' OR s.custom <> '{}');

SELECT 'X3 order.deleted is told once, when it is' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE (o.deleted_at IS NOT NULL)::int <> (SELECT count(*) FROM events e
    WHERE e.checkout_id = o.checkout_id AND e.object_id = o.id AND e.type = 'order.deleted');

-- E: every fact has been told.
SELECT 'E1 every order has its order.created' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE 1 <> (SELECT count(*) FROM events e
    WHERE e.checkout_id = o.checkout_id AND e.object_id = o.id AND e.type = 'order.created');

SELECT 'E2 payment.succeeded is told once, when the order is paid' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE (o.paid_at IS NOT NULL)::int <> (SELECT count(*) FROM events e
    WHERE e.checkout_id = o.checkout_id AND e.object_id = o.id AND e.type = 'payment.succeeded');

SELECT 'E3 order.completed is told once, when it is' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE (o.completed_at IS NOT NULL)::int <> (SELECT count(*) FROM events e
    WHERE e.checkout_id = o.checkout_id AND e.object_id = o.id AND e.type = 'order.completed');

SELECT 'E4 sequences have no gap' AS invariant, e.checkout_id::text AS row
FROM events e WHERE e.sequence IS NOT NULL GROUP BY e.checkout_id HAVING max(e.sequence) <> count(*);

SELECT 'E5 the counter is the last sequence' AS invariant, c.checkout_id::text AS row
FROM event_counters c WHERE c.last_sequence <> (SELECT coalesce(max(sequence), 0) FROM events e WHERE e.checkout_id = c.checkout_id);

-- W: what is to be delivered will be.
SELECT 'W1 of the open deliveries of an object one may pass' AS invariant, d.checkout_id || '/' || d.endpoint_id || '/' || d.object_id AS row
FROM deliveries d WHERE d.status = 'pending' AND NOT d.overtaken
GROUP BY d.checkout_id, d.endpoint_id, d.object_id HAVING bool_and(d.blocked);

SELECT 'W2 a queue with something to send is looked at again' AS invariant, q.checkout_id || '/' || q.endpoint_id AS row
FROM webhook_queues q WHERE NOT q.paused AND q.due_at IS NULL AND EXISTS (
    SELECT 1 FROM deliveries d WHERE d.checkout_id = q.checkout_id AND d.endpoint_id = q.endpoint_id AND d.status = 'pending'
        AND NOT d.blocked);

SELECT 'W3 the counts of a queue are those of its deliveries' AS invariant, q.checkout_id || '/' || q.endpoint_id AS row
FROM webhook_queues q LEFT JOIN deliveries d ON d.checkout_id = q.checkout_id AND d.endpoint_id = q.endpoint_id
GROUP BY q.checkout_id, q.endpoint_id
HAVING q.pending <> count(*) FILTER (WHERE d.status = 'pending') OR q.succeeded <> count(*) FILTER (WHERE d.status = 'succeeded')
    OR q.failed <> count(*) FILTER (WHERE d.status = 'failed');

SELECT 'W4 an endpoint and its queue agree on whether it receives' AS invariant, w.checkout_id || '/' || w.id AS row
FROM webhook_endpoints w LEFT JOIN webhook_queues q ON q.checkout_id = w.checkout_id AND q.endpoint_id = w.id
-- The queue of a deleted endpoint goes with what was in it.
WHERE q.paused IS DISTINCT FROM NOT w.active AND (q.endpoint_id IS NOT NULL OR w.deleted_at IS NULL);

-- V: VAT numbers.
SELECT 'V1 who accounts for the tax has said so by a number' AS invariant, l.checkout_id || '/' || l.id AS row
FROM order_lines l JOIN orders o ON o.checkout_id = l.checkout_id AND o.id = l.order_id
WHERE l.tax_reason = 'reverse_charge' AND o.status <> 'deleted' AND (o.vat_number IS NULL OR o.vat_number_status = 'invalid');

SELECT 'V2 a number that nobody answered about yet is being asked about, or may be again' AS invariant, c.checkout_id || '/' || c.id AS row
FROM vat_checks c WHERE c.state = 'unverified' AND c.next_attempt_at > c.updated_at + interval '1 day' AND NOT EXISTS (
    SELECT 1 FROM jobs j WHERE j.checkout_id = c.checkout_id AND j.kind = 'check_vat_number' AND j.object_id = c.id);

-- O: numbers of orders are drawn from their counter.
SELECT 'O1 no order has a number that was not drawn' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o LEFT JOIN order_counters c ON c.checkout_id = o.checkout_id AND c.test_mode = o.test_mode
WHERE c.last_number IS NULL OR o.number > c.last_number;

-- D: the counters of limited codes are what their uses say.
SELECT 'D1 a discount counter is the count of its uses' AS invariant, n.checkout_id || '/' || n.discount_code_id || '/' || n.test_mode AS row
FROM discount_counters n
LEFT JOIN discount_holds h ON h.checkout_id = n.checkout_id AND h.discount_code_id = n.discount_code_id AND h.test_mode = n.test_mode
WHERE n.usage_limit IS NOT NULL
GROUP BY n.checkout_id, n.discount_code_id, n.test_mode, n.held, n.redeemed
HAVING n.held <> count(*) FILTER (WHERE h.state = 'held') OR n.redeemed <> count(*) FILTER (WHERE h.state = 'redeemed');

SELECT 'D2 a use beyond the limit is redeemed' AS invariant, h.checkout_id || '/' || h.id AS row
FROM discount_holds h WHERE h.over_limit AND h.state <> 'redeemed';

-- P: a price and its history say the same.
SELECT 'P1 every price is the last of its history' AS invariant, x.checkout_id || '/' || x.owner_id || '/' || x.currency AS row
FROM (
    SELECT checkout_id, product_id AS owner_id, '00000000-0000-0000-0000-000000000000'::uuid AS variant_key, currency, amount, discounted_amount
    FROM product_prices
    UNION ALL SELECT checkout_id, variant_id, '00000000-0000-0000-0000-000000000000', currency, amount, discounted_amount FROM variant_prices
    UNION ALL SELECT checkout_id, offer_item_id, variant_key, currency, amount, discounted_amount FROM offer_item_prices
    UNION ALL SELECT checkout_id, add_on_id, '00000000-0000-0000-0000-000000000000', currency, amount, discounted_amount FROM add_on_prices
) x
LEFT JOIN LATERAL (
    SELECT h.amount, h.discounted_amount FROM price_history h
    WHERE h.checkout_id = x.checkout_id AND h.owner_id = x.owner_id AND h.variant_key = x.variant_key AND h.currency = x.currency
    ORDER BY h.valid_from DESC LIMIT 1
) last ON true
WHERE (last.amount, last.discounted_amount) IS DISTINCT FROM (x.amount, x.discounted_amount);

SELECT 'P2 every product has a variant in use' AS invariant, p.checkout_id || '/' || p.id AS row
FROM products p WHERE NOT EXISTS (
    SELECT 1 FROM variants v WHERE v.checkout_id = p.checkout_id AND v.product_id = p.id AND v.status = 'active');

-- L: a limit of orders is what was counted, and what was counted was made.
SELECT 'L1 a link has made no more orders than it has counted' AS invariant, n.checkout_id || '/' || n.link_id AS row
FROM link_counters n JOIN orders o ON o.checkout_id = n.checkout_id AND o.link_id = n.link_id AND o.status <> 'deleted'
GROUP BY n.checkout_id, n.link_id, n.orders HAVING count(*) > n.orders;

SELECT 'L2 every link has its counter' AS invariant, l.checkout_id || '/' || l.id AS row
FROM checkout_links l WHERE NOT EXISTS (
    SELECT 1 FROM link_counters n WHERE n.checkout_id = l.checkout_id AND n.link_id = l.id);

SELECT 'L3 every session of a link is counted' AS invariant, s.checkout_id || '/' || s.link_id AS row
FROM checkout_sessions s GROUP BY s.checkout_id, s.link_id
HAVING count(*) > coalesce((SELECT sum(c.sessions) FROM link_session_counters c
    WHERE c.checkout_id = s.checkout_id AND c.link_id = s.link_id), 0);

-- Q: what a person should look at.
SELECT 'Q1 the flag says what the reasons say' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE o.requires_attention <> EXISTS (SELECT 1 FROM order_attention a
    WHERE a.checkout_id = o.checkout_id AND a.order_id = o.id AND a.acknowledged_at IS NULL);

SELECT 'Q2 only an order that is paid and not completed has actions to wait for' AS invariant, o.checkout_id || '/' || o.id AS row
FROM order_attention a JOIN orders o ON o.checkout_id = a.checkout_id AND o.id = a.order_id
WHERE a.code = 'actions_incomplete' AND o.status <> 'paid';

-- R: receipts.
SELECT 'R1 only what was paid has a receipt' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE o.receipt_number IS NOT NULL AND o.paid_at IS NULL;

SELECT 'R2 the numbers of receipts have no gap' AS invariant, c.checkout_id || '/' || c.test_mode || '/' || c.year AS row
FROM receipt_counters c LEFT JOIN orders o
    ON o.checkout_id = c.checkout_id AND o.test_mode = c.test_mode AND o.receipt_year = c.year
GROUP BY c.checkout_id, c.test_mode, c.year, c.last_number
HAVING count(o.receipt_number) <> c.last_number OR coalesce(max(o.receipt_number), 0) <> c.last_number;

-- F: refunds.
SELECT 'F1 what went back of a line is what its refunds say' AS invariant, l.checkout_id || '/' || l.id AS row
FROM order_lines l
LEFT JOIN refund_lines p ON p.checkout_id = l.checkout_id AND p.order_line_id = l.id
LEFT JOIN refunds r ON r.checkout_id = p.checkout_id AND r.id = p.refund_id
GROUP BY l.checkout_id, l.id, l.refunded_amount, l.refunded_tax, l.held_amount, l.held_tax
HAVING l.refunded_amount <> coalesce(sum(p.amount) FILTER (WHERE r.status IN ('succeeded', 'recorded')), 0)
    OR l.refunded_tax <> coalesce(sum(p.tax_amount) FILTER (WHERE r.status IN ('succeeded', 'recorded')), 0)
    OR l.held_amount <> coalesce(sum(p.amount) FILTER (WHERE r.status IN ('pending', 'unknown')), 0)
    OR l.held_tax <> coalesce(sum(p.tax_amount) FILTER (WHERE r.status IN ('pending', 'unknown')), 0);

SELECT 'F2 what went back of an order is what went back of its lines' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o JOIN order_lines l ON l.checkout_id = o.checkout_id AND l.order_id = o.id
GROUP BY o.checkout_id, o.id, o.refunded_amount HAVING sum(l.refunded_amount) <> o.refunded_amount;

SELECT 'F3 a refund is the sum of its lines' AS invariant, r.checkout_id || '/' || r.id AS row
FROM refunds r LEFT JOIN refund_lines p ON p.checkout_id = r.checkout_id AND p.refund_id = r.id
WHERE r.kind <> 'unallocated'
GROUP BY r.checkout_id, r.id, r.amount, r.tax_amount
HAVING coalesce(sum(p.amount), 0) <> r.amount OR coalesce(sum(p.tax_amount), 0) <> r.tax_amount;

SELECT 'F4 the payment status of a paid order says what went back' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE o.paid_at IS NOT NULL AND o.payment_status <> CASE WHEN o.refunded_amount = 0 THEN 'paid'
    WHEN o.refunded_amount = o.total - (SELECT sum(l.unpaid_amount) FROM order_lines l
        WHERE l.checkout_id = o.checkout_id AND l.order_id = o.id) THEN 'refunded' ELSE 'partially_refunded' END;

SELECT 'F5 no payment gives back more than came' AS invariant, p.checkout_id || '/' || p.id AS row
FROM payments p WHERE p.refunded_amount > p.allocated_amount
    OR p.refunded_unallocated > coalesce(p.received_amount, 0) - p.allocated_amount;

SELECT 'F6 what went back of a payment is what its refunds say' AS invariant, p.checkout_id || '/' || p.id AS row
FROM payments p LEFT JOIN refunds r ON r.checkout_id = p.checkout_id AND r.payment_id = p.id
GROUP BY p.checkout_id, p.id, p.refunded_amount
HAVING p.refunded_amount <> coalesce(sum(r.amount) FILTER (WHERE r.kind = 'order' AND r.status = 'succeeded'), 0);

SELECT 'F6b what went back of the money of no order is what its refunds say' AS invariant, p.checkout_id || '/' || p.id AS row
FROM payments p LEFT JOIN refunds r ON r.checkout_id = p.checkout_id AND r.payment_id = p.id
GROUP BY p.checkout_id, p.id, p.refunded_unallocated
HAVING p.refunded_unallocated <> coalesce(sum(r.amount) FILTER (WHERE r.kind = 'unallocated' AND r.status IN ('succeeded', 'recorded')), 0);

SELECT 'F7 an order is refunded only when all of its money went back' AS invariant, o.checkout_id || '/' || o.id AS row
FROM orders o WHERE o.status = 'refunded' AND o.refunded_amount <> o.total - (SELECT sum(l.unpaid_amount) FROM order_lines l
    WHERE l.checkout_id = o.checkout_id AND l.order_id = o.id);

SELECT 'F8 a refund that is on its way is looked at again' AS invariant, r.checkout_id || '/' || r.id AS row
FROM refunds r WHERE r.status = 'pending' AND r.next_attempt_at IS NULL;

SELECT 'F9 a refund that nobody knows of was told to a person' AS invariant, r.checkout_id || '/' || r.id AS row
FROM refunds r WHERE r.status = 'unknown' AND NOT EXISTS (SELECT 1 FROM order_attention a
    WHERE a.checkout_id = r.checkout_id AND a.order_id = r.order_id AND a.code = 'refund_unknown');
