//! `kassa serve`: the API, the worker, or both, until a signal; then an orderly end.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{HttpResponse, HttpServer, web};
use tokio::signal::unix::{SignalKind, signal};

use super::boot::{Database, application};
use super::progress::Progress;
use super::{Failed, demo, failed, say};
use crate::app::App;
use crate::config::{Config, Environment};
use crate::telemetry::{self, Telemetry, TelemetrySettings};

/// How long requests that are being answered may take after the signal, in seconds.
const GRACE_SECONDS: u64 = 20;
/// How long a production server goes on accepting after it stopped being ready, so that balancers notice.
const DRAIN: Duration = Duration::from_secs(5);

/// What `serve` takes.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Arguments {
    /// Serve requests, work in the background, or both.
    #[arg(long, value_enum, default_value_t)]
    role: Role,
}

/// What a process does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Role {
    /// Both.
    #[default]
    All,
    /// Requests only.
    Api,
    /// Background work only.
    Worker,
}

/// Serves until SIGINT or SIGTERM.
pub(super) async fn run(mut config: Config, arguments: Arguments) -> Result<(), Failed> {
    let telemetry = start_telemetry(&config)?;
    // Before anything is made or migrated: a port that is taken is noticed at once.
    let doors = Doors::open(&config, arguments.role)?;
    config.prepare().map_err(failed)?;
    let database = Database::open(&config).await?;
    let outcome = serve(&config, &database, doors).await;
    database.close().await;
    telemetry.shutdown().await;
    outcome
}

fn start_telemetry(config: &Config) -> Result<Telemetry, Failed> {
    telemetry::start(&TelemetrySettings {
        log_filter: config.log_filter.clone(),
        log_format: config.log_format,
        otlp_endpoint: config.otlp_endpoint.clone(),
        service_version: env!("CARGO_PKG_VERSION").to_owned(),
    })
    .map_err(failed)
}

