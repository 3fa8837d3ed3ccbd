//! Every operation of the API, registered: what is not here is not served and not in the document.

use actix_web::dev::HttpServiceFactory;
use utoipa_actix_web::OpenApiFactory;

/// Where operations are registered. A server's thread only serves them: the document that they make as well is made once, not once a thread.
pub(super) trait Register {
    /// Registers an operation.
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self;
}

impl Register for actix_web::web::ServiceConfig {
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self {
        Self::service(self, operation)
    }
}

impl Register for utoipa_actix_web::service_config::ServiceConfig<'_> {
    fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self {
        Self::service(self, operation)
    }
}

/// Every operation of the API: one line per resource.
pub(super) fn routes(config: &mut impl Register) {
    use crate::http::ops;
    use crate::quotes::routes as quote;
    use crate::{
        accounts, actions, activation, callbacks, catalog, checkouts, customers, discounts, events, licenses, links,
        orders, organizations, payments, refunds, reports, sessions, webhooks,
    };
    use accounts::{api_keys::routes as key, routes as account};
    use actions::{configured::routes as configured, integrations::routes as integration};
    use activation::routes as billing;
    use callbacks::routes as callback;
    use catalog::{
        add_ons::routes as add_on, offers::routes as offer, products::routes as product, variants::routes as variant,
    };
    use checkouts::{members::routes as checkout_member, page::routes as page, routes as checkout};
    use customers::{export::routes as customer_export, routes as customer};
    use discounts::{codes::routes as code, holds::routes as hold};
    use events::routes as event;
    use licenses::keys::routes as license_key;
    use links::{routes as link, storefront::routes as public_link};
    use orders::{
        access::routes as way_back, attention::routes as attention, cancel::routes as cancellation,
        export::routes as order_export, licenses::routes as delivering, list::routes as orders_list,
        mark_paid::routes as marking, rerun::routes as action, routes as order, timeline::routes as timeline,
    };
    use organizations::{
        audit_log::routes as audit, invitations::routes as invitation, members::routes as member,
        routes as organization,
    };
    use payments::{routes as payment, setup::routes as payment_method};
    use refunds::routes as refund;
    use reports::routes as report;
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
        .service(license_key::import_license_keys)
        .service(license_key::list_license_keys)
        .service(variant::create_variant)
        .service(variant::list_variants)
        .service(variant::update_variant)
        .service(variant::archive_variant)
        .service(variant::restore_variant)
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
        .service(add_on::restore_add_on)
        .service(configured::create_action)
        .service(configured::list_actions)
        .service(configured::get_action)
        .service(configured::update_action)
        .service(configured::archive_action)
        .service(configured::restore_action)
        .service(configured::rotate_action_secret)
        .service(integration::list_integrations)
        .service(integration::put_integration)
        .service(integration::delete_integration)
        .service(quote::create_link)
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
        .service(delivering::deliver_order_line)
        .service(delivering::resend_license)
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
        .service(customer::list_customers)
        .service(customer::get_customer)
        .service(customer_export::export_customer)
        .service(customer::erase_customer)
        .service(report::report_sales)
        .service(event::list_events)
        .service(event::get_event)
        .service(ops::livez)
        .service(ops::readyz)
        .service(ops::openapi)
        .service(ops::openapi_without_webhooks)
        .service(ops::openapi_3_0)
        .service(ops::explain_problem);
}
