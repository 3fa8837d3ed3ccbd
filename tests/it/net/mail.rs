//! `net::mail` against a small SMTP server, and into a directory.

use kassa::net::{Contact, MailError, Mailer, OutgoingMail};
use secrecy::SecretString;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

fn mail(id: &str) -> OutgoingMail {
    let contact = |name: &str, address: &str| Contact {
        name: Some(name.to_owned()),
        address: address.to_owned(),
    };
    OutgoingMail {
        message_id: format!("{id}@shop.example"),
        from: contact("Laden", "shop@shop.example"),
        to: contact("Zoë", "zoe@example.org"),
        reply_to: None,
        subject: "Danke".to_owned(),
        text: "Hallo\n.\nTschüs".to_owned(),
        html: Some("<p>Hallo</p>".to_owned()),
        headers: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
    }
}

#[derive(Default)]
struct Seen {
    connections: usize,
    lines: Vec<String>,
}

/// How the server departs from the usual.
#[derive(Clone, Copy, Default)]
struct Manners {
    greeting: &'static str,
    rcpt: &'static str,
    /// Says nothing to the end of the first message.
    swallow_first: bool,
    login: &'static str,
}

const POLITE: Manners = Manners {
    greeting: "220 hello",
    rcpt: "250 ok",
    swallow_first: false,
    login: "235 welcome",
};

async fn smtp(manners: Manners) -> (SocketAddr, Arc<Mutex<Seen>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = {
                let mut seen = shared.lock().unwrap();
                seen.connections += 1;
                seen.connections
            };
            tokio::spawn(dialogue(stream, manners, number, Arc::clone(&shared)));
        }
    });
    (address, seen)
}

async fn dialogue(stream: TcpStream, manners: Manners, number: usize, seen: Arc<Mutex<Seen>>) {
    let mut stream = BufReader::new(stream);
    let mut in_data = false;
    let mut reply = manners.greeting;
    loop {
        if !reply.is_empty() {
            let line = format!("{reply}\r\n");
            if stream.get_mut().write_all(line.as_bytes()).await.is_err() {
                return;
            }
        }
        let mut line = String::new();
        if !matches!(stream.read_line(&mut line).await, Ok(n) if n > 0) {
            return;
        }
        let line = line.trim_end().to_owned();
        seen.lock().unwrap().lines.push(line.clone());
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        reply = match verb.as_str() {
            "." if in_data => {
                in_data = false;
                if manners.swallow_first && number == 1 {
                    ""
                } else {
                    "250 queued"
                }
            }
            _ if in_data => "",
            "EHLO" => "250-me\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            "AUTH" => manners.login,
            "RCPT" => manners.rcpt,
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            _ => "250 ok",
        };
    }
}

fn mailer(url: &str) -> Mailer {
    Mailer::from_url(&SecretString::from(url)).unwrap()
}

fn temporary_directory() -> std::path::PathBuf {
    let name = format!("kassa-mail-{}", uuid::Uuid::now_v7().simple());
    std::env::temp_dir().join(name)
}

#[tokio::test]
async fn two_messages_share_a_connection() {
    let (address, seen) = smtp(POLITE).await;
    let mailer = mailer(&format!("smtp://{address}"));
    for id in ["a.1", "a.2"] {
        mailer.send(&mail(id)).await.unwrap();
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.connections, 1);
    for id in ["a.1", "a.2"] {
        assert!(seen.lines.contains(&format!("Message-ID: <{id}@shop.example>")));
    }
    assert_eq!(
        seen.lines
            .iter()
            .filter(|l| l.starts_with("RCPT TO:<zoe@example.org>"))
            .count(),
        2
    );
}

