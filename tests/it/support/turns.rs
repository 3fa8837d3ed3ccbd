//! How often an application asks its database: a door between the two that counts.
//!
//! A turn is a round trip: the application speaks after the database has spoken. Statements are what it executes within them, the
//! beginning and the end of transactions included.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::TestApp;
use super::app::Settings;
use super::database::TestDatabase;

/// How far away the database is: what was sent together in several packets has arrived when the first answer does.
const FAR: Duration = Duration::from_millis(10);

/// What passed through the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub turns: usize,
    pub statements: usize,
}

/// The door: as long as the process, a thread for each direction of a connection.
#[derive(Clone, Debug, Default)]
pub struct Door {
    turns: Arc<AtomicUsize>,
    statements: Arc<AtomicUsize>,
}

impl Door {
    /// A door to this database, and the address to come in by.
    pub fn to(url: &SecretString) -> (Self, SecretString) {
        let (head, tail) = url.expose_secret().rsplit_once(':').expect("a port");
        let (port, database) = tail.split_once('/').expect("a database");
        let port: u16 = port.parse().expect("a port");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let through = listener.local_addr().expect("an address").port();
        let door = Self::default();
        let counts = door.clone();
        std::thread::spawn(move || {
            for inside in listener.incoming().flatten() {
                let outside = TcpStream::connect(("127.0.0.1", port)).expect("the database");
                for stream in [&inside, &outside] {
                    stream.set_nodelay(true).expect("an option of TCP");
                }
                counts.pass(inside, outside);
            }
        });
        (door, format!("{head}:{through}/{database}").into())
    }

    /// What has passed since the last time.
    pub fn take(&self) -> Count {
        Count {
            turns: self.turns.swap(0, Ordering::SeqCst),
            statements: self.statements.swap(0, Ordering::SeqCst),
        }
    }

    fn pass(&self, inside: TcpStream, outside: TcpStream) {
        let asked = Arc::new(AtomicBool::new(false));
        let (answered, answers) = (Arc::clone(&asked), (outside.try_clone(), inside.try_clone()));
        let (Ok(from), Ok(to)) = answers else { return };
        std::thread::spawn(move || {
            copy(from, to, |_| {
                std::thread::sleep(FAR);
                answered.store(false, Ordering::SeqCst);
            });
        });
        let counts = self.clone();
        std::thread::spawn(move || {
            let mut messages = Messages::default();
            copy(inside, outside, |bytes| {
                if !asked.swap(true, Ordering::SeqCst) {
                    counts.turns.fetch_add(1, Ordering::SeqCst);
                }
                counts.statements.fetch_add(messages.executed(bytes), Ordering::SeqCst);
            });
        });
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, mut seen: impl FnMut(&[u8])) {
    let mut buffer = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        seen(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// What a client says, cut into messages: a letter, four bytes of length, the rest. The first message has no letter.
#[derive(Default)]
struct Messages {
    begun: bool,
    rest: Vec<u8>,
}

impl Messages {
    /// How many of the messages that end in these bytes execute something: `E` a prepared statement, `Q` a text.
    fn executed(&mut self, bytes: &[u8]) -> usize {
        self.rest.extend_from_slice(bytes);
        let mut executed = 0;
        loop {
            let letter = usize::from(self.begun);
            let Some(length) = self.rest.get(letter..letter + 4) else {
                break;
            };
            let length = u32::from_be_bytes(length.try_into().expect("four bytes")) as usize + letter;
            if self.rest.len() < length {
                break;
            }
            let message: Vec<u8> = self.rest.drain(..length).collect();
            executed += usize::from(self.begun && matches!(message[0], b'E' | b'Q'));
            self.begun = true;
        }
        executed
    }
}

/// The same application through a door that counts.
pub async fn counted(test: &TestApp) -> (TestApp, Door) {
    let (door, serve) = Door::to(&test.database.serve);
    let database = TestDatabase {
        serve,
        ..test.database.clone()
    };
    let counted = TestApp::with(Settings {
        database: Some(database),
        ..Settings::default()
    })
    .await;
    (counted, door)
}
