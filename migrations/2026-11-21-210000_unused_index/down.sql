CREATE INDEX orders_by_discount_code ON orders (checkout_id, discount_code_id, id);