#[tokio::test]
async fn answers_say_whether_to_try_again() {
    for (manners, temporary, code) in [
        (
            Manners {
                rcpt: "450 4.2.1 greylisted",
                ..POLITE
            },
            true,
            450,
        ),
        (
            Manners {
                rcpt: "452 4.2.2 mailbox full",
                ..POLITE
            },
            true,
            452,
        ),
        (
            Manners {
                rcpt: "550 5.1.1 no such user",
                ..POLITE
            },
            false,
            550,
        ),
        (
            Manners {
                greeting: "421 busy",
                ..POLITE
            },
            true,
            421,
        ),
        (
            Manners {
                greeting: "554 go away",
                ..POLITE
            },
            true,
            554,
        ),
        (
            Manners {
                login: "535 wrong",
                ..POLITE
            },
            true,
            535,
        ),
    ] {
        let (address, _) = smtp(manners).await;
        let mailer = mailer(&format!("smtp://u:hunter2@{address}"));
        let error = mailer.send(&mail("a")).await.unwrap_err();
        let MailError::Rejected { code: got, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((*got, error.temporary()), (code, temporary), "{error}");
        assert!(!format!("{error} {error:?} {mailer:?}").contains("hunter2"));
    }
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let error = mailer(&format!("smtp://{closed}")).send(&mail("a")).await.unwrap_err();
    assert_eq!(error, MailError::Unreachable);
    assert!(error.temporary());
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_when_it_is_required() {
    let (address, seen) = smtp(POLITE).await;
    let mailer = mailer(&format!("smtp://u:hunter2@{address}?tls=required"));
    assert_eq!(mailer.send(&mail("a")).await.unwrap_err(), MailError::Tls);
    let seen = seen.lock().unwrap();
    assert!(
        !seen
            .lines
            .iter()
            .any(|l| l.starts_with("AUTH") || l.starts_with("MAIL"))
    );
}

#[tokio::test]
async fn a_plain_server_behind_an_smtps_url_is_a_tls_error() {
    let (address, _) = smtp(POLITE).await;
    let error = mailer(&format!("smtps://{address}"))
        .send(&mail("a"))
        .await
        .unwrap_err();
    assert_eq!(error, MailError::Tls);
    assert!(error.temporary());
}

#[tokio::test]
async fn a_cancelled_exchange_is_not_continued_by_the_next_message() {
    let (address, seen) = smtp(Manners {
        swallow_first: true,
        ..POLITE
    })
    .await;
    let mailer = mailer(&format!("smtp://{address}")).with_timeout(Duration::from_millis(300));
    let started = Instant::now();
    assert_eq!(mailer.send(&mail("a.1")).await.unwrap_err(), MailError::Timeout);
    assert!(started.elapsed() < Duration::from_secs(2));
    mailer.send(&mail("a.2")).await.unwrap();
    assert_eq!(seen.lock().unwrap().connections, 2);
}

#[tokio::test]
async fn a_silent_server_is_left_in_time() {
    let (address, _) = smtp(Manners { greeting: "", ..POLITE }).await;
    let mailer = mailer(&format!("smtp://{address}")).with_timeout(Duration::from_millis(200));
    assert_eq!(mailer.send(&mail("a")).await.unwrap_err(), MailError::Timeout);
}

#[tokio::test]
async fn one_file_for_each_message_id() {
    let directory = temporary_directory();
    let mailer = mailer(&format!("file://{}/deeper", directory.display()));
    let mut first = mail("order-1.paid");
    mailer.send(&first).await.unwrap();
    first.subject = "Noch einmal".to_owned();
    mailer.send(&first).await.unwrap();
    mailer.send(&mail("order-2.paid")).await.unwrap();
    let mut names: Vec<_> = std::fs::read_dir(directory.join("deeper"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["order-1.paid.eml", "order-2.paid.eml"]);
    let content = std::fs::read_to_string(directory.join("deeper/order-1.paid.eml")).unwrap();
    assert!(content.contains("Subject: Noch einmal\r\n"));
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_a_temporary_error() {
    let file = temporary_directory();
    std::fs::write(&file, "in the way").unwrap();
    let error = Mailer::files(&file).send(&mail("a")).await.unwrap_err();
    assert!(matches!(error, MailError::Files(_)) && error.temporary());
    std::fs::remove_file(&file).unwrap();
}

mod log {
    use super::{POLITE, mail, mailer, smtp};
    use std::fmt::Write;
    use std::sync::{Arc, Mutex};
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    /// Writes every event of every level into one string.
    struct Listener(Arc<Mutex<String>>);

    struct Text<'a>(&'a mut String);

    impl Visit for Text<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            writeln!(self.0, "{field}={value:?}").unwrap();
        }
    }

    impl Subscriber for Listener {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut Text(&mut self.0.lock().unwrap()));
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[tokio::test]
    async fn neither_password_nor_message_reaches_the_log() {
        let heard = Arc::new(Mutex::new(String::new()));
        let guard = tracing::subscriber::set_default(Listener(Arc::clone(&heard)));
        let (address, seen) = smtp(POLITE).await;
        mailer(&format!("smtp://u:hunter2@{address}"))
            .send(&mail("a"))
            .await
            .unwrap();
        tracing::debug!("the listener listens");
        drop(guard);
        let seen = seen.lock().unwrap();
        assert!(seen.lines.iter().any(|line| line.starts_with("AUTH PLAIN")));
        let heard = heard.lock().unwrap();
        assert!(heard.contains("the listener listens"));
        assert!(!heard.contains("AUTH") && !heard.contains("zoe"), "{heard}");
    }
}
