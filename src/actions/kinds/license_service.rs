//! The merchant's own service is asked for licenses, by signed requests.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::call::{Peer, Reply};
use super::license::Config;
use crate::actions::action::{Failure, Input, InputLine, Task, World};

/// The longest license, in bytes.
const LONGEST: usize = 20_000;

/// Asks for the license of one unit of the line (`unit` counts from 0; `None`: of the whole line). The same unit is asked for under
/// the same idempotency key at every repeat.
pub async fn ask(
    task: Task<'_>,
    config: &Config,
    unit: Option<i32>,
    world: &World<'_>,
) -> Result<SecretString, Failure> {
    let missing = |what: &str| Failure::Fatal(format!("The license has no {what}."));
    let url = config.url.as_deref().ok_or_else(|| missing("address to ask"))?;
    let line = task.input.line.and_then(|line| task.input.lines.get(line));
    let line = line.ok_or_else(|| missing("line"))?;
    let key = key(&task.input.run, unit);
    let peer = Peer {
        name: "The license service",
        client: world.client,
        key: &key,
        login: None,
    };
    let body = body(task.input, line, unit, &key);
    let reply = peer.post_signed(url, &body, task.secrets, world).await?;
    let reply = peer.accept(reply)?;
    license(&reply).ok_or_else(|| peer.strange())
}

fn key(run: &str, unit: Option<i32>) -> String {
    match unit {
        Some(unit) => format!("{run}:{unit}"),
        None => run.to_owned(),
    }
}

fn body(input: &Input, line: &InputLine, unit: Option<i32>, key: &str) -> Value {
    let mut body = json!({
        "type": "license.requested",
        "id": key,
        "order_id": input.order,
        "order_number": input.number,
        "order_line_id": line.id,
        "product_id": line.product,
        "item": line.name,
        "quantity": line.quantity,
        "amount": line.total.amount(),
        "currency": line.total.currency().code(),
        "email": input.email,
        "test_mode": input.test_mode,
    });
    if let Some(unit) = unit {
        body["unit"] = unit.into();
    }
    body
}

/// The license in an answer, as it is. A NUL is in no license, and in no text of the database.
fn license(reply: &Reply) -> Option<SecretString> {
    let license = reply.json["license"].as_str().filter(|_| !reply.truncated)?;
    let fit = !license.trim().is_empty() && license.len() <= LONGEST && !license.contains('\0');
    fit.then(|| SecretString::from(license))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::actions::kinds::example;

    #[test]
    fn a_unit_is_asked_for_under_a_key_of_its_own() {
        assert_eq!(key("act_1", None), "act_1");
        assert_eq!(
            (key("act_1", Some(0)), key("act_1", Some(1))),
            ("act_1:0".to_owned(), "act_1:1".to_owned())
        );
    }

    #[test]
    fn the_service_learns_what_was_sold() {
        let input = example::input();
        assert_eq!(
            body(&input, &input.lines[0], Some(1), "act_1:1"),
            json!({
                "type": "license.requested", "id": "act_1:1", "order_id": "ord_1", "order_number": 1001, "order_line_id": "lin_1",
                "product_id": "prd_1", "item": "Course", "quantity": 2, "amount": 7800, "currency": "EUR",
                "email": "aino@example.com", "test_mode": true, "unit": 1,
            })
        );
        assert_eq!(body(&input, &input.lines[0], None, "act_1").get("unit"), None);
    }

    #[test]
    fn licenses_are_texts_of_some_length() {
        let read = |json: Value| {
            let text = json.to_string();
            let reply = Reply {
                status: 200,
                json,
                text,
                truncated: false,
            };
            license(&reply).map(|license| license.expose_secret().to_owned())
        };
        assert_eq!(
            read(json!({"license": "KEY-1\nKEY-2"})).as_deref(),
            Some("KEY-1\nKEY-2")
        );
        assert!(read(json!({"license": "x".repeat(20_000)})).is_some());
        for wrong in [
            json!(null),
            json!("KEY-1"),
            json!({"key": "KEY-1"}),
            json!({"license": 1}),
            json!({"license": " "}),
            json!({"license": "a\0b"}),
            json!({"license": "x".repeat(20_001)}),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }
}
