DROP INDEX webhook_replays_finished;
DROP INDEX webhook_queues_paused;
DROP INDEX deliveries_ended;
