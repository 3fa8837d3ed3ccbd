-- Deliveries are forgotten some time after they ended, and at once when their endpoint is deleted. The events stay.

CREATE INDEX deliveries_ended ON deliveries (updated_at) WHERE status <> 'pending';
-- Disabled endpoints, and deleted ones until they have been swept: few of all.
CREATE INDEX webhook_queues_paused ON webhook_queues (checkout_id, endpoint_id) WHERE paused;
CREATE INDEX webhook_replays_finished ON webhook_replays (finished_at) WHERE finished_at IS NOT NULL;
