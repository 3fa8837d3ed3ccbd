"""VAT numbers with python-stdnum's verdict on each: what it accepts of random numbers, and mutations of those.

Prints a list of [number, valid]. The seed is fixed: every run gives the same list.
"""

import json
import random
import sys

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

# 9: a digit, A: a letter, X: either; whatever else stands for itself. Several shapes per country, separated by spaces.
SHAPES = {
    "AT": "U99999999",
    "BE": "0999999999 1999999999 999999999",
    "BG": "999999999 9999999999 9901019999 9941019999 9921019999",
    "CH": "E999999999MWST E999999999TVA",
    "CY": "99999999A",
    "CZ": "99999999 699999999 9901019999 9951019999 450101999 5452289999",
    "DE": "999999999",
    "DK": "99999999",
    "EE": "999999999",
    "EL": "999999999 99999999",
    "ES": "99999999A X9999999A Z9999999A K9999999A B99999999 G9999999A Q9999999A W99999999",
    "FI": "99999999",
    "FR": "99999999999 A9999999999 9A999999999 AA999999999 99000999999",
    "GB": "999999999 099999999 999999999999 GD999 HA999",
    "HR": "99999999999",
    "HU": "99999999",
    "IE": "9999999A 9999999AA 9A99999A 9+99999A 9999999AH",
    "IT": "99999990999 99999991009",
    "LT": "999999919 999999999919",
    "LU": "99999999",
    "LV": "99999999999 01019919999 32999999999",
    "MT": "99999999",
    "NL": "999999999B99",
    "NO": "999999999MVA",
    "PL": "9999999999",
    "PT": "999999999",
    "RO": "99 999 9999999 99999999 9999999999",
    "SE": "999999999901",
    "SI": "99999999",
    "SK": "9999999999",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PER_SHAPE = 25
TRIES = 60_000

draw = random.Random(20261121)


def module(country):
    if country == "NO":
        return get_cc_module("no", "mva")
    return get_cc_module("gr" if country == "EL" else country.lower(), "vat")


def valid(country, number):
    try:
        module(country).validate(number)
    except ValidationError:
        return False
    except Exception:
        # Some of its rules index before they look at the length.
        return False
    return True


def filled(shape):
    return "".join(draw.choice("0123456789") if c == "9" else draw.choice(LETTERS) if c == "A" else c for c in shape)


def mutations(number):
    for _ in range(4):
        at = draw.randrange(len(number))
        pool = "0123456789" if number[at].isdigit() else LETTERS
        yield number[:at] + draw.choice(pool) + number[at + 1 :]
    at = draw.randrange(len(number) - 1)
    yield number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    yield number[:-1]
    yield number + draw.choice("0123456789")
    at = draw.randrange(len(number))
    yield number[:at] + draw.choice("0123456789" + LETTERS) + number[at + 1 :]


answers = {}
for country, shapes in SHAPES.items():
    for shape in shapes.split():
        # The E of CHE, MWST and MVA are shape, not letters to draw: only a lone A is.
        fixed = {"CH": ("MWST", "TVA"), "NO": ("MVA",), "GB": ("HA", "GD")}.get(country, ())
        suffix = next((word for word in fixed if shape.endswith(word)), "")
        prefix = next((word for word in fixed if shape.startswith(word)), "")
        middle = shape[len(prefix) : len(shape) - len(suffix)]
        kept = set()
        for _ in range(TRIES):
            number = prefix + filled(middle) + suffix
            good = valid(country, "CH" + number if country == "CH" else number)
            if good:
                kept.add(number)
            elif len(answers) % 7 == 0:
                answers[country + number] = False
            if len(kept) == PER_SHAPE:
                break
        if not kept:
            sys.exit(f"no valid number of {country} {shape}")
        for number in sorted(kept):
            answers[country + number] = True
            for mutation in mutations(number):
                answers[country + mutation] = valid(country, "CH" + mutation if country == "CH" else mutation)

json.dump(sorted(answers.items()), sys.stdout)
