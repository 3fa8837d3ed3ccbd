//! Changes the settings of a checkout; closes and opens it.

use super::model::Checkout;
use super::store;
use super::views::{CheckoutPatch, CheckoutView, MailSender, PaymentReminder};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::{EventType, NewEvent, publish};
use crate::http::answer::check_precondition;
use crate::http::policy::CheckoutScope;
use crate::kernel::permission::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// Applies a merge patch, provided the checkout is still what `if_match` names; returns it before and after. Closing and opening
/// takes a permission of its own.
pub async fn update(
    tx: &mut Tx,
    scope: &CheckoutScope,
    if_match: Option<&str>,
    patch: CheckoutPatch,
) -> Result<(CheckoutView, CheckoutView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    // Whether it sells is decided by both rows; whoever changes the organization's takes these locks in the same order.
    if !organizations::lock(tx, scope.organization).await? {
        return Err(not_found());
    }
    let current = store::lock(tx, scope.checkout).await?.ok_or_else(not_found)?;
    let before = CheckoutView::from(current.clone());
    check_precondition(if_match, &before)?;
    if patch.status.is_some_and(|status| status != current.status) {
        scope.staff.require(scope.permissions, Permission::CheckoutClose)?;
    }
    if let Some(slug) = patch.slug.as_ref().filter(|slug| **slug != current.slug)
        && store::owner_of_slug(tx, slug).await? != Some(current.id)
    {
        store::insert_slug(tx, current.id, slug).await.map_err(slug_taken)?;
    }
    let was_selling = current.closed_reason().is_none();
    let mut changed = patched(current, patch)?;
    let sells = changed.closed_reason().is_none();
    if sells != was_selling {
        changed.version += 1;
    }
    store::update(tx, &changed).await?;
    let after = store::find(tx.conn(), scope.checkout).await?.ok_or_else(not_found)?;
    if sells != was_selling {
        publish(tx, after.id, vec![changed_state(&after, sells)?]).await?;
    }
    Ok((before, CheckoutView::from(after)))
}

/// The fact that a checkout opened or closed.
pub fn changed_state(checkout: &Checkout, sells: bool) -> Result<NewEvent, DbError> {
    Ok(NewEvent {
        event_type: if sells {
            EventType::CheckoutReopened
        } else {
            EventType::CheckoutClosed
        },
        object_id: checkout.id.uuid(),
        object_version: checkout.version,
        test_mode: false,
        data: serde_json::to_value(CheckoutView::from(checkout.clone()))
            .map_err(|error| DbError::Defect(error.to_string()))?,
    })
}

/// A slug that another checkout has.
pub(super) fn slug_taken(error: DbError) -> Problem {
    match error.constraint() {
        Some("checkout_slugs_pkey") => Problem::new(ProblemCode::NameTaken)
            .detail("another checkout has this slug")
            .errors(vec![crate::kernel::problem::Fault::new(
                "/slug",
                "taken",
                "another checkout has this slug",
            )]),
        _ => error.into(),
    }
}

/// The row after the patch; what would contradict itself is refused.
pub(super) fn patched(mut row: Checkout, patch: CheckoutPatch) -> Result<Checkout, Problem> {
    row.name = patch.name.unwrap_or(row.name);
    row.slug = patch.slug.unwrap_or(row.slug);
    row.status = patch.status.unwrap_or(row.status);
    row.domain = patch.domain.apply(row.domain);
    row.return_origins = patch.return_origins.unwrap_or(row.return_origins);
    row.max_holds_per_address = patch.max_holds_per_address.apply(row.max_holds_per_address);
    row.country = patch.country.unwrap_or(row.country);
    row.default_currency = patch.default_currency.unwrap_or(row.default_currency);
    row.default_locale = patch.default_locale.unwrap_or(row.default_locale);
    let (currency, locale) = (row.default_currency, row.default_locale.clone());
    row.currencies = with_default(patch.currencies, row.currencies, currency, "/currencies")?;
    row.locales = with_default(patch.locales, row.locales, locale, "/locales")?;
    row.prices_include_tax = patch.prices_include_tax.unwrap_or(row.prices_include_tax);
    row.storefront_url = patch.storefront_url.apply(row.storefront_url);
    row.allowed_origins = patch.allowed_origins.unwrap_or(row.allowed_origins);
    row.support_email = patch.support_email.apply(row.support_email);
    row.hold_seconds = patch.hold_seconds.unwrap_or(row.hold_seconds);
    row.payment_hold_seconds = patch.payment_hold_seconds.unwrap_or(row.payment_hold_seconds);
    row.unpaid_order_ttl_days = patch.unpaid_order_ttl_days.unwrap_or(row.unpaid_order_ttl_days);
    row.attention_after_seconds = patch.attention_after_seconds.unwrap_or(row.attention_after_seconds);
    row.analytics_consent = patch.analytics_consent.unwrap_or(row.analytics_consent);
    let reminder = PaymentReminder {
        enabled: row.payment_reminder_enabled,
        after_hours: row.payment_reminder_after_hours,
    };
    let reminder = patch.payment_reminder.apply_to(reminder, "/payment_reminder")?;
    row.payment_reminder_enabled = reminder.enabled;
    row.payment_reminder_after_hours = reminder.after_hours;
    let mail = MailSender {
        from_name: row.mail_from_name,
        from_email: row.mail_from_email,
    };
    let mail = patch.mail.apply(Some(mail), "/mail")?.unwrap_or_default();
    (row.mail_from_name, row.mail_from_email) = (mail.from_name, mail.from_email);
    row.policies = patch.policies.patched(row.policies)?;
    row.metadata = patch.metadata.patched(row.metadata)?;
    Ok(row)
}

/// A list that must hold its default: a new list without it is refused, a new default joins the list that stays.
fn with_default<T: PartialEq>(
    sent: Option<Vec<T>>,
    kept: Vec<T>,
    default: T,
    pointer: &str,
) -> Result<Vec<T>, Problem> {
    let was_sent = sent.is_some();
    let mut list = sent.unwrap_or(kept);
    if !list.contains(&default) {
        if was_sent {
            return Err(Problem::invalid(pointer, "default_missing", "must hold the default"));
        }
        list.push(default);
    }
    if (1..list.len()).any(|index| list[..index].contains(&list[index])) {
        return Err(Problem::invalid(pointer, "duplicate", "each once"));
    }
    Ok(list)
}
