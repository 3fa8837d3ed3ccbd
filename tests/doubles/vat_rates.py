"""VAT rates as packages kept by others have them, as JSON. Nothing is fetched: the data is in the packages."""

import json
import sys

import eu_vat_rates_data as data
from pyvat.item_type import ItemType
from pyvat.vat_rules import VAT_RULES

COUNTRIES = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK GB NO CH".split()
)

rates = data.get_all_rates()
current = {}
for country in COUNTRIES:
    entry = rates.get(country) or rates["EL"]
    reduced = [*entry["reduced"], entry["super_reduced"], entry["parking"]]
    current[country] = {
        "standard": str(entry["standard"]),
        "reduced": [str(rate) for rate in reduced if rate is not None],
    }

older = {}
for country in COUNTRIES:
    rules = VAT_RULES.get(country)
    if rules is None:
        continue
    older[country] = {
        "standard": str(rules.get_vat_rate(ItemType.generic_electronic_service)),
        "book": str(rules.get_vat_rate(ItemType.ebook)),
    }

json.dump({"version": data.data_version, "current": current, "older": older}, sys.stdout)
