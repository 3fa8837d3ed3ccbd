//! Exchange rates: imported by the command, looked up as the product does, fetched from a double of the bank.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Output, Stdio};

use chrono::NaiveDate;
use kassa::db::Db;
use kassa::db::pool::Pool;
use kassa::kernel::clock::Clock;
use kassa::kernel::money::Currency;
use kassa::rates::model::RateSource;
use kassa::rates::{CrossRate, convert, cross_rate, in_usd};
use proptest::prelude::*;
use rust_decimal::Decimal;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::database::{self, TestDatabase};
use crate::support::process::kassa;

const DAY: &str = "<gesmes:Envelope xmlns:gesmes='http://www.gesmes.org/xml/2002-08-01'><Cube><Cube time='2025-06-02'>\
<Cube currency='USD' rate='1.1419'/><Cube currency='SEK' rate='10.8885'/></Cube></Cube></gesmes:Envelope>";

/// Runs `kassa import-rates`.
pub fn import(database: &TestDatabase, arguments: &[&str], input: &str) -> Output {
    let data = tempfile::tempdir().expect("a folder");
    let mut child = kassa(data.path())
        .arg("import-rates")
        .args(arguments)
        .env("KASSA_ENV", "development")
        .env("DATABASE_URL", database.serve.expose_secret())
        .env("KASSA_MIGRATE_DATABASE_URL", database.owner.expose_secret())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary");
    // A command that refuses its arguments reads no input.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("its output")
}

fn answer(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

async fn rate(database: &TestDatabase, from: &str, to: &str, on: &str) -> Option<CrossRate> {
    let db = Db::new(Pool::new(&database.serve, 1).expect("a pool"), Clock::default());
    let conn = db.read().await.expect("a connection");
    let [from, to] = [from, to].map(|code| code.parse().expect("a currency"));
    cross_rate(&conn, from, to, on.parse().expect("a day"))
        .await
        .expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_rates_are_found_by_day() {
    let database = database::fresh().await;
    let before = rate(&database, "EUR", "USD", "2025-06-03")
        .await
        .expect("the last resort");
    assert!(before.stale && before.source.is_none());
    let told = answer(&import(&database, &["-", "--json"], DAY));
    assert_eq!(
        told,
        json!({"imported": 2, "source": "ecb", "from": "2025-06-02", "to": "2025-06-02"})
    );
    let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let expect = |rate: &str, on: &str, source, stale| {
        Some(CrossRate {
            rate: decimal(rate),
            on_date: day(on),
            source: Some(source),
            stale,
        })
    };
    let ecb = RateSource::Ecb;
    assert_eq!(
        rate(&database, "EUR", "USD", "2025-06-06").await,
        expect("1.1419", "2025-06-02", ecb, false)
    );
    assert_eq!(
        rate(&database, "EUR", "USD", "2025-06-07").await,
        expect("1.1419", "2025-06-02", ecb, true)
    );
    assert_eq!(
        rate(&database, "SEK", "USD", "2025-06-02").await,
        expect("0.1048721128", "2025-06-02", ecb, false)
    );
    assert!(
        rate(&database, "EUR", "USD", "2025-06-01")
            .await
            .expect("the last resort")
            .stale,
        "not known then"
    );
    // The operator's own file comes later, and so wins on its day; another day's does not.
    let own = "date,currency,rate\n2025-06-02,USD,1.2\n2025-05-30,USD,9\n";
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), own).expect("a file");
    let told = answer(&import(
        &database,
        &[file.path().to_str().expect("a path"), "--json"],
        "",
    ));
    assert_eq!(
        (told["imported"].as_u64(), told["from"].as_str()),
        (Some(2), Some("2025-05-30"))
    );
    assert_eq!(
        rate(&database, "EUR", "USD", "2025-06-03").await,
        expect("1.2", "2025-06-02", RateSource::Import, false)
    );
    // And the bank's again: the same rows, corrected.
    answer(&import(&database, &["-", "--json"], &DAY.replace("1.1419", "1.1420")));
    assert_eq!(
        rate(&database, "EUR", "USD", "2025-06-03").await,
        expect("1.142", "2025-06-02", ecb, false)
    );
    assert_eq!(rate(&database, "KWD", "USD", "2025-06-03").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_changes_nothing() {
    let database = database::fresh().await;
    for (arguments, input, why) in [
        (&["-"][..], "2025-06-02,USD,1.1\n2025-06-02,SEK,0\n", "line 2"),
        (&["-"], "", "no rate"),
        (&["/nonexistent/rates.csv"], "", "rates.csv"),
        (&[], "", "required"),
        (&["-", "--ecb"], "", "cannot be used with"),
    ] {
        let output = import(&database, arguments, input);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(why), "{arguments:?}: {told}");
    }
    assert!(
        rate(&database, "EUR", "USD", "2025-06-02")
            .await
            .expect("the last resort")
            .source
            .is_none()
    );
}

/// Answers each connection with the next of these and gives the address.
fn bank(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/stats/eurofxref/eurofxref-daily.xml")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banks_file_is_fetched_when_it_is_there() {
    let database = database::fresh().await;
    let whole = |status: &str, body: &str| format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let url = bank(vec![
        whole("503 Service Unavailable", "later"),
        whole("200 OK", "<html>moved</html>"),
        whole("200 OK", &" ".repeat(600 * 1024)),
        "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n<Cube>".to_owned(),
        whole("200 OK", DAY),
    ]);
    for why in ["answered 503", "no rate", "more than", "nothing was changed"] {
        let output = import(&database, &["--ecb", "--url", &url], "");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(why), "{why}: {told}");
    }
    let told = answer(&import(&database, &["--ecb", "--url", &url, "--json"], ""));
    assert_eq!(told["imported"], 2);
    assert!(!rate(&database, "EUR", "USD", "2025-06-02").await.expect("a rate").stale);
}

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "USD", "JPY", "KWD", "SEK", "HUF"])
        .prop_map(|code| code.parse().expect("a currency"))
}

