//! The pull feed.

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::registry::EventType;
use super::store;
use super::views::{EventPage, EventView};
use crate::http::ctx::Ctx;
use crate::http::list::query;
use crate::http::policy::WebhooksRead;
use crate::kernel::ids::{CheckoutId, EventId};
use crate::kernel::page::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FeedQuery {
    /// A sequence number: events after it. From the beginning when absent.
    #[param(example = 41, minimum = 0)]
    after: Option<i64>,
    /// The same, for who reads every list alike: `next_cursor` of the page before. Either this or `after`.
    #[param(example = "41")]
    cursor: Option<String>,
    /// Event types, separated by commas; all when absent.
    #[param(example = "order.created,order.completed")]
    types: Option<String>,
    /// Live events (false, the default) or test events.
    test_mode: Option<bool>,
    /// How many events at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
}

/// List events
///
/// The same events as the webhooks, in the order of their `sequence`. Continue with `after` = the last `sequence` seen: the
/// feed never skips an event that commits late, because numbers are given after commit. A checkout numbers live and test events
/// together, without gaps; a feed of one mode, or of some types, has the numbers of its own events only.
#[utoipa::path(tag = "events", operation_id = "listEvents", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), FeedQuery),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "A page of events, oldest first.", body = EventPage)))]
#[get("/v1/checkouts/{checkout_id}/events")]
pub async fn list_events(ctx: Ctx<WebhooksRead>) -> Result<HttpResponse, Problem> {
    let asked: FeedQuery = query(&ctx.request().query)?;
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::invalid("?limit", "range", format!("must be 1 to {MAX_LIMIT}")));
    }
    let types = types(asked.types.as_deref())?;
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let test_mode = asked.test_mode.unwrap_or(false);
    let after = asked.begins_after()?;
    let mut rows = store::feed(&conn, checkout, after, types, test_mode, limit + 1).await?;
    let has_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let data: Vec<EventView> = rows.into_iter().map(|row| EventView::of(checkout, row)).collect();
    let last = data.last().map(|event| event.sequence).filter(|_| has_more);
    let page = EventPage {
        data,
        has_more,
        next_cursor: last.map(|sequence| sequence.to_string()),
    };
    ctx.one_page(&page, "after", page.next_cursor.as_deref())
}

impl FeedQuery {
    /// The sequence number that the page begins after.
    fn begins_after(&self) -> Result<i64, Problem> {
        match (self.after, self.cursor.as_deref()) {
            (Some(_), Some(_)) => Err(Problem::invalid("?cursor", "conflict", "either after or cursor")),
            (after, None) => Ok(after.unwrap_or(0)),
            (None, Some(cursor)) => {
                (cursor.parse()).map_err(|_| Problem::invalid("?cursor", "invalid", "must be a sequence number"))
            }
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct EventPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The event.
    event_id: EventId,
}

/// Read an event
///
/// An event is found once it has its `sequence`, a moment after its fact.
#[utoipa::path(tag = "events", operation_id = "getEvent", params(EventPath),
    extensions(("x-required-permission" = json!("webhooks:read"))),
    responses((status = 200, description = "The event.", body = EventView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}/events/{event_id}")]
pub async fn get_event(ctx: Ctx<WebhooksRead>, path: web::Path<EventPath>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let found = store::find(&conn, checkout, path.event_id).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&EventView::of(checkout, found))
}

fn types(list: Option<&str>) -> Result<Vec<String>, Problem> {
    list.map(|list| list.split(','))
        .into_iter()
        .flatten()
        .map(|word| word.parse::<EventType>().map(|known| known.as_str().to_owned()))
        .collect::<Result<_, _>>()
        .map_err(|detail| Problem::invalid("?types", "invalid", detail))
}
