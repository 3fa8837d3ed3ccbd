"""A shop with one of everything, and for each operation a request that it answers with success: what the fuzzer stands on.

Random requests hardly ever pass every check at once: an id that exists, in the state that the operation is for, named by who may. `good` makes such a
request anew each time, so that what ends something (an archive, a refund, a withdrawal) has something of its own to end.
"""

import email
import itertools
import json
import os
import re
import time
import urllib.error
import urllib.request

demo = json.load(open(os.environ["DEMO"], encoding="utf-8"))
URL = demo["url"]
NUMBER = itertools.count(1)


def call(method, path, body=None, token=None):
    request = urllib.request.Request(URL + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refusal:
        raise AssertionError(f"{method} {path} {body}: {refusal.code} {refusal.read().decode()}") from None


def mailed(address, subject, pattern=r"code:\s+(\S+)"):
    """What a mail to somebody holds, the newest: mails of a development server are files."""
    begun = time.monotonic()
    while time.monotonic() - begun < 20:
        recent = [file for file in os.scandir(os.path.join(os.environ["DATA"], "mail")) if file.name.endswith(".eml") and file.stat().st_mtime > time.time() - 30]
        for file in sorted(recent, key=lambda file: file.stat().st_mtime, reverse=True):
            mail = email.message_from_file(open(file.path, encoding="utf-8"))
            if address in (mail["To"] or "") and subject in (mail["Subject"] or ""):
                plain = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
                text = plain.get_payload(decode=True).decode()
                if found := re.search(pattern, text):
                    return found.group(1)
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address}: {subject}")


def sign_in(address, password):
    return call("POST", "/v1/auth/login", {"email": address, "password": password})


def person():
    """Somebody new, signed in."""
    address, password = f"person-{next(NUMBER)}-{os.getpid()}@example.com", "correct horse battery"
    call("POST", "/v1/auth/register", {"name": "Aino", "email": address, "password": password})
    return {"email": address, "password": password, **sign_in(address, password)}


owner = sign_in(demo["email"], demo["password"])["access_token"]
organization = call("GET", "/v1/organizations", token=owner)["data"][0]["id"]
home = f"/v1/organizations/{organization}"
checkout = call("POST", "/v1/checkouts", {"organization_id": organization, "name": "Fuzzed", "slug": "fuzzed", "storefront_url": f"{URL}/storefront/fuzzed"}, owner)
shop = f"/v1/checkouts/{checkout['id']}"


def make(what, body):
    return call("POST", f"{shop}/{what}", body, owner)


def product():
    prices = [{"currency": "EUR", "amount": 3900}]
    return make("products", {"name": "Course", "type": "online_course", "vat_type": "commercial_education", "prices": prices,
                             "variants": [{"name": "Alone"}, {"name": "With a teacher"}]})


def add_on(of):
    return make("add-ons", {"kind": "add", "name": "The book", "variant_id": of["variants"][0]["id"]})


def offer(of, *add_ons):
    return make("offers", {"name": "Course", "title": "Learn to bake", "items": [{"product_id": of["id"]}],
                           "add_ons": [{"add_on_id": one["id"], "position": "order_bump", "sort": 1} for one in add_ons]})


def link(of, **more):
    return make("checkout-links", {"name": "Course", "offer_id": of["id"], "test_mode": True, **more})


def code():
    return make("discount-codes", {"code": f"CODE{next(NUMBER)}", "type": "percentage", "percentage": "10"})


def endpoint():
    # Nobody listens there: attempts fail, and that is a delivery too.
    return make("webhook-endpoints", {"url": "http://127.0.0.1:9/", "events": ["*"], "test_mode": True})


def key(path):
    grant = [{"checkout_id": checkout["id"], "role": "viewer"}]
    return call("POST", f"{path}/api-keys", {"name": "robot", "test_mode": True, "checkout_roles": grant}, owner)


