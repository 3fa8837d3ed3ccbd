DROP TABLE price_history;
DROP TABLE add_on_prices;
DROP TABLE offer_item_prices;
DROP TABLE variant_prices;
ALTER TABLE product_prices DROP COLUMN lowest_amount_30_days;
DROP TABLE offer_add_ons;
DROP TABLE add_ons;
ALTER TABLE offer_items
    DROP COLUMN description,
    DROP COLUMN variant_ids,
    DROP COLUMN optional,
    DROP COLUMN selected,
    DROP COLUMN removed_at;
ALTER TABLE offers
    DROP COLUMN image_urls,
    DROP COLUMN translations;
ALTER TABLE variants DROP COLUMN description;
ALTER TABLE products
    DROP COLUMN image_urls,
    DROP COLUMN translations,
    DROP COLUMN place_country,
    DROP COLUMN employee_benefits,
    DROP COLUMN license,
    DROP CONSTRAINT products_vat_type_check,
    ADD CONSTRAINT products_vat_type_check CHECK (vat_type IN ('commercial_education', 'digital_service'));
