#!/usr/bin/env python3
"""What a merchant sells: a product with variants and prices, an offer with an add-on, a permanent link, and a custom one with its preview.

Run it against a development server (`cargo run`):  python3 examples/catalog.py [http://127.0.0.1:8080]
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


def price(currency, amount, **more):
    return {"currency": currency, "amount": amount, **more}


# A shop: examples/organization.py explains these. Test links work before it is activated.
email, password = f"owner-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(12)
call("POST", "/v1/auth/register", {"name": "Aino", "email": email, "password": password}, expect=201)
owner = call("POST", "/v1/auth/login", {"email": email, "password": password})["access_token"]
organization = {"name": "Leipomo Oy", "address": {"country": "FI"}, "tax": {"vat_registered": True, "union_oss": True}}
organization = call("POST", "/v1/organizations", organization, owner, expect=201)
checkout = {"organization_id": organization["id"], "name": "Leipomo", "currencies": ["EUR", "SEK"]}
checkout = call("POST", "/v1/checkouts", checkout, owner, expect=201)
shop = f"/v1/checkouts/{checkout['id']}"

# A product with two variants: the second has a price of its own, and none in kronor but the product's.
course = {
    "name": "Sourdough",
    "type": "online_course",
    "vat_type": "commercial_education",
    "prices": [price("EUR", 4900), price("SEK", 54900)],
    "variants": [{"name": "Six weeks"}, {"name": "Twelve weeks", "prices": [price("EUR", 8900)]}],
}
course = call("POST", f"{shop}/products", course, owner, expect=201)
short, long = (variant["id"] for variant in course["variants"])
third = call("POST", f"{shop}/products/{course['id']}/variants", {"name": "A weekend"}, owner, expect=201)
book = {"name": "The book", "type": "e_book", "vat_type": "digital_book", "prices": [price("EUR", 1990)]}
book = call("POST", f"{shop}/products", book, owner, expect=201)

# An offer sells it; the book is an extra. What has no price in a currency is not sold in it, and the offer says so.
bump = {"kind": "add", "variant_id": book["variants"][0]["id"], "name": "And the book", "prices": [price("EUR", 990)]}
bump = call("POST", f"{shop}/add-ons", bump, owner, expect=201)
offer = {
    "name": "Autumn",
    "title": "Bake at home",
    "items": [{"product_id": course["id"], "quantity": {"default": 1, "min": 1, "max": 5}}],
    "add_ons": [{"add_on_id": bump["id"], "position": "order_bump", "sort": 0}],
}
offer = call("POST", f"{shop}/offers", offer, owner, expect=201)
print("       sold in all currencies but:", offer["missing_currencies"])
only = call("POST", f"{shop}/offers", {"name": "Book", "title": "The book", "items": [{"product_id": book["id"]}]}, owner, 201)
print("       and the book alone in all but:", only["missing_currencies"])
assert (offer["missing_currencies"], only["missing_currencies"]) == ([], ["SEK"])

# A reduction comes with the lowest price of the 30 days before it.
reduced = {"prices": [price("EUR", 4900, discounted_amount=3900), price("SEK", 54900)]}
shown = call("PATCH", f"{shop}/products/{course['id']}", reduced, owner)["prices"][0]
print("       reduced:", shown)
assert shown["lowest_amount_30_days"] == 4900

# A permanent link, and what a buyer sees by it.
link = {"name": "Newsletter", "slug": "autumn", "source": "newsletter", "offer_id": offer["id"], "test_mode": True}
call("POST", f"{shop}/checkout-links", link, owner, expect=201)
public = call("GET", f"/v1/storefront/checkouts/{checkout['slug']}/links/autumn")
for variant in public["items"][0]["variants"]:
    print("      ", variant["name"], {price["currency"]: price["unit_amount"] for price in variant["prices"]})

# A custom link: for one buyer, once, at a price of its own. The preview says what it comes to, in dollars too.
custom = {
    "name": "For Bo",
    "offer_id": offer["id"],
    "variant_id": long,
    "currency": "EUR",
    "custom_price": 6900,
    "max_orders": 1,
    "test_mode": True,
    "product_options": {"name": "Sourdough for Bo", "enabled_variants": [long]},
    "checkout_data": {
        "email": "bo@example.com",
        "name": "Bo Berg",
        "billing_address": {"country": "SE"},
        "custom": {"deal": 17},
        "variant_quantities": [{"variant_id": long, "quantity": 2}],
        "locked": ["email"],
    },
    "preview": True,
}
custom = call("POST", f"{shop}/checkout-links", custom, owner, expect=201)
for name, value in custom["preview"].items():
    print(f"       {name:26} {value}")
assert (custom["preview"]["total"], custom["preview"]["tax"]) == (13800, 2760), "two at 69.00, with 25 % of Sweden in it"

# Its address is signed: another one opens nothing. A session by it costs what was promised.
call("GET", f"/v1/storefront/links/{custom['token'][:-1]}", expect=403)
session = call("POST", "/v1/storefront/sessions", {"link_token": custom["token"]}, expect=201)
assert session["session"]["totals"]["total"] == custom["preview"]["total"]

# The buyer is a business: what is no VAT number is refused, and what is one is asked about in the background (not in development).
buyer, path = session["client_secret"], f"/v1/storefront/sessions/{session['session']['id']}"
call("PATCH", path, {"customer": {"vat_number": "SE123"}}, buyer, expect=422)
customer = call("PATCH", path, {"customer": {"vat_number": "SE 556677-8899 01"}}, buyer)["customer"]
print("      ", customer["vat_number"], customer["vat_number_status"])

# What orders refer to is put away, not erased.
call("DELETE", f"{shop}/products/{course['id']}/variants/{third['id']}", token=owner, expect=204)
call("DELETE", f"{shop}/checkout-links/{custom['id']}", token=owner, expect=204)
call("GET", f"/v1/storefront/links/{custom['token']}", expect=410)
call("POST", f"{shop}/checkout-links/{custom['id']}/restore", {}, owner)