goods = product()
book = product()
bump = add_on(book)
offered = offer(goods, bump)
sold = link(offered, slug="course")
custom = link(offered, custom_price=2500, currency="EUR", max_orders=1000)
discount = code()
hook = endpoint()
bank = {"payee": "Fuzzed", "iban": "FI2112345600000785", "due_days": 14}
for test_mode in (False, True):
    call("PUT", f"{shop}/payment-methods/offline", bank | {"test_mode": test_mode}, owner)
call("PUT", f"{home}/payment-card", {"provider": "test", "token": "tok_visa"}, owner)


class Visit:
    """A buyer's session."""

    def __init__(self, link="course"):
        self.email = f"buyer-{next(NUMBER)}@example.com"
        body = {"checkout": "fuzzed", "link": link, "customer": {"email": self.email, "country": "FI", "first_name": "Aino"}}
        opened = call("POST", "/v1/storefront/sessions", body)
        self.session, self.secret = opened["session"], opened["client_secret"]
        self.path = f"/v1/storefront/sessions/{self.session['id']}"

    def confirmation(self, provider="test"):
        return {"expected_total": self.session["totals"]["total"], "provider": provider,
                "consents": {"terms": True, "privacy": True, "immediate_delivery": True}}

    def confirm(self, provider="test"):
        confirmed = call("POST", self.path + "/confirm", self.confirmation(provider), self.secret)
        self.order, self.payment = confirmed["order"]["id"], confirmed["payment"]["id"]
        return self

    def pay(self, outcome="succeeded"):
        call("POST", self.path + "/test-payment", {"outcome": outcome}, self.secret)
        return self

    def staff(self, rest=""):
        return call("GET", f"{shop}/orders/{self.order}{rest}", token=owner)

    def line(self):
        return self.staff()["lines"][0]["id"]


def until(what, ready):
    begun = time.monotonic()
    while time.monotonic() - begun < 20:
        if found := ready():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come")


paid = Visit().confirm().pay()
until("the completed order", lambda: paid.staff()["status"] == "completed")
delivery = until("a delivery", lambda: call("GET", f"{shop}/webhook-endpoints/{hook['id']}/deliveries", token=owner)["data"])[0]["id"]
event = call("GET", f"{shop}/events?test_mode=true", token=owner)["data"][0]["id"]
done = paid.staff("/actions")["data"][0]["id"]
way_back = mailed(paid.email, "Receipt", r"/o/(\S+)")


def verified():
    """Somebody new whose address is proved."""
    one = person()
    call("POST", "/v1/auth/verify-email", {"token": mailed(one["email"], "Confirm")})
    return one


def invitation(to):
    return call("POST", f"{home}/invitations", {"emails": [to["email"]], "role": "member"}, owner)["data"][0]


def me(one):
    return call("GET", "/v1/me", token=one["access_token"])["id"]


def member():
    """Somebody new in the organization."""
    one = verified()
    invitation(one)
    call("POST", "/v1/invitations/accept", {"token": mailed(one["email"], "invited")}, one["access_token"])
    return one | {"id": me(one)}


def checkout_member():
    one = member()
    call("POST", f"{shop}/members", {"user_id": one["id"], "role": "viewer"}, owner)
    return one


class Good:
    """A request: what stands in its path, its body, who sends it. `once`: under a key of its own, as what moves money must be."""

    def __init__(self, body=None, token=None, query=None, once=False, **path):
        self.path, self.body, self.token, self.query, self.once = path, body, token, query or {}, once


def of_session(visit, body=None, **path):
    return Good(body, visit.secret, session_id=visit.session["id"], **path)


def of_order(visit, body=None, **path):
    return Good(body, **path, order_id=visit.order)


STYLE = {"button_color": "#112233"}
PRODUCT = {"name": "Course", "type": "online_course", "vat_type": "commercial_education", "prices": [{"currency": "EUR", "amount": 3900}]}
ITEMS = [{"product_id": goods["id"]}]


def archived(path):
    call("DELETE", f"{shop}/{path}", token=owner)


