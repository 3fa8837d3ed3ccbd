//! The composition root: the only place that knows every room.
//!
//! [`App`] is built from parts that are ready (a database, keys, a mailer, a client), so that the binary, the tests and the
//! benchmarks run the very same application.

mod parts;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, web};
use serde_json::Value;
use utoipa::OpenApi as _;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config as DocsConfig, SwaggerUi};

use crate::accounts::authenticate::Accounts;
use crate::accounts::oidc::Oidc;
use crate::accounts::tokens::Signer;
use crate::checkouts::origins::CheckoutOrigins;
use crate::http::attempts::{AccessLimits, CodeLimits, SignInLimits};
use crate::http::fallback::{self, Methods};
use crate::http::middleware::metrics::Metrics;
use crate::http::middleware::{authenticate, cors, rate_limit, request_id};
pub use crate::http::openapi_copies::{documents, pretty};
use crate::http::operations::Operations;
use crate::http::ops::Document;
use crate::http::rate_limits::RateLimits;
use crate::http::state::State;
use crate::http::{openapi, storefront_page};
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
            db: parts.worker_db,
            mailer: parts.mailer,
            mail_from: parts.mail_from,
            client: parts.client.clone(),
            vies: parts.vies,
            stripe: parts.stripe.clone(),
            keys: Arc::clone(&keys),
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
            .wrap(from_fn(cors::guard))
            .wrap(from_fn(authenticate::authenticate))
            .wrap(from_fn(rate_limit::limit))
            .wrap(from_fn(cors::answer))
            .wrap(from_fn(request_id::observe))
            .into_utoipa_app()
            .configure(routes)
            .into_app()
            .service(SwaggerUi::new("/docs/{_:.*}").config(docs()))
            .route(
                "/docs",
                web::get().to(async || HttpResponse::Found().insert_header(("Location", "/docs/")).finish()),
            )
            .configure(storefront_page::routes(self.state.development))
            .default_service(web::to(fallback::unmatched))
    }
}

fn docs() -> DocsConfig<'static> {
    DocsConfig::from("/openapi/v1.json")
        .try_it_out_enabled(true)
        .persist_authorization(true)
}

