DROP TABLE idempotency_keys, jobs, deliveries, webhook_endpoints, events, event_counters, action_runs, actions, payments,
    order_lines, orders, order_counters, customers, session_lines, checkout_sessions, checkout_links, offer_items, offers,
    product_prices, variants, products, api_keys, checkout_members, checkout_slugs, checkouts, organization_members, users,
    organizations;
DROP FUNCTION kassa_now(bigint);
