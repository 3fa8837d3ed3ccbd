"""Who schemathesis is, and where it knocks: the owner of a shop on management routes, the buyer of a session on storefront routes.

Of each operation's requests every third is one that should succeed (fuzz_world.py); of the others most have ids that exist, or it would only
ever see 404. At the end `.ci/fuzz` asks which operations never answered with success.
"""

import atexit
import collections
import json
import os
import re

import schemathesis

import fuzz_world as world

# What would end everything else's checkout, organization or sign-in is only ever done to something of its own.
ALWAYS = {"deleteCheckout", "deleteOrganization", "changePassword", "logout", "archiveProduct", "archiveOffer", "archiveCheckoutLink", "archiveAddOn",
          "archiveDiscountCode", "deleteWebhookEndpoint", "removeCheckoutMember", "updateCheckoutMember", "removeOrganizationMember", "updateOrganizationMember",
          "deletePaymentCard", "putPaymentCard"}
CONDITIONS = ("idempotency-key", "if-match", "if-none-match")
seen = collections.defaultdict(collections.Counter)
sent = collections.Counter()
broken = collections.Counter()


def secured(operation):
    return [name for scheme in operation.definition.raw.get("security", []) for name in scheme]


def name_of(operation):
    return operation.definition.raw.get("operationId", operation.label)


# Not kept from one operation to the next: the roles differ.
@schemathesis.auth(refresh_interval=None)
class Roles:
    def get(self, case, context):
        schemes = secured(case.operation)
        return world.open_visit.secret if "sessionSecret" in schemes else world.owner if schemes else ""

    def set(self, case, data, context):
        if data:
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    # Three in four: what exists. The rest stays as it was made up. The same input always decides the same.
    if path_parameters and sum(map(ord, json.dumps(path_parameters, sort_keys=True, default=str))) % 4:
        for name in path_parameters:
            path_parameters[name] = world.KNOWN.get(name, path_parameters[name])
    return path_parameters


@schemathesis.hook
def map_headers(context, headers):
    # A stored answer to an older request is no answer to this one.
    if headers:
        for name in [name for name in headers if name.lower() in CONDITIONS]:
            del headers[name]
    return headers


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = name_of(case.operation)
    sent[operation] += 1
    always = operation in ALWAYS
    if not always and sent[operation] % 3 != 1:
        return
    try:
        good = world.GOOD.get(operation, world.Good)()
    except AssertionError as failure:
        # Something random has stood in the way: no news unless it never works.
        broken[f"{operation}: {failure}"[:300]] += 1
        return
    for name in re.findall(r"\{(\w+)\}", case.operation.path):
        given = good.path.get(name, good.path.get(name + "_", world.KNOWN.get(name)))
        if given is not None:
            case.path_parameters[name] = given
    if good.once:
        case.headers = case.headers or {}
        case.headers["Idempotency-Key"] = f"fuzz-{operation}-{sent[operation]}"
    # Most of what is always done to something of its own is as random as the rest.
    if good.token:
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {good.token}"
    if always and sent[operation] % 3 != 1:
        return
    for name in [name for name in case.headers or {} if name.lower() in CONDITIONS and not (good.once and name == "Idempotency-Key")]:
        del case.headers[name]
    case.query = dict(good.query)
    if good.body is not None:
        case.body, case.media_type = good.body, "application/json"


@schemathesis.hook
def after_call(context, case, response):
    seen[name_of(case.operation)][response.status_code] += 1


def report():
    if os.environ.get("SEEN"):
        with open(os.environ["SEEN"], "w", encoding="utf-8") as file:
            json.dump({"seen": seen, "broken": broken}, file)


atexit.register(report)
