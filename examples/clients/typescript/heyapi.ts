// The whole job with @hey-api/openapi-ts: one function per operation.
import { check, demo, slug } from "./demo.js";
import { client } from "./generated/heyapi/client.gen";
import * as kassa from "./generated/heyapi";

client.setConfig({ baseUrl: demo.url });

const login = await kassa.login({ body: { email: demo.email, password: demo.password } });
check(login.data, "signing in");
const headers = { Authorization: `Bearer ${login.data.access_token}` };
const organization = await kassa.createOrganization({ headers, body: { name: "Rye & Co" } });
check(organization.data, JSON.stringify(organization.error));
const shopSlug = slug("rye");
const shop = await kassa.createCheckout({
  headers, body: { organization_id: organization.data.id, name: "Rye", slug: shopSlug, country: "FI", default_currency: "EUR" },
});
check(shop.data, JSON.stringify(shop.error));
const path = { checkout_id: shop.data.id };
const product = await kassa.createProduct({
  headers, path,
  body: { name: "Rye", type: "online_course", vat_type: "commercial_education", prices: [{ currency: "EUR", amount: 4900 }], variants: [{ name: "Online" }] },
});
check(product.data, JSON.stringify(product.error));
const offer = await kassa.createOffer({ headers, path, body: { name: "Rye", title: "Baking rye", items: [{ product_id: product.data.id }] } });
check(offer.data, JSON.stringify(offer.error));
const link = await kassa.createCheckoutLink({ headers, path, body: { name: "Rye", slug: "rye", offer_id: offer.data.id, test_mode: true } });
check(link.data, JSON.stringify(link.error));
const opened = await kassa.openSession({ body: { checkout: shopSlug, link: "rye" } });
check(opened.data, JSON.stringify(opened.error));
const buyer = { headers: { Authorization: `Bearer ${opened.data.client_secret}` }, path: { session_id: opened.data.session.id } };
const session = await kassa.updateSession({ ...buyer, body: { customer: { email: "aino@example.com", country: "FI" } } });
check(session.data, JSON.stringify(session.error));
const consents = { terms: true, privacy: true, immediate_delivery: true };
const refused = await kassa.confirmSession({ ...buyer, body: { expected_total: 1, provider: "test", consents } });
check(refused.error && refused.error.code === "quote-changed", "a wrong total is a quote that changed");
const confirmed = await kassa.confirmSession({ ...buyer, body: { expected_total: session.data.totals.total, provider: "test", consents } });
check(confirmed.data, JSON.stringify(confirmed.error));
const paid = await kassa.endTestPayment({ ...buyer, body: { outcome: "succeeded" } });
check(paid.data?.payment.status === "succeeded", "the payment succeeded");
const order = await kassa.getOrder({ headers, path: { checkout_id: shop.data.id, order_id: confirmed.data.order.id } });
check(order.data && ["paid", "completed"].includes(order.data.status), "the order is paid");
console.log(`hey-api: order ${order.data.number}, ${order.data.total_formatted}, ${order.data.status}`);
