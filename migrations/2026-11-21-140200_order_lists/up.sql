-- Lists of orders by whatever staff look for, receipts with numbers of their own, and notes.
ALTER TABLE orders
    ADD COLUMN note text,
    -- Given after payment, without gaps per checkout and year.
    ADD COLUMN receipt_year integer,
    ADD COLUMN receipt_number bigint,
    ADD CONSTRAINT orders_receipt_check CHECK ((receipt_year IS NULL) = (receipt_number IS NULL)),
    ADD CONSTRAINT orders_receipt_unique UNIQUE (checkout_id, test_mode, receipt_year, receipt_number);
-- Paid, and no number yet: what the worker looks at.
CREATE INDEX orders_without_receipt ON orders (paid_at) WHERE paid_at IS NOT NULL AND receipt_number IS NULL;

CREATE TABLE receipt_counters (
    checkout_id uuid NOT NULL REFERENCES checkouts (id),
    test_mode boolean NOT NULL,
    year integer NOT NULL,
    last_number bigint NOT NULL,
    PRIMARY KEY (checkout_id, test_mode, year)
) WITH (fillfactor = 50);

-- Each list is in the order of ids, so each index ends with the id: a page is one step into it, whatever the filter.
CREATE INDEX orders_by_email ON orders (checkout_id, test_mode, lower(email), id);
CREATE INDEX orders_by_first_name ON orders (checkout_id, test_mode, lower(first_name), id);
CREATE INDEX orders_by_last_name ON orders (checkout_id, test_mode, lower(last_name), id);
CREATE INDEX orders_by_status ON orders (checkout_id, test_mode, status, id);
CREATE INDEX orders_by_payment_status ON orders (checkout_id, test_mode, payment_status, id);
CREATE INDEX orders_by_fulfillment ON orders (checkout_id, test_mode, fulfillment_status, id);
CREATE INDEX orders_by_source ON orders (checkout_id, test_mode, source, id);
CREATE INDEX orders_by_code ON orders (checkout_id, test_mode, lower(discount_code), id) WHERE discount_code IS NOT NULL;
CREATE INDEX orders_by_link ON orders (checkout_id, test_mode, link_id, id);
CREATE INDEX orders_by_country ON orders (checkout_id, test_mode, country, id);
CREATE INDEX orders_by_currency ON orders (checkout_id, test_mode, currency, id);
CREATE INDEX orders_by_payment_time ON orders (checkout_id, test_mode, paid_at, id) WHERE paid_at IS NOT NULL;
CREATE INDEX payments_by_provider ON payments (checkout_id, test_mode, provider, order_id, id);

CREATE TABLE order_tags (
    checkout_id uuid NOT NULL,
    test_mode boolean NOT NULL,
    tag text NOT NULL,
    order_id uuid NOT NULL,
    PRIMARY KEY (checkout_id, test_mode, tag, order_id),
    FOREIGN KEY (checkout_id, order_id) REFERENCES orders (checkout_id, id)
);
CREATE INDEX order_tags_by_order ON order_tags (checkout_id, order_id);
INSERT INTO order_tags (checkout_id, test_mode, tag, order_id)
SELECT DISTINCT checkout_id, test_mode, unnest(tags), id FROM orders;

ALTER TABLE order_lines ADD COLUMN test_mode boolean;
UPDATE order_lines l SET test_mode = o.test_mode FROM orders o WHERE o.checkout_id = l.checkout_id AND o.id = l.order_id;
CREATE INDEX order_lines_by_product ON order_lines (checkout_id, test_mode, product_id, order_id, position);
