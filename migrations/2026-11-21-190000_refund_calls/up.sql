-- When a provider was first called for a refund, committed before the call and taken back only when the call certainly did not arrive:
-- what is marked may have been made there, and is never asked for again without asking about it first.
ALTER TABLE refunds ADD COLUMN called_at timestamptz;
-- Of what is open nobody knows any more whether it was called for: then it was.
UPDATE refunds r SET called_at = r.created_at FROM payments p
WHERE p.checkout_id = r.checkout_id AND p.id = r.payment_id AND p.provider IN ('stripe', 'paytrail') AND r.status IN ('pending', 'unknown');
-- What nobody looked at any more is looked at again: it was never told to a person.
UPDATE refunds SET next_attempt_at = now() WHERE status = 'pending' AND next_attempt_at IS NULL;

-- Whether the reason stays until a person has seen to it: what made it true is not undone by anything that happens here.
ALTER TABLE order_attention ADD COLUMN stays boolean NOT NULL DEFAULT false;
UPDATE order_attention a SET stays = true WHERE a.code = 'refund_unknown' AND NOT EXISTS (
    SELECT 1 FROM refunds r WHERE r.checkout_id = a.checkout_id AND r.order_id = a.order_id AND r.status = 'unknown');
