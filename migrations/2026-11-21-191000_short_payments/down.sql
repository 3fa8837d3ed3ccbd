ALTER TABLE payments DROP COLUMN failure_untold;
ALTER TABLE payments DROP CONSTRAINT payments_refund_check;
ALTER TABLE order_lines DROP CONSTRAINT order_lines_unpaid_check;
ALTER TABLE order_lines DROP COLUMN unpaid_amount;
