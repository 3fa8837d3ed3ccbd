-- Lines with the newer reasons stay as they are: NOT VALID checks what is written from here on.
ALTER TABLE order_lines DROP CONSTRAINT order_lines_tax_reason_check;
ALTER TABLE order_lines ADD CONSTRAINT order_lines_tax_reason_check
    CHECK (tax_reason IN ('seller_not_registered', 'outside_scope')) NOT VALID;
