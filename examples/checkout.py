#!/usr/bin/env python3
"""The buyer's checkout, as a page would run it: a code with few uses and two buyers, an order bump, an upgrade, confirming, going back,
paying, and an order that costs nothing.

Run it against a development server (`cargo run`):  python3 examples/checkout.py [http://127.0.0.1:8080]
Needs nothing but Python. Every step prints its request; a step that does not answer as expected ends it.
"""

import json
import secrets
import sys
import urllib.error
import urllib.request

BASE = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"


def call(method, path, body=None, token=None, expect=200):
    request = urllib.request.Request(BASE + path, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request) as response:
            status, text = response.status, response.read()
    except urllib.error.HTTPError as refusal:
        status, text = refusal.code, refusal.read()
    answer = json.loads(text) if text else {}
    shown = path if len(path) <= 70 else f"{path[:30]}…{path[-39:]}"
    print(f"{method:6} {shown:70} {status} {answer.get('code', '')}")
    if status != expect:
        sys.exit(f"expected {expect}: {answer}")
    return answer


def check(told, true):
    if not true:
        sys.exit(f"not so: {told}")


# A shop: examples/organization.py and examples/catalog.py explain these. Its link is a test link.
email, password = f"owner-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(12)
call("POST", "/v1/auth/register", {"name": "Aino", "email": email, "password": password}, expect=201)
owner = call("POST", "/v1/auth/login", {"email": email, "password": password})["access_token"]
organization = call("POST", "/v1/organizations", {"name": "Leipomo Oy", "address": {"country": "FI"}, "tax": {"vat_registered": True}}, owner, expect=201)
checkout = call("POST", "/v1/checkouts", {"organization_id": organization["id"], "name": "Leipomo"}, owner, expect=201)
shop = f"/v1/checkouts/{checkout['id']}"


def product(name, cents):
    body = {"name": name, "type": "online_course", "vat_type": "commercial_education", "prices": [{"currency": "EUR", "amount": cents}]}
    return call("POST", f"{shop}/products", body, owner, expect=201)


course, better, book = product("Course", 3900), product("Course with a teacher", 7900), product("Book", 1005)
bump = call("POST", f"{shop}/add-ons", {"kind": "add", "name": "The book", "variant_id": book["variants"][0]["id"]}, owner, expect=201)
upgrade = {"kind": "upgrade", "name": "With a teacher", "variant_id": better["variants"][0]["id"], "replaces_product_id": course["id"]}
upgrade = call("POST", f"{shop}/add-ons", upgrade, owner, expect=201)
offer = {
    "name": "Course",
    "title": "Learn to bake",
    "items": [{"product_id": course["id"]}],
    "add_ons": [{"add_on_id": bump["id"], "position": "order_bump", "sort": 1}, {"add_on_id": upgrade["id"], "position": "pre_upsell", "sort": 1}],
}
offer = call("POST", f"{shop}/offers", offer, owner, expect=201)
call("POST", f"{shop}/checkout-links", {"name": "Course", "offer_id": offer["id"], "slug": "course", "test_mode": True}, owner, expect=201)
spring = {"code": "SPRING", "type": "percentage", "percentage": "10", "usage_limit": 1, "product_ids": [course["id"], book["id"]]}
spring = call("POST", f"{shop}/discount-codes", spring, owner, expect=201)
call("POST", f"{shop}/discount-codes", {"code": "GIFT", "type": "percentage", "percentage": "100"}, owner, expect=201)

# What a basket would cost, with no session and no hold.
quote = {"checkout": checkout["slug"], "link": "course", "country": "FI", "discount_code": "spring"}
quote = call("POST", "/v1/storefront/quotes", quote)
check("the quote has the code", quote["total"] == 3510)


class Buyer:
    """A page: one session and its secret."""

    def __init__(self, email):
        body = {"checkout": checkout["slug"], "link": "course", "customer": {"email": email, "country": "FI"}}
        opened = call("POST", "/v1/storefront/sessions", body, expect=201)
        self.secret = opened["client_secret"]
        self.path = f"/v1/storefront/sessions/{opened['session']['id']}"

    def call(self, method, rest="", body=None, expect=200):
        return call(method, self.path + rest, body, self.secret, expect)

    def confirm(self, session, provider="test"):
        body = {"expected_total": session["totals"]["total"], "provider": provider, "consents": {"terms": True, "privacy": True}}
        return self.call("POST", "/confirm", body)


first, second = Buyer("first@example.com"), Buyer("second@example.com")

# The one use there is belongs to who was first, from the moment the code is typed; the other is told why not.
held = first.call("PUT", "/discount", {"code": "spring"})
print("       held until", held["discount"]["expires_at"], "- renew every", held["discount"]["renew_after_seconds"], "seconds")
refused = second.call("PUT", "/discount", {"code": "SPRING"}, expect=422)
check("the reason", refused["reason"] == "usage_limit_reached")
first.call("POST", "/heartbeat", expect=204)

# The book is taken with it. The upgrade replaces the course: the code is for the book alone now.
first.call("PUT", f"/add-ons/{bump['id']}", {"quantity": 1})
upgraded = first.call("PUT", f"/add-ons/{upgrade['id']}", {})
check("the discount of the book", upgraded["totals"]["discount_total"] == 101)
first.call("DELETE", f"/add-ons/{bump['id']}", expect=204)
left = first.call("GET")
print("      ", left["messages"][0]["detail"])
check("the code was given back", left["discount"] is None)
first.call("DELETE", f"/add-ons/{upgrade['id']}", expect=204)
session = first.call("PUT", "/discount", {"code": "SPRING"})

# Confirmed: the order is made, and the use waits for the money. Back to the basket and forward again is the same order.
order = first.confirm(session)["order"]
first.call("POST", "/resume")
session = first.call("PUT", f"/add-ons/{bump['id']}", {"quantity": 1})
again = first.confirm(session)["order"]
check("one order, its second revision", again["id"] == order["id"] and again["revision"] == 2)
paid = first.call("POST", "/test-payment", {"outcome": "succeeded"})["order"]
print("      ", paid["total_formatted"], "paid, with", paid["discount"]["code"])
counted = call("GET", f"{shop}/discount-codes/{spring['id']}?test_mode=true", token=owner)
check("redeemed once", (counted["redeemed"], counted["held"], counted["remaining"]) == (1, 0, 0))

# Nothing to pay: the free path.
free = second.call("PUT", "/discount", {"code": "gift"})
check("nothing to pay", free["totals"]["total"] == 0)
done = second.confirm(free, provider="free")["order"]
check("paid at once", done["payment_status"] == "paid")
print("both have bought")
