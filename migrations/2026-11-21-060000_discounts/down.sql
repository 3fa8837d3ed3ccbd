DROP TABLE discount_customers;
DROP TABLE discount_holds;
DROP TABLE discount_counters;
DROP TABLE discount_products;
DROP TABLE discount_amounts;
DROP TABLE discount_codes;
