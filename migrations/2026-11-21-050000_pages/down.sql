DROP TABLE checkout_pages;
