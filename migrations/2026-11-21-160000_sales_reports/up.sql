-- Refunds count on the day they took effect.
CREATE INDEX refunds_by_effect ON refunds (checkout_id, test_mode, effective_at) WHERE effective_at IS NOT NULL;
