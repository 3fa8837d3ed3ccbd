"""Who schemathesis is: the owner of the demo merchant on management routes, the buyer of one session on storefront routes.

The fuzzer meets what exists: known ids stand in for made-up ones most of the time, or it would only ever see 404. What would end its own
session or the demo merchant is left out, in the command line of .ci/fuzz.
"""

import json
import os
import urllib.request

import schemathesis

demo = json.load(open(os.environ["DEMO"], encoding="utf-8"))
URL = demo["url"]


def call(method, path, body=None, token=None):
    request = urllib.request.Request(URL + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


owner = call("POST", "/v1/auth/login", {"email": demo["email"], "password": demo["password"]})["access_token"]
opened = call("POST", "/v1/storefront/sessions", {"checkout": demo["checkout"], "link": demo["link"]})
shop = f"/v1/checkouts/{demo['checkout_id']}"
first = lambda path: call("GET", shop + path, token=owner)["data"][0]["id"]
organization = call("GET", "/v1/organizations", token=owner)["data"][0]["id"]
known = {
    "checkout_id": demo["checkout_id"], "organization_id": organization, "session_id": opened["session"]["id"],
    "checkout": demo["checkout"], "link": demo["link"], "product_id": first("/products"), "offer_id": first("/offers"),
    "add_on_id": first("/add-ons"), "line_id": opened["session"]["lines"][0]["id"], "code": "not-found",
}
for name, path in {"link_id": "/checkout-links", "discount_code_id": "/discount-codes", "code_id": "/discount-codes"}.items():
    known[name] = first(path)


# Not kept from one operation to the next: the roles differ.
@schemathesis.auth(refresh_interval=None)
class Roles:
    def get(self, case, context):
        schemes = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
        return opened["client_secret"] if "sessionSecret" in schemes else owner if schemes else ""

    def set(self, case, data, context):
        if data:
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    # Three in four: what exists. The rest stays as it was made up. The same input always decides the same.
    if path_parameters and sum(map(ord, json.dumps(path_parameters, sort_keys=True, default=str))) % 4:
        for name in path_parameters:
            path_parameters[name] = known.get(name, path_parameters[name])
    return path_parameters


@schemathesis.hook
def map_headers(context, headers):
    # A stored answer to an older request is no answer to this one.
    if headers:
        for name in [name for name in headers if name.lower() in ("idempotency-key", "if-match", "if-none-match")]:
            del headers[name]
    return headers
