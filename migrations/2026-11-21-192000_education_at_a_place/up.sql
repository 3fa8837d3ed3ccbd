-- What takes place somewhere is taxed there, for every buyer; taxed as education, an event or a service followed the buyer. Exempt
-- education is exempt in either place and stays as it is.
UPDATE products SET vat_type = 'service'
WHERE type IN ('event_ticket', 'service') AND vat_type = 'commercial_education';
