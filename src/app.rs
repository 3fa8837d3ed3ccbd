//! The composition root: the only place that knows every room.
//!
//! [`App`] is built from parts that are ready (a database, keys, a mailer, a client), so that the binary, the tests and the
//! benchmarks run the very same application.

mod parts;
mod routes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Redirect};
use serde_json::Value;
use utoipa::OpenApi as _;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config as DocsConfig, SwaggerUi};

use crate::accounts::authenticate::Accounts;
use crate::accounts::oidc::Oidc;
use crate::accounts::tokens::Signer;
use crate::checkouts::origins::CheckoutOrigins;
use crate::http::attempts::{AccessLimits, CodeLimits, SignInLimits};
use crate::http::fallback::{self, Methods};
use crate::http::middleware::metrics::Metrics;
use crate::http::middleware::{authenticate, cors, head, rate_limit, request_id};
pub use crate::http::openapi_copies::{documents, pretty};
use crate::http::operations::Operations;
use crate::http::ops::Document;
use crate::http::rate_limits::RateLimits;
use crate::http::state::State;
use crate::http::{guides, openapi, storefront_page};
use crate::orders::run_action::Bench;
use crate::organizations::invitations::accept::VerifiedAddress;
use crate::payments::desk::Desk;
use crate::payments::providers::{Addresses, Providers};
use crate::worker::Worker;

pub use parts::{Parts, ProviderAddresses};

/// The application: what serves requests and what works in the background.
#[derive(Clone)]
pub struct App {
    state: Arc<State>,
    signer: Arc<Signer>,
    desk: Arc<Desk>,
    worker: Worker,
    document: Document,
    methods: Methods,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let metrics = Metrics::default();
        let keys = Arc::new(parts.keys);
        let signer = Arc::new(parts.signer);
        let to = parts.provider_addresses;
        let addresses = Addresses {
            stripe: to.stripe,
            paytrail: to.paytrail,
            epassi: to.epassi,
            public_url: parts.public_url.clone(),
        };
        let clock = parts.db.clock().clone();
        let providers = Providers::new(parts.client.clone(), addresses, parts.provider_timeout, clock.clone());
        let desk = Desk {
            db: parts.db.clone(),
            keys: Arc::clone(&keys),
            providers: Arc::new(providers),
            mail_from: parts.mail_from.clone(),
        };
        let worker = Worker {
            desk: Desk {
                db: parts.worker_db.clone(),
                ..desk.clone()
            },
            bench: Bench {
                db: parts.worker_db.clone(),
                keys: Arc::clone(&keys),
                mailer: parts.mailer.clone(),
                mail_from: parts.mail_from.clone(),
                client: parts.client.clone(),
                services: parts.services,
            },
            db: parts.worker_db,
            mailer: parts.mailer,
            mail_from: parts.mail_from,
            client: parts.client.clone(),
            vies: parts.vies,
            stripe: parts.stripe.clone(),
            keys: Arc::clone(&keys),
            lease_ms: parts.lease_ms,
            metrics: metrics.clone(),
        };
        let document = document();
        let state = State {
            operations: Operations::of(&document),
            authenticator: Arc::new(Accounts {
                db: parts.db.clone(),
                signer: Arc::clone(&signer),
                oidc: Oidc::new(parts.oidc, parts.client.clone(), clock.clone()),
                first_visit: Arc::new(VerifiedAddress {
                    keys: Arc::clone(&keys),
                }),
            }),
            origins: Arc::new(CheckoutOrigins::new(parts.db.clone())),
            management_origins: parts.management_origins,
            trusted_proxies: parts.trusted_proxies,
            rate_limits: RateLimits::new(&parts.rate_limits, &clock),
            code_limits: CodeLimits::new(&clock),
            access_limits: AccessLimits::new(&clock),
            sign_in_limits: SignInLimits::new(&clock),
            hashing: parts.hashing,
            db: parts.db,
            keys,
            client: parts.client,
            stripe: parts.stripe,
            public_url: parts.public_url,
            development: parts.development,
            stopping: AtomicBool::new(false),
            metrics,
        };
        Self {
            state: Arc::new(state),
            signer,
            desk: Arc::new(desk),
            worker,
            methods: Methods(Arc::new(openapi::methods(&document))),
            document: Document::of(&document),
        }
    }

    /// The parts handlers reach.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// What works in the background.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// Who signs access tokens.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Not ready any more, still answering: the first step of a shutdown.
    pub fn begin_stopping(&self) {
        self.state.stopping.store(true, Ordering::Relaxed);
    }

    /// The HTTP application of one server thread.
    pub fn http(
        &self,
    ) -> actix_web::App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        actix_web::App::new()
            .app_data(Arc::clone(&self.state))
            .app_data(Arc::clone(&self.signer))
            .app_data(Arc::clone(&self.desk))
            .app_data(self.document.clone())
            .app_data(self.methods.clone())
            .app_data(fallback::path_config())
            // The last stands outermost: a refusal gets the headers of everything below it.
            .wrap(from_fn(fallback::explain))
            .wrap(from_fn(cors::guard))
            .wrap(from_fn(authenticate::authenticate))
            .wrap(from_fn(rate_limit::limit))
            .wrap(from_fn(cors::answer))
            .wrap(from_fn(head::as_get))
            .wrap(from_fn(request_id::observe))
            .configure(routes::routes)
            .configure(guides::routes)
            .service(SwaggerUi::new("/docs/{_:.*}").config(docs()))
            .route("/", web::get().to(async || Redirect::to("/docs/guides/")))
            .route("/docs", web::get().to(async || Redirect::to("/docs/")))
            .configure(storefront_page::routes(self.state.development))
            .default_service(web::to(fallback::unmatched))
    }
}

fn docs() -> DocsConfig<'static> {
    DocsConfig::from("/openapi/v1.json")
        .try_it_out_enabled(true)
        .persist_authorization(true)
}

/// What events carry and no route answers with.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(crate::sessions::views::ExpiredSession, crate::orders::redeem::ExhaustedDiscountCode)))]
struct EventPayloads;

/// The OpenAPI document, made from the routes; needs no database.
pub fn document() -> Value {
    let mut base = openapi::base();
    base.merge(EventPayloads::openapi());
    let (_, routes) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(base)
        .configure(|config| routes::routes(config))
        .split_for_parts();
    openapi::finish(&routes)
}
