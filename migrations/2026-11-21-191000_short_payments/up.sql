-- What of a line was let go when staff took less money than its order's total: it was never paid, so it never goes back.
ALTER TABLE order_lines
    ADD COLUMN unpaid_amount bigint NOT NULL DEFAULT 0;
-- What is kept of older revisions has this column too, so that it can be made the order again.
UPDATE order_revisions SET line_rows = (SELECT jsonb_agg(l || '{"unpaid_amount": 0}') FROM jsonb_array_elements(line_rows) l);

-- Orders that were taken short before: what is missing stands on their lines from here on, as far as it has not gone back already.
WITH short AS (
    SELECT o.checkout_id, o.id, o.total - sum(p.allocated_amount) AS missing
    FROM orders o JOIN payments p ON p.checkout_id = o.checkout_id AND p.order_id = o.id
    WHERE o.paid_at IS NOT NULL
    GROUP BY o.checkout_id, o.id, o.total HAVING sum(p.allocated_amount) < o.total
), room AS (
    SELECT l.checkout_id, l.id, s.missing, l.total - l.refunded_amount - l.held_amount AS free,
        sum(l.total - l.refunded_amount - l.held_amount) OVER (PARTITION BY l.checkout_id, l.order_id ORDER BY l.position
            ROWS UNBOUNDED PRECEDING) AS with_this
    FROM order_lines l JOIN short s ON s.checkout_id = l.checkout_id AND s.id = l.order_id
)
UPDATE order_lines l SET unpaid_amount = greatest(0, least(r.free, r.missing - (r.with_this - r.free)))
FROM room r WHERE r.checkout_id = l.checkout_id AND r.id = l.id;

ALTER TABLE order_lines ADD CONSTRAINT order_lines_unpaid_check
    CHECK (unpaid_amount >= 0 AND refunded_amount + held_amount + unpaid_amount <= total) NOT VALID;
ALTER TABLE order_lines VALIDATE CONSTRAINT order_lines_unpaid_check;

-- No payment gives back more than came. Not validated: a row that broke it before cannot be mended by a migration (money has moved),
-- and must not hold one up; `kassa check` names it, and nothing makes it worse.
ALTER TABLE payments ADD CONSTRAINT payments_refund_check CHECK (refunded_amount BETWEEN 0 AND allocated_amount
    AND refunded_unallocated BETWEEN 0 AND coalesce(received_amount, 0) - allocated_amount) NOT VALID;

-- Whether an attempt is known to have failed only because its provider was asked: its own news of that failure may still come.
ALTER TABLE payments ADD COLUMN failure_untold boolean NOT NULL DEFAULT false;