def restorable(what, one, **path):
    archived(f"{what}/{one['id']}")
    return Good(**path)


def raised():
    """An order that somebody should look at: more was paid than there was to pay."""
    visit = Visit().confirm("offline")
    call("POST", f"{shop}/orders/{visit.order}/payments/{visit.payment}/mark-paid", {"amount": 999_999}, owner)
    code = call("GET", f"{shop}/orders/{visit.order}", token=owner)["attention_reasons"][0]["code"]
    return of_order(visit, {"code": code, "note": "seen"})


def unallocated():
    """A payment of an order that was paid twice: it is money that belongs to no line."""
    visit = Visit().confirm("offline")
    call("POST", f"{shop}/orders/{visit.order}/payments/{visit.payment}/mark-paid", {"amount": 999_999}, owner)
    return Good({"reason": "duplicate", "amount": 100}, once=True, payment_id=visit.payment)


def after_a_failure():
    visit = Visit().confirm().pay("failed")
    return of_session(visit, {"provider": "test"})


def mark_paid():
    visit = Visit().confirm("offline")
    return of_order(visit, {"amount": visit.session["totals"]["total"]}, payment_id=visit.payment)


def refund():
    visit = Visit().confirm().pay()
    return of_order(visit, {"lines": [{"order_line_id": visit.line(), "amount": 100}]}, once=True)


def with_code():
    visit = Visit()
    call("PUT", visit.path + "/discount", {"code": discount["code"]}, visit.secret)
    return of_session(visit)


def with_bump():
    visit = Visit()
    call("PUT", f"{visit.path}/add-ons/{bump['id']}", {"quantity": 1}, visit.secret)
    return of_session(visit, add_on_id=bump["id"])


def second_line():
    visit = Visit()
    session = call("POST", visit.path + "/lines", {"link": "book"}, visit.secret)
    return of_session(visit, line_id=session["lines"][-1]["id"])


def leaver(body=None):
    return Good(body, user_id=member()["id"])


link(offer(book), slug="book")
guest = checkout_member()

def action():
    return make("actions", {"level": "checkout", "type": "webhook", "name": "Tell us", "enabled": False, "config": {"url": "https://merchant.example.com/sold"}})


def licensed(kind):
    """A product with a license, and where it is sold."""
    one = make("products", PRODUCT | {"license": {"kind": kind, "per": "unit"}})
    return one, link(offer(one), slug=f"licensed-{next(NUMBER)}")["slug"]


def waiting():
    """A line whose license a person has to write."""
    visit = Visit(licensed("manual")[1]).confirm().pay()
    until("the waiting license", lambda: visit.staff()["status"] != "not_paid" and visit.staff("/actions")["data"])
    return of_order(visit, {"licenses": ["AAAA-BBBB"]}, order_line_id=visit.line())


def forgettable():
    """A buyer of whom nothing is open any more."""
    visit = Visit().confirm().pay()
    until("the completed order", lambda: visit.staff()["status"] == "completed")
    return Good(customer_id=visit.staff()["customer"]["id"])


def issued():
    """An order with a license that was mailed."""
    one, slug = licensed("key_pool")
    make(f"products/{one['id']}/license-keys", {"keys": [f"KEY-{next(NUMBER)}"]})
    visit = Visit(slug).confirm().pay()
    license = until("the license", lambda: [given for line in visit.staff()["lines"] for given in line.get("licenses", [])])[0]
    return of_order(visit, license_id=license["id"])


def with_account():
    call("PUT", f"{shop}/integrations/mailchimp", {"api_key": "4f1c0a9e7b5d3f2c-us21"}, owner)
    return Good(type="mailchimp")


