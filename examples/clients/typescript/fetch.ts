// The whole job with openapi-typescript and openapi-fetch: types only, no generated code at run time.
import createClient from "openapi-fetch";
import { check, demo, slug } from "./demo.js";
import type { paths } from "./generated/schema";

const api = createClient<paths>({ baseUrl: demo.url });

const login = await api.POST("/v1/auth/login", { body: { email: demo.email, password: demo.password } });
check(login.data, "signing in");
const headers = { Authorization: `Bearer ${login.data.access_token}` };

const organization = await api.POST("/v1/organizations", { headers, body: { name: "Bread & Co" } });
check(organization.data, "an organization");
const shopSlug = slug("bread");
const shop = await api.POST("/v1/checkouts", {
  headers,
  body: { organization_id: organization.data.id, name: "Bread", slug: shopSlug, country: "FI", default_currency: "EUR" },
});
check(shop.data, JSON.stringify(shop.error));
const params = { path: { checkout_id: shop.data.id } };
const product = await api.POST("/v1/checkouts/{checkout_id}/products", {
  headers, params,
  body: { name: "Rye", type: "online_course", vat_type: "commercial_education", prices: [{ currency: "EUR", amount: 4900 }], variants: [{ name: "Online" }] },
});
check(product.data, JSON.stringify(product.error));
const offer = await api.POST("/v1/checkouts/{checkout_id}/offers", {
  headers, params, body: { name: "Rye", title: "Baking rye", items: [{ product_id: product.data.id }] },
});
check(offer.data, JSON.stringify(offer.error));
const link = await api.POST("/v1/checkouts/{checkout_id}/checkout-links", {
  headers, params, body: { name: "Rye", slug: "rye", offer_id: offer.data.id, test_mode: true },
});
check(link.data, JSON.stringify(link.error));

const opened = await api.POST("/v1/storefront/sessions", { body: { checkout: shopSlug, link: "rye", locale: "fi" } });
check(opened.data, JSON.stringify(opened.error));
const buyer = { headers: { Authorization: `Bearer ${opened.data.client_secret}` }, params: { path: { session_id: opened.data.session.id } } };
const session = await api.PATCH("/v1/storefront/sessions/{session_id}", { ...buyer, body: { customer: { email: "aino@example.com", country: "FI" } } });
check(session.data, JSON.stringify(session.error));

// A refusal is typed: the code is what a program looks at.
const refused = await api.POST("/v1/storefront/sessions/{session_id}/confirm", {
  ...buyer, body: { expected_total: 1, provider: "test", consents: { terms: true, privacy: true, immediate_delivery: true } },
});
check(refused.error && refused.error.code === "quote-changed", "a wrong total is a quote that changed");

const confirmed = await api.POST("/v1/storefront/sessions/{session_id}/confirm", {
  ...buyer, body: { expected_total: session.data.totals.total, provider: "test", consents: { terms: true, privacy: true, immediate_delivery: true } },
});
check(confirmed.data, JSON.stringify(confirmed.error));
const paid = await api.POST("/v1/storefront/sessions/{session_id}/test-payment", { ...buyer, body: { outcome: "succeeded" } });
check(paid.data?.payment.status === "succeeded", "the payment succeeded");
const order = await api.GET("/v1/checkouts/{checkout_id}/orders/{order_id}", {
  headers, params: { path: { checkout_id: shop.data.id, order_id: confirmed.data.order.id } },
});
check(order.data && ["paid", "completed"].includes(order.data.status), "the order is paid");
console.log(`openapi-fetch: order ${order.data.number}, ${order.data.total_formatted}, ${order.data.status}`);
