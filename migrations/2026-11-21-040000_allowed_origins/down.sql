ALTER TABLE checkouts DROP COLUMN allowed_origins;
