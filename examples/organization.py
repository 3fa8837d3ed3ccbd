#!/usr/bin/env python3
"""From nothing to a shop that may sell: an account, an organization, its activation, a checkout, and a key that can do less.

Run it against a development server (`cargo run`):  python3 examples/organization.py [http://127.0.0.1:8080]
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
    print(f"{method:6} {path:70} {status} {answer.get('code', '')}")
    if status != expect:
        sys.exit(f"expected {expect}: {answer}")
    return answer


# A person makes an account and signs in. The mail that proves the address is in data/mail.
email, password = f"owner-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(12)
call("POST", "/v1/auth/register", {"name": "Aino", "email": email, "password": password}, expect=201)
owner = call("POST", "/v1/auth/login", {"email": email, "password": password})["access_token"]

# An organization says what it lacks to sell.
organization = call(
    "POST", "/v1/organizations", {"name": "Leipomo Oy", "address": {"country": "FI"}}, owner, expect=201
)
print("       missing:", ", ".join(organization["activation"]["missing"]))
home = f"/v1/organizations/{organization['id']}"
checkout = call("POST", "/v1/checkouts", {"organization_id": organization["id"], "name": "Leipomo"}, owner, expect=201)
print("       accepting orders:", checkout["accepting_orders"], f"({checkout['closed_reason']})")

# Billing details and a card: from here on every checkout of it sells.
details = {
    "name": "Leipomo Oy",
    "email": "laskut@example.com",
    "street": "Katu 1",
    "city": "Turku",
    "postal_code": "20100",
    "country": "FI",
}
call("PUT", f"{home}/billing-details", details, owner)
call("PUT", f"{home}/payment-card", {"provider": "test", "token": "tok_visa"}, owner)
shop = f"/v1/checkouts/{checkout['id']}"
assert call("GET", shop, token=owner)["accepting_orders"] is True

# A key for a program, and a token from it that may read orders of this checkout for a minute and nothing else.
grant = [{"checkout_id": checkout["id"], "role": "maintainer"}]
key = call("POST", f"{shop}/api-keys", {"name": "robot", "checkout_roles": grant, "test_mode": True}, owner, expect=201)
asked = {"api_key": key["api_key"], "checkout_id": checkout["id"], "role": "customer_service", "expires_in": 60}
narrow = call("POST", "/v1/auth/token", asked)["access_token"]
call("GET", f"{shop}/orders", token=narrow)
call("GET", f"{shop}/products", token=narrow, expect=403)
call("GET", home, token=narrow, expect=404)

# Who did what.
for entry in call("GET", f"{home}/audit-log", token=owner)["data"]:
    print("       ", entry["created_at"], entry["actor"]["type"], entry["action"])
