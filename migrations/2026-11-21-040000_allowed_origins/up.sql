-- Which web pages may call a checkout's storefront routes. `*` stands for every page.
ALTER TABLE checkouts ADD COLUMN allowed_origins text[] NOT NULL DEFAULT '{*}';
