//! Which members of an object as the API shows it say who a person is. The one list of them.

use serde_json::{Map, Value};

/// What stays of a buyer: the id, and the country that taxes follow from.
const OF_A_CUSTOMER: &[&str] = &["id", "country"];
/// Texts that say who somebody is, or may.
const PERSONAL: &[&str] = &[
    "email",
    "first_name",
    "last_name",
    "phone",
    "street",
    "apartment",
    "postal_code",
    "city",
    "company",
    "vat_number",
    "note",
    "comment",
    "last_error",
    "bank_reference",
];
/// Objects of the merchant's own, which may be about the buyer.
const OWN: &[&str] = &["custom", "metadata"];

/// Takes off everything that says who somebody is, wherever in the value it stands.
pub fn forget(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members.iter_mut() {
                member(name, inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        _ => {}
    }
}

fn member(name: &str, value: &mut Value) {
    match value {
        Value::Object(buyer) if name == "customer" => {
            for (name, inner) in buyer.iter_mut() {
                if !OF_A_CUSTOMER.contains(&name.as_str()) {
                    *inner = Value::Null;
                }
            }
        }
        Value::Object(own) if OWN.contains(&name) => *own = Map::new(),
        Value::String(_) if PERSONAL.contains(&name) => *value = Value::Null,
        other => forget(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_says_who_somebody_is_goes_and_the_rest_stays() {
        let mut value = json!({"order": {"id": "ord_1", "number": 1001, "total": 3900, "custom": {"member": "Aino"},
            "metadata": {"met": "Aino"}, "note": "Aino called", "deletion_note": null, "offer": {"title": "The course"},
            "customer": {"id": "cus_1", "email": "a@b.fi", "first_name": "Aino", "country": "FI", "vat_number_status": "valid"},
            "lines": [{"name": "The course"}], "actions": [{"name": "Receipt", "last_error": "no such mailbox: a@b.fi"}]}});
        forget(&mut value);
        assert_eq!(
            value,
            json!({"order": {"id": "ord_1", "number": 1001, "total": 3900, "custom": {}, "metadata": {}, "note": null,
                "deletion_note": null, "offer": {"title": "The course"},
                "customer": {"id": "cus_1", "email": null, "first_name": null, "country": "FI", "vat_number_status": null},
                "lines": [{"name": "The course"}], "actions": [{"name": "Receipt", "last_error": null}]}})
        );
    }
}
