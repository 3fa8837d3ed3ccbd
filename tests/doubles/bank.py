"""What others make of our references, accounts and QR texts: python-stdnum and segno.

Takes {"rf": [...], "iban": [...], "epc": [{"name", "iban", "cents", "bic", "reference"}]}; prints the verdicts in the same shape, and
for each of "epc" the text that segno makes."""

import json
import sys
from decimal import Decimal

from segno import helpers
from stdnum import iban, iso11649

asked = json.load(sys.stdin)


def text(one):
    code = helpers._make_epc_qr_data(
        one["name"], one["iban"], Decimal(one["cents"]) / 100, reference=one["reference"], bic=one["bic"], encoding=1
    )
    # What it draws must fit: error correction M, at most version 13.
    drawn = helpers.make_epc_qr(
        one["name"], one["iban"], Decimal(one["cents"]) / 100, reference=one["reference"], bic=one["bic"], encoding=1
    )
    assert drawn.error == "M" and int(drawn.version) <= 13
    return code.decode()


json.dump(
    {
        "rf": [iso11649.is_valid(number) for number in asked["rf"]],
        "iban": [iban.is_valid(number) for number in asked["iban"]],
        "epc": [text(one) for one in asked["epc"]],
    },
    sys.stdout,
)