/// Every operation of the API: one line per resource.
fn routes(config: &mut ServiceConfig<'_>) {
    use crate::http::ops;
    use crate::quotes::routes as quote;
    use crate::{
        accounts, activation, callbacks, catalog, checkouts, discounts, events, links, orders, organizations, payments,
        refunds, sessions, webhooks,
    };
    use accounts::{api_keys::routes as key, routes as account};
    use activation::routes as billing;
    use callbacks::routes as callback;
    use catalog::{
        add_ons::routes as add_on, offers::routes as offer, products::routes as product, variants::routes as variant,
    };
    use checkouts::{members::routes as checkout_member, page::routes as page, routes as checkout};
    use discounts::{codes::routes as code, holds::routes as hold};
    use events::routes as event;
    use links::{routes as link, storefront::routes as public_link};
    use orders::{
        access::routes as way_back, attention::routes as attention, cancel::routes as cancellation,
        export::routes as order_export, list::routes as orders_list, mark_paid::routes as marking,
        rerun::routes as action, routes as order, timeline::routes as timeline,
    };
    use organizations::{
        audit_log::routes as audit, invitations::routes as invitation, members::routes as member,
        routes as organization,
    };
    use payments::{routes as payment, setup::routes as payment_method};
    use refunds::routes as refund;
    use sessions::{
        access::routes as access, basket::routes as basket, discount::routes as discount, payment::routes as pay,
        routes as session,
    };
    use webhooks::{deliveries::routes as delivery, endpoints::routes as webhook};
    config
        .service(account::register_user)
        .service(account::login)
        .service(account::refresh)
        .service(account::logout)
        .service(account::verify_email)
        .service(account::change_password)
        .service(account::forgot_password)
        .service(account::reset_password)
        .service(account::exchange_api_key)
        .service(account::get_me)
        .service(account::get_jwks)
        .service(organization::create_organization)
        .service(organization::list_organizations)
        .service(organization::get_organization)
        .service(organization::update_organization)
        .service(organization::delete_organization)
        .service(billing::get_billing_details)
        .service(billing::put_billing_details)
        .service(billing::get_payment_card)
        .service(billing::put_payment_card)
        .service(billing::delete_payment_card)
        .service(member::list_members)
        .service(member::update_member)
        .service(member::remove_member)
        .service(invitation::create_invitations)
        .service(invitation::list_invitations)
        .service(invitation::withdraw_invitation)
        .service(invitation::accept_invitation)
        .service(key::create_organization_key)
        .service(key::list_organization_keys)
        .service(key::revoke_organization_key)
        .service(audit::list_organization_audit_log)
        .service(checkout::create_checkout)
        .service(account::list_checkouts)
        .service(checkout::get_checkout)
        .service(checkout::update_checkout)
        .service(checkout::delete_checkout)
        .service(page::get_style)
        .service(page::put_style)
        .service(page::get_billing_form)
        .service(page::put_billing_form)
        .service(page::get_public_checkout)
        .service(checkout_member::add_member)
        .service(checkout_member::list_members)
        .service(checkout_member::update_member)
        .service(checkout_member::remove_member)
        .service(key::create_checkout_key)
        .service(key::list_checkout_keys)
        .service(key::revoke_checkout_key)
        .service(audit::list_checkout_audit_log)
        .service(product::create_product)
        .service(product::list_products)
        .service(product::get_product)
        .service(product::update_product)
        .service(product::archive_product)
        .service(product::restore_product)
        .service(variant::create_variant)
        .service(variant::list_variants)
        .service(variant::update_variant)
        .service(variant::archive_variant)
        .service(offer::create_offer)
        .service(offer::list_offers)
        .service(offer::get_offer)
        .service(offer::update_offer)
        .service(offer::archive_offer)
        .service(offer::restore_offer)
        .service(add_on::create_add_on)
        .service(add_on::list_add_ons)
        .service(add_on::get_add_on)
        .service(add_on::update_add_on)
        .service(add_on::archive_add_on)
        .service(link::create_link)
        .service(link::list_links)
        .service(link::get_link)
        .service(link::update_link)
        .service(link::archive_link)
        .service(link::restore_link)
        .service(public_link::get_public_link)
        .service(public_link::get_signed_link)
        .service(code::create_code)
        .service(code::create_codes)
        .service(code::list_codes)
        .service(code::get_code)
        .service(code::update_code)
        .service(code::archive_code)
        .service(code::restore_code)
        .service(hold::list_redemptions)
        .service(hold::list_holds)
        .service(quote::create_quote)
        .service(quote::create_public_quote)
        .service(session::open_session)
        .service(session::get_session)
        .service(session::update_session)
        .service(basket::add_lines)
        .service(basket::update_line)
        .service(basket::remove_line)
        .service(basket::accept_add_on)
        .service(basket::decline_add_on)
        .service(discount::apply_discount)
        .service(discount::remove_discount)
        .service(discount::keep_alive)
        .service(pay::confirm_session)
        .service(pay::create_payment)
        .service(pay::resume_session)
        .service(pay::end_test_payment)
        .service(pay::get_session_order)
        .service(access::open_order)
        .service(way_back::request_order_access)
        .service(orders_list::list_orders)
        .service(order_export::export_orders)
        .service(attention::count_orders_requiring_attention)
        .service(order::get_order)
        .service(order::update_order)
        .service(timeline::get_order_timeline)
        .service(attention::acknowledge_attention)
        .service(cancellation::cancel_order)
        .service(action::list_order_actions)
        .service(action::rerun_order_action)
        .service(refund::complete_order)
        .service(refund::create_refund)
        .service(refund::list_order_refunds)
        .service(refund::list_refunds)
        .service(refund::refund_payment)
        .service(marking::mark_paid)
        .service(payment::list_payments)
        .service(payment_method::list_payment_methods)
        .service(payment_method::put_stripe)
        .service(payment_method::put_paytrail)
        .service(payment_method::put_epassi)
        .service(payment_method::put_offline)
        .service(payment_method::delete_payment_method)
        .service(callback::receive_news)
        .service(callback::receive_news_by_get)
        .service(callback::take_back)
        .service(callback::take_back_by_post)
        .service(webhook::create_endpoint)
        .service(webhook::list_endpoints)
        .service(webhook::get_endpoint)
        .service(webhook::get_statistics)
        .service(webhook::update_endpoint)
        .service(webhook::delete_endpoint)
        .service(webhook::rotate_secret)
        .service(webhook::test_endpoint)
        .service(delivery::list_deliveries)
        .service(delivery::get_delivery)
        .service(delivery::retry_delivery)
        .service(delivery::replay_events)
        .service(event::list_events)
        .service(event::get_event)
        .service(ops::livez)
        .service(ops::readyz)
        .service(ops::openapi)
        .service(ops::openapi_without_webhooks)
        .service(ops::openapi_3_0)
        .service(ops::explain_problem);
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
        .configure(routes)
        .split_for_parts();
    openapi::finish(&routes)
}
