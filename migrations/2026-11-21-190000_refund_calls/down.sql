ALTER TABLE order_attention DROP COLUMN stays;
ALTER TABLE refunds DROP COLUMN called_at;
