ALTER TABLE payments DROP COLUMN answered_at;
