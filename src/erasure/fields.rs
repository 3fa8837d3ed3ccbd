//! Takes what says who a person is off an object as the API shows it.

use serde_json::{Map, Value};

use crate::kernel::personal::{OF_A_CUSTOMER, OF_A_LINK, OWN, PERSONAL};

/// Takes off everything that says who somebody is, wherever in the value it stands.
pub fn forget(value: &mut Value) {
    // A license that is told of by itself.
    if value.get("order_line_id").is_some() && value.get("key").is_some() {
        license(value);
    }
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
        Value::Object(filled_in) if name == "checkout_data" => {
            filled_in.retain(|name, _| OF_A_LINK.contains(&name.as_str()));
        }
        Value::Array(issued) if name == "licenses" => issued.iter_mut().for_each(license),
        Value::Object(own) if OWN.contains(&name) => *own = Map::new(),
        Value::String(_) if PERSONAL.contains(&name) => *value = Value::Null,
        other => forget(other),
    }
}

/// A license may name who it is for.
fn license(value: &mut Value) {
    if let Some(key) = value.get_mut("key") {
        *key = Value::Null;
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
            "lines": [{"name": "The course", "licenses": [{"id": "lic_1", "key": "Aino-1"}]}],
            "actions": [{"name": "Receipt", "last_error": "no such mailbox: a@b.fi"}]}});
        forget(&mut value);
        assert_eq!(
            value,
            json!({"order": {"id": "ord_1", "number": 1001, "total": 3900, "custom": {}, "metadata": {}, "note": null,
                "deletion_note": null, "offer": {"title": "The course"},
                "customer": {"id": "cus_1", "email": null, "first_name": null, "country": "FI", "vat_number_status": null},
                "lines": [{"name": "The course", "licenses": [{"id": "lic_1", "key": null}]}], "actions": [{"name": "Receipt", "last_error": null}]}})
        );
        let mut value = json!({"id": "lnk_1", "name": "For Aino", "checkout_data": {"email": "a@b.fi", "name": "Aino", "discount_code": "TEN",
            "billing_address": {"country": "FI"}, "custom": {"member": 7}, "locked": ["email"]}});
        forget(&mut value);
        assert_eq!(
            value,
            json!({"id": "lnk_1", "name": "For Aino", "checkout_data": {"discount_code": "TEN"}})
        );
    }
}
