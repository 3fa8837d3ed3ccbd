-- Which pages may call the storefront routes of a checkout from a browser. `*`: any.
ALTER TABLE checkouts ADD COLUMN allowed_origins text[] NOT NULL DEFAULT '{*}';