/// What is listened on.
struct Doors {
    role: Role,
    /// For requests; a worker has none.
    api: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

impl Doors {
    fn open(config: &Config, role: Role) -> Result<Self, Failed> {
        let api = (role != Role::Worker).then(|| bind("KASSA_LISTEN", config.listen, "set another address"));
        let metrics = config
            .metrics_listen
            .map(|address| bind("KASSA_METRICS_LISTEN", address, "set another address, or off"));
        Ok(Self {
            role,
            api: api.transpose()?,
            metrics: metrics.transpose()?,
        })
    }
}

async fn serve(config: &Config, database: &Database, doors: Doors) -> Result<(), Failed> {
    let Doors { role, api, metrics } = doors;
    database.prepare_schema(config.environment).await?;
    let mut public_url = config.public_url.clone();
    if let Some(listener) = &api {
        // Port 0 in the settings means "any": the address is known only now.
        let port = listener.local_addr().map_err(failed)?.port();
        public_url = public_url.replace(":0", &format!(":{port}"));
    }
    let app = application(config, database, public_url)?;
    refuse_superuser(config, &app).await?;
    let metrics = metrics.map(|listener| metrics_server(listener, &app)).transpose()?;
    if api.is_some() {
        announce(config, database, &app).await?;
    } else {
        tracing::info!("working in the background, without requests");
    }
    let running = (role != Role::Api).then(|| app.worker().clone().start());
    if let Some(listener) = api {
        serve_requests(config, &app, listener, metrics).await?;
    } else {
        let metrics_run = async {
            if let Some((server, _)) = metrics {
                server.await
            } else {
                // Without metrics there is only the signal to wait for.
                std::future::pending().await
            }
        };
        tokio::select! {
            () = stop_signal() => {}
            ended = metrics_run => ended.map_err(failed)?,
        }
    }
    if let Some(running) = running {
        running.stop().await;
    }
    Ok(())
}

/// The audit log is append-only by the rights of the role that serves; a superuser has every right.
async fn refuse_superuser(config: &Config, app: &App) -> Result<(), Failed> {
    let production = config.environment == Environment::Production;
    if production && app.state().db.serves_as_superuser().await.map_err(failed)? {
        return Err(Failed(
            "DATABASE_URL is a superuser's, for whom the audit log is not append-only: serve by a role of its own, and give \
             KASSA_MIGRATE_DATABASE_URL to the role that owns the tables"
                .to_owned(),
        ));
    }
    Ok(())
}

fn bind(setting: &str, address: SocketAddr, otherwise: &str) -> Result<TcpListener, Failed> {
    TcpListener::bind(address).map_err(|error| {
        Failed(format!(
            "cannot listen on {address}, which is {setting}: {error}; {otherwise}"
        ))
    })
}

type Metrics = (actix_web::dev::Server, ServerHandle);

/// `/metrics` on a port of its own, so that it is never published with the API.
fn metrics_server(listener: TcpListener, app: &App) -> Result<Metrics, Failed> {
    let state = app.state().clone();
    let server = HttpServer::new(move || {
        let state = state.clone();
        let text = move || {
            state.metrics.pool_in_use.set(state.db.connections_in_use());
            let text = state.metrics.text();
            async move {
                HttpResponse::Ok()
                    .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
                    .body(text)
            }
        };
        actix_web::App::new().route("/metrics", web::get().to(text))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .map_err(failed)?
    .run();
    let handle = server.handle();
    Ok((server, handle))
}

async fn serve_requests(
    config: &Config,
    app: &App,
    listener: TcpListener,
    metrics: Option<Metrics>,
) -> Result<(), Failed> {
    let factory = app.clone();
    let server = HttpServer::new(move || factory.http())
        .disable_signals()
        .shutdown_timeout(GRACE_SECONDS)
        .listen(listener)
        .map_err(failed)?
        .run();
    let handle = server.handle();
    let (metrics, metrics_handle) = metrics.map_or((None, None), |(server, handle)| (Some(server), Some(handle)));
    let stop = async {
        stop_signal().await;
        tracing::info!("stopping: not ready any more, finishing requests");
        app.begin_stopping();
        if config.environment == Environment::Production {
            tokio::time::sleep(DRAIN).await;
        }
        handle.stop(true).await;
        if let Some(handle) = metrics_handle {
            handle.stop(false).await;
        }
    };
    let metrics = async {
        if let Some(server) = metrics {
            server.await
        } else {
            Ok(())
        }
    };
    let (served, measured, ()) = tokio::join!(server, metrics, stop);
    served.and(measured).map_err(failed)
}

/// Completes at SIGINT or SIGTERM. Without signals there is no orderly end, but there is still a server.
async fn stop_signal() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// What a person needs to go on: a short table in development, one line elsewhere.
async fn announce(config: &Config, database: &Database, app: &App) -> Result<(), Failed> {
    let url = &app.state().public_url;
    if config.environment == Environment::Production {
        tracing::info!(url, "serving");
        return Ok(());
    }
    let progress = Progress::new();
    progress.tell("looking after the demo merchant");
    let demo = demo::data::ensure(app.state()).await?;
    drop(progress);
    demo.remember(&config.data_dir)?;
    say("")?;
    say("Kassa is running (development).")?;
    say("")?;
    say(format_args!("  API                 {url}"))?;
    say(format_args!("  Swagger UI          {url}/docs"))?;
    say(format_args!("  Guides              {url}/docs/guides/"))?;
    say(format_args!(
        "  Demo checkout link  {url}/storefront/{}/{}",
        demo.checkout, demo.link
    ))?;
    say(format_args!(
        "  Demo owner          {}  password {}",
        demo.email, demo.password
    ))?;
    say(format_args!("  Demo API key        {}", demo.api_key))?;
    match &database.cluster {
        Some(cluster) => say(format_args!("  Database            {}", cluster.describe()))?,
        None => say("  Database            the one of DATABASE_URL")?,
    }
    if config.smtp_url.is_none() {
        say(format_args!(
            "  Mails               {}",
            config.data_dir.join("mail").display()
        ))?;
    }
    say("")?;
    say("  A whole sale, step by step:  kassa demo   (cargo run -- demo)")?;
    say("")
}