proptest! {
    /// Against whole numbers: the rate as a fraction of 10^10, the exponents as factors.
    #[test]
    fn conversion_is_exact(amount in -99_999_999_i64..=99_999_999, from in currency(), to in currency(), rate in 1_i64..=100_000_000_000) {
        let (up, down) = (10_i128.pow(to.exponent()), 10_i128.pow(from.exponent() + 10));
        let (top, bottom) = (i128::from(amount) * i128::from(rate) * up, down);
        let half_up = (2 * top.abs() + bottom) / (2 * bottom) * top.signum();
        let told = convert(amount, from, to, Decimal::new(rate, 10));
        match i64::try_from(half_up).ok().filter(|amount| amount.abs() <= 99_999_999_999) {
            Some(wanted) => prop_assert_eq!(told, Ok(wanted)),
            None => prop_assert!(told.is_err()),
        }
    }

    #[test]
    fn the_total_in_dollars_follows_from_its_parts(
        subtotal in 0_i64..=99_999_999, share in 0_i64..=100, tax_share in 0_i64..=27, from in currency(), rate in 1_i64..=20_000, inclusive: bool,
    ) {
        let (discount, usd) = (subtotal * share / 100, "USD".parse().expect("a currency"));
        let tax = (subtotal - discount) * tax_share / 100;
        let told = in_usd([subtotal, discount, tax], from, usd, Decimal::new(rate, 4), inclusive).expect("bounded");
        prop_assert_eq!(told.total, told.subtotal - told.discount_total + if inclusive { 0 } else { told.tax });
        // A discount never turns the total negative: rounding keeps the order of amounts.
        prop_assert!(told.total >= 0 && told.discount_total <= told.subtotal);
    }
}
