-- When its provider last said how an attempt stands: an unpaid order is not deleted on the silence of somebody who was never reached.
ALTER TABLE payments ADD COLUMN answered_at timestamptz;
