DROP INDEX refunds_by_effect;
