//! A webhook receiver for the length of the demo: verifies each delivery as a merchant's system would.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::super::{Failed, failed};
use crate::kernel::clock::Clock;
use crate::net::signature::{Received, SigningSecret, TOLERANCE_SECS, verify};

/// A delivery that arrived: its type, its place in the log, and whether its signature holds.
#[derive(Debug)]
pub(super) struct Arrival {
    pub event: serde_json::Value,
    pub genuine: bool,
}

/// A receiver on a loopback port.
pub(super) struct Receiver {
    pub url: String,
    pub arrivals: mpsc::UnboundedReceiver<Arrival>,
    secret: Arc<Mutex<Option<SigningSecret>>>,
    handle: ServerHandle,
    /// The server's task: ends with the receiver.
    _task: JoinSet<std::io::Result<()>>,
}

impl Receiver {
    /// Starts to listen.
    pub fn start() -> Result<Self, Failed> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
        let url = format!("http://{}/hooks", listener.local_addr().map_err(failed)?);
        let (sender, arrivals) = mpsc::unbounded_channel();
        let secret = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&secret);
        let server = HttpServer::new(move || {
            let (sender, secret) = (sender.clone(), Arc::clone(&shared));
            let receive = move |request: HttpRequest, body: web::Bytes| {
                let arrival = read(&secret, &request, &body);
                // The demo has ended: nobody listens any more.
                let _ = sender.send(arrival);
                async { HttpResponse::NoContent().finish() }
            };
            actix_web::App::new().route("/hooks", web::post().to(receive))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .map_err(failed)?
        .run();
        let handle = server.handle();
        let mut task = JoinSet::new();
        task.spawn(server);
        Ok(Self {
            url,
            arrivals,
            secret,
            handle,
            _task: task,
        })
    }

    /// The secret that deliveries are signed with, known once the endpoint is registered.
    pub fn trust(&self, secret: &str) -> Result<(), Failed> {
        let secret = SigningSecret::parse(secret).map_err(failed)?;
        *self.secret.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(secret);
        Ok(())
    }

    /// Stops to listen.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

fn read(secret: &Mutex<Option<SigningSecret>>, request: &HttpRequest, body: &[u8]) -> Arrival {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let received = Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signatures: header("webhook-signature"),
    };
    let now = u64::try_from(Clock::default().now().timestamp()).unwrap_or(0);
    let secret = secret.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let genuine = secret
        .as_ref()
        .is_some_and(|secret| verify(&[secret], received, body, now, TOLERANCE_SECS).is_ok());
    Arrival {
        event: serde_json::from_slice(body).unwrap_or_default(),
        genuine,
    }
}
