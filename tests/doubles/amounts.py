"""Amounts as Babel writes them, from the same data by Unicode in another version. Reads [[locale, currency, decimal], …]."""

import json
import sys
from decimal import Decimal

from babel.numbers import format_currency

answers = [
    format_currency(Decimal(number), currency, locale=locale.replace("-", "_"))
    for locale, currency, number in json.load(sys.stdin)
]
json.dump(answers, sys.stdout)
