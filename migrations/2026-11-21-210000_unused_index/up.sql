-- No query asks for orders by the id of their code: lists ask by its text, and codes are put away, never deleted.
DROP INDEX orders_by_discount_code;
