"""The whole job with openapi-python-client: typed models, typed problems.

    python3 main.py data/demo.json      (the generated package `kassa_client` is beside this file or on PYTHONPATH)
"""

import json
import sys
import time

from kassa_client import AuthenticatedClient, Client
from kassa_client.api.auth import login
from kassa_client.api.checkouts import create_checkout
from kassa_client.api.links import create_checkout_link
from kassa_client.api.offers import create_offer
from kassa_client.api.orders import get_order
from kassa_client.api.organizations import create_organization
from kassa_client.api.products import create_product
from kassa_client.api.storefront import confirm_session, end_test_payment, open_session, update_session
from kassa_client.models import (
    CheckoutInput, ConfirmInput, CustomerPatch, LinkInput, LoginInput, OfferInput, OfferItemInput,
    OrganizationInput, PriceInput, Problem, ProductInput, SessionConsentsInput, SessionInput, SessionPatch, TestOutcome, TestPaymentInput, VariantInput,
)

with open(sys.argv[1] if len(sys.argv) > 1 else "data/demo.json", encoding="utf-8") as file:
    demo = json.load(file)


def made(answer):
    """The body of a good answer; a problem says what is wrong with the request."""
    assert answer is not None and not isinstance(answer, Problem), answer
    return answer


anyone = Client(base_url=demo["url"])
token = made(login.sync(client=anyone, body=LoginInput(email=demo["email"], password=demo["password"]))).access_token
staff = AuthenticatedClient(base_url=demo["url"], token=token)
organization = made(create_organization.sync(client=staff, body=OrganizationInput(name="Loaf & Co")))
slug = f"loaf-{time.time_ns():x}"
shop = made(create_checkout.sync(client=staff, body=CheckoutInput(
    organization_id=organization.id, name="Loaf", slug=slug, country="FI", default_currency="EUR")))
product = made(create_product.sync(shop.id, client=staff, body=ProductInput(
    name="Loaf", type_="online_course", vat_type="commercial_education",
    prices=[PriceInput(currency="EUR", amount=4900)], variants=[VariantInput(name="Online")])))
offer = made(create_offer.sync(shop.id, client=staff, body=OfferInput(
    name="Loaf", title="Baking a loaf", items=[OfferItemInput(product_id=product.id)])))
made(create_checkout_link.sync(shop.id, client=staff, body=LinkInput(name="Loaf", slug="loaf", offer_id=offer.id, test_mode=True)))

opened = made(open_session.sync(client=anyone, body=SessionInput(checkout=slug, link="loaf")))
buyer = AuthenticatedClient(base_url=demo["url"], token=opened.client_secret)
session = made(update_session.sync(opened.session.id, client=buyer, body=SessionPatch(
    customer=CustomerPatch(email="aino@example.com", country="FI"))))
consents = SessionConsentsInput(terms=True, privacy=True, immediate_delivery=True)
refused = confirm_session.sync(session.id, client=buyer, body=ConfirmInput(expected_total=1, provider="test", consents=consents))
assert isinstance(refused, Problem) and refused.code == "quote-changed", refused
confirmed = made(confirm_session.sync(session.id, client=buyer, body=ConfirmInput(
    expected_total=session.totals.total, provider="test", consents=consents)))
paid = made(end_test_payment.sync(session.id, client=buyer, body=TestPaymentInput(outcome=TestOutcome.SUCCEEDED)))
assert paid.payment.status == "succeeded", paid.payment
order = made(get_order.sync(shop.id, confirmed.order.id, client=staff))
assert order.status in ("paid", "completed"), order.status
print(f"openapi-python-client: order {order.number}, {order.total_formatted}, {order.status}")