# What an operation needs; the others do with what is known.
GOOD = {
    "login": lambda: Good({"email": demo["email"], "password": demo["password"]}),
    "logout": lambda: Good({"refresh_token": person()["refresh_token"]}),
    "register": lambda: Good({"name": "Aino", "email": f"new-{next(NUMBER)}@example.com", "password": "correct horse battery"}),
    "refresh": lambda: Good({"refresh_token": person()["refresh_token"]}),
    "exchangeApiKey": lambda: Good({"api_key": demo["api_key"], "checkout_id": demo["checkout_id"], "role": "viewer", "expires_in": 60}),
    "changePassword": lambda: (lambda one: Good({"current_password": one["password"], "new_password": "another horse battery"}, one["access_token"]))(person()),
    "forgotPassword": lambda: Good({"email": demo["email"]}),
    "verifyEmail": lambda: Good({"token": mailed(person()["email"], "Confirm")}),
    "resetPassword": lambda: Good({"token": reset_token(), "new_password": "another horse battery"}),
    "createCheckout": lambda: Good({"organization_id": organization, "name": "Another"}),
    "deleteCheckout": lambda: Good(checkout_id=call("POST", "/v1/checkouts", {"organization_id": organization, "name": "Short"}, owner)["id"]),
    "updateCheckout": lambda: Good({"support_email": "help@example.com"}),
    "createAddOn": lambda: Good({"kind": "add", "name": "The book", "variant_id": book["variants"][0]["id"]}),
    "archiveAddOn": lambda: Good(add_on_id=add_on(book)["id"]),
    "restoreAddOn": lambda: (lambda one: restorable("add-ons", one, add_on_id=one["id"]))(add_on(book)),
    "updateAddOn": lambda: Good({"name": "The book"}),
    "createCheckoutApiKey": lambda: Good({"name": "robot", "test_mode": True, "checkout_roles": [{"checkout_id": checkout["id"], "role": "viewer"}]}),
    "revokeCheckoutApiKey": lambda: Good(api_key_id=key(shop)["id"]),
    "putBillingForm": lambda: Good({"fields": call("GET", f"{shop}/billing-form", token=owner)["fields"]}),
    "createCheckoutLink": lambda: Good({"name": "Course", "offer_id": offered["id"], "test_mode": True}),
    "archiveCheckoutLink": lambda: Good(link_id=link(offered)["id"]),
    "updateCheckoutLink": lambda: Good({"name": "Course"}),
    "restoreCheckoutLink": lambda: (lambda one: restorable("checkout-links", one, link_id=one["id"]))(link(offered)),
    "createDiscountCode": lambda: Good({"code": f"CODE{next(NUMBER)}", "type": "percentage", "percentage": "10"}),
    "createDiscountCodes": lambda: Good({"codes": [{"code": f"CODE{next(NUMBER)}", "type": "percentage", "percentage": "10"}]}),
    "archiveDiscountCode": lambda: Good(discount_code_id=code()["id"]),
    "updateDiscountCode": lambda: Good({"description": "spring"}),
    "restoreDiscountCode": lambda: (lambda one: restorable("discount-codes", one, discount_code_id=one["id"]))(code()),
    "addCheckoutMember": lambda: Good({"user_id": member()["id"], "role": "viewer"}),
    "removeCheckoutMember": lambda: Good(user_id=checkout_member()["id"]),
    "updateCheckoutMember": lambda: Good({"role": "maintainer"}),
    "createOffer": lambda: Good({"name": "Course", "title": "Learn to bake", "items": ITEMS}),
    "archiveOffer": lambda: Good(offer_id=offer(goods)["id"]),
    "updateOffer": lambda: Good({"title": "Learn to bake"}),
    "restoreOffer": lambda: (lambda one: restorable("offers", one, offer_id=one["id"]))(offer(goods)),
    "createAction": lambda: Good({"level": "checkout", "type": "webhook", "name": "Tell us", "config": {"url": "https://merchant.example.com/sold"}}),
    "getAction": lambda: Good(action_id=action()["id"]),
    "updateAction": lambda: Good({"name": "Tell them"}, action_id=action()["id"]),
    "archiveAction": lambda: Good(action_id=action()["id"]),
    "restoreAction": lambda: (lambda one: restorable("actions", one, action_id=one["id"]))(action()),
    "rotateActionSecret": lambda: Good(action_id=action()["id"]),
    "putIntegration": lambda: Good({"api_key": "4f1c0a9e7b5d3f2c-us21"}, type="mailchimp"),
    "deleteIntegration": with_account,
    "importLicenseKeys": lambda: Good({"keys": [f"KEY-{next(NUMBER)}"]}, product_id=licensed("key_pool")[0]["id"]),
    "listLicenseKeys": lambda: Good(product_id=licensed("key_pool")[0]["id"]),
    "deliverOrderLine": waiting,
    "resendLicense": issued,
    "exportOrders": lambda: Good(query={"format": "csv", "test_mode": "true"}),
    "updateOrder": lambda: Good({"note": "called back"}),
    "rerunOrderAction": lambda: Good({"confirm": True, "force": True}),
    "acknowledgeAttention": raised,
    "eraseCustomer": forgettable,
    "cancelOrder": lambda: of_order(Visit().confirm("offline"), {"reason": "by mistake"}),
    "completeOrder": lambda: of_order(Visit().confirm().pay(), {"run_actions": True}),
    "markPaid": mark_paid,
    "createRefund": refund,
    "refundPayment": unallocated,
    "putOffline": lambda: Good(bank | {"test_mode": True}),
    "putPaytrail": lambda: Good({"merchant_id": "375917", "secret_key": "SAIPPUAKAUPPIAS", "test_mode": True}),
    "putEpassi": lambda: Good({"site": "151082", "mac_key": "d2f1c0d2f1c0", "benefits": ["sport"], "test_mode": True}),
    "putStripe": lambda: Good({"publishable_key": "pk_test_51H8", "secret_key": "sk_test_51H8", "webhook_secret": "whsec_5f3c"}),
    "deletePaymentMethod": lambda: (call("PUT", f"{shop}/payment-methods/paytrail",
                                         {"merchant_id": "375917", "secret_key": "SAIPPUAKAUPPIAS", "test_mode": True}, owner),
                                    Good(provider="paytrail", query={"test_mode": "true"}))[1],
    "createProduct": lambda: Good(PRODUCT),
    "archiveProduct": lambda: Good(product_id=product()["id"]),
    "updateProduct": lambda: Good({"name": "Course"}),
    "restoreProduct": lambda: (lambda one: restorable("products", one, product_id=one["id"]))(product()),
    "createVariant": lambda: Good({"name": "At night"}, product_id=product()["id"]),
    "archiveVariant": lambda: (lambda one: Good(product_id=one["id"], variant_id=one["variants"][1]["id"]))(product()),
    "restoreVariant": lambda: (lambda one: restorable(f"products/{one['id']}/variants", one["variants"][1], product_id=one["id"], variant_id=one["variants"][1]["id"]))(product()),
    "updateVariant": lambda: Good({"name": "Alone"}),
    "createQuote": lambda: Good({"link": "course", "country": "FI"}),
    "putStyle": lambda: Good(STYLE),
    "createWebhookEndpoint": lambda: Good({"url": "http://127.0.0.1:9/", "events": ["order.completed"], "active": False}),
    "deleteWebhookEndpoint": lambda: Good(endpoint_id=endpoint()["id"]),
    "updateWebhookEndpoint": lambda: Good({"description": "ours"}),
    "replayWebhookEvents": lambda: Good({"types": ["order.completed"]}),
    "acceptInvitation": lambda: (lambda one: (invitation(one), Good({"token": mailed(one["email"], "invited")}, one["access_token"]))[1])(verified()),
    "createOrganization": lambda: Good({"name": "Leipomo Oy", "address": {"country": "FI"}}, person()["access_token"]),
    "deleteOrganization": lambda: (lambda one: Good(token=one["access_token"], organization_id=call(
        "POST", "/v1/organizations", {"name": "Short", "address": {"country": "FI"}}, one["access_token"])["id"]))(person()),
    "updateOrganization": lambda: Good({"business_id": "2345678-9"}),
    "createOrganizationApiKey": lambda: Good({"name": "robot", "test_mode": True, "organization_role": "member"}),
    "revokeOrganizationApiKey": lambda: Good(api_key_id=key(home)["id"]),
    "putBillingDetails": lambda: Good({"name": "Leipomo Oy", "email": "laskut@example.com", "street": "Katu 1", "city": "Turku", "postal_code": "20100",
                                       "country": "FI"}),
    "createInvitations": lambda: Good({"emails": [f"guest-{next(NUMBER)}@example.com"], "role": "member"}),
    "withdrawInvitation": lambda: Good(invitation_id=invitation({"email": f"guest-{next(NUMBER)}@example.com"})["id"]),
    "removeOrganizationMember": leaver,
    "updateOrganizationMember": lambda: leaver({"role": "admin"}),
    "putPaymentCard": lambda: Good({"provider": "test", "token": "tok_visa"}),
    "deletePaymentCard": lambda: (call("PUT", f"{home}/payment-card", {"provider": "test", "token": "tok_visa"}, owner), Good())[1],
    "getPaymentCard": lambda: (call("PUT", f"{home}/payment-card", {"provider": "test", "token": "tok_visa"}, owner), Good())[1],
    "getSignedLink": lambda: Good(token_=custom["token"]),
    "openOrder": lambda: Good({"token": way_back}),
    "requestOrderAccess": lambda: Good({"checkout": "fuzzed", "number": paid.staff()["number"], "email": paid.email, "test_mode": True}),
    "createPublicQuote": lambda: Good({"checkout": "fuzzed", "link": "course", "country": "FI"}),
    "openSession": lambda: Good({"checkout": "fuzzed", "link": "course"}),
    "getSession": lambda: of_session(Visit()),
    "updateSession": lambda: of_session(Visit(), {"customer": {"country": "SE"}}),
    "declineAddOn": with_bump,
    "acceptAddOn": lambda: of_session(Visit(), {"quantity": 1}, add_on_id=bump["id"]),
    "confirmSession": lambda: (lambda visit: of_session(visit, visit.confirmation()))(Visit()),
    "removeDiscount": with_code,
    "applyDiscount": lambda: of_session(Visit(), {"code": discount["code"]}),
    "keepSessionAlive": lambda: of_session(Visit()),
    "addSessionLines": lambda: of_session(Visit(), {"link": "book"}),
    "removeSessionLine": second_line,
    "updateSessionLine": lambda: (lambda visit: of_session(visit, {"quantity": 1}, line_id=visit.session["lines"][0]["id"]))(Visit()),
    "getSessionOrder": lambda: of_session(Visit().confirm()),
    "createPayment": after_a_failure,
    "resumeSession": lambda: of_session(Visit().confirm()),
    "endTestPayment": lambda: of_session(Visit().confirm(), {"outcome": "succeeded"}),
}


def reset_token():
    one = verified()
    call("POST", "/v1/auth/password/forgot", {"email": one["email"]})
    return mailed(one["email"], "Choose")


# Stands in paths unless an operation needs something of its own.
open_visit = Visit()
KNOWN = {
    "checkout_id": checkout["id"], "organization_id": organization, "product_id": goods["id"], "variant_id": goods["variants"][0]["id"],
    "offer_id": offered["id"], "add_on_id": bump["id"], "link_id": sold["id"], "discount_code_id": discount["id"], "endpoint_id": hook["id"],
    "delivery_id": delivery, "event_id": event, "order_id": paid.order, "order_action_id": done, "payment_id": paid.payment,
    "customer_id": paid.staff()["customer"]["id"],
    "session_id": open_visit.session["id"], "line_id": open_visit.session["lines"][0]["id"], "user_id": guest["id"], "provider": "offline",
    "checkout": "fuzzed", "link": "course", "code": "not-found",
}
