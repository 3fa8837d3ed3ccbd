//! Statements written in SQL, prepared once per connection.
//!
//! diesel prepares every UPDATE, upsert and `sql_query` anew at each call: one more round trip and a new plan. [`sql`] keeps
//! the statement's text as its identity, so the server plans it once. Rows come back as `QueryableByName` structs, whose column
//! types diesel checks against `schema.rs`. Used in `store.rs` files for what the query builder cannot say or says slowly.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types;
use diesel_async::RunQueryDsl;

use super::Conn;
use super::error::DbError;

/// A statement whose first uses of `$1`, `$2`, … appear in ascending order.
pub struct Sql<'a> {
    text: &'static str,
    binds: Vec<Box<dyn QueryFragment<Pg> + Send + 'a>>,
}

/// Starts a statement. The text must be a constant: it is the key under which the plan is kept.
pub fn sql<'a>(text: &'static str) -> Sql<'a> {
    Sql {
        text,
        binds: Vec::with_capacity(8),
    }
}

/// A Rust type that has exactly one SQL type here, so that a bind needs no annotation.
pub trait SqlValue: AsExpression<Self::Type>
where
    Self::Type: sql_types::SqlType + diesel::expression::TypedExpressionType,
{
    /// The SQL type.
    type Type;
}

macro_rules! sql_values {
    ($($rust:ty => $sql:ty),+ $(,)?) => {$(
        impl SqlValue for $rust { type Type = $sql; }
        impl SqlValue for &$rust { type Type = $sql; }
        impl SqlValue for Option<$rust> { type Type = sql_types::Nullable<$sql>; }
        impl<'a> SqlValue for Option<&'a $rust> { type Type = sql_types::Nullable<$sql>; }
        impl SqlValue for &Option<$rust> { type Type = sql_types::Nullable<$sql>; }
        impl SqlValue for Vec<$rust> { type Type = sql_types::Array<$sql>; }
        impl<'a> SqlValue for &'a [$rust] { type Type = sql_types::Array<$sql>; }
        impl<'a> SqlValue for &'a Vec<$rust> { type Type = sql_types::Array<$sql>; }
        impl<'a> SqlValue for Vec<&'a $rust> { type Type = sql_types::Array<$sql>; }
        impl SqlValue for Vec<Option<$rust>> { type Type = sql_types::Array<sql_types::Nullable<$sql>>; }
    )+};
}

use crate::kernel::{code_text, country, ids, locale, money, text, vat_number};

sql_values! {
    i32 => sql_types::Integer,
    i64 => sql_types::BigInt,
    bool => sql_types::Bool,
    String => sql_types::Text,
    uuid::Uuid => sql_types::Uuid,
    DateTime<Utc> => sql_types::Timestamptz,
    NaiveDate => sql_types::Date,
    serde_json::Value => sql_types::Jsonb,
    rust_decimal::Decimal => sql_types::Numeric,
    money::Currency => sql_types::Text,
    country::Country => sql_types::Text,
    locale::Locale => sql_types::Text,
    vat_number::VatNumber => sql_types::Text,
    text::Name => sql_types::Text,
    text::Description => sql_types::Text,
    text::Label => sql_types::Text,
    text::Slug => sql_types::Text,
    text::Email => sql_types::Text,
    code_text::CodeText => sql_types::Text,
    ids::OrganizationId => sql_types::Uuid,
    ids::UserId => sql_types::Uuid,
    ids::ApiKeyId => sql_types::Uuid,
    ids::InvitationId => sql_types::Uuid,
    ids::SignInId => sql_types::Uuid,
    ids::AuditEntryId => sql_types::Uuid,
    ids::MailId => sql_types::Uuid,
    ids::CheckoutId => sql_types::Uuid,
    ids::ProductId => sql_types::Uuid,
    ids::VariantId => sql_types::Uuid,
    ids::OfferId => sql_types::Uuid,
    ids::OfferItemId => sql_types::Uuid,
    ids::AddOnId => sql_types::Uuid,
    ids::LinkId => sql_types::Uuid,
    ids::DiscountCodeId => sql_types::Uuid,
    ids::HoldId => sql_types::Uuid,
    ids::SessionId => sql_types::Uuid,
    ids::LineId => sql_types::Uuid,
    ids::VatCheckId => sql_types::Uuid,
    ids::OrderId => sql_types::Uuid,
    ids::OrderAccessId => sql_types::Uuid,
    ids::CustomerId => sql_types::Uuid,
    ids::PaymentId => sql_types::Uuid,
    ids::RefundId => sql_types::Uuid,
    ids::ActionId => sql_types::Uuid,
    ids::LicenseId => sql_types::Uuid,
    ids::LicenseKeyId => sql_types::Uuid,
    ids::WebhookEndpointId => sql_types::Uuid,
    ids::EventId => sql_types::Uuid,
    ids::DeliveryId => sql_types::Uuid,
    ids::ReplayId => sql_types::Uuid,
    ids::JobId => sql_types::Uuid,
}

impl SqlValue for &str {
    type Type = sql_types::Text;
}
impl SqlValue for Option<&str> {
    type Type = sql_types::Nullable<sql_types::Text>;
}
impl SqlValue for &[u8] {
    type Type = sql_types::Binary;
}
impl SqlValue for Vec<u8> {
    type Type = sql_types::Binary;
}
impl SqlValue for Vec<Vec<u8>> {
    type Type = sql_types::Array<sql_types::Binary>;
}
impl SqlValue for Option<&[u8]> {
    type Type = sql_types::Nullable<sql_types::Binary>;
}
impl SqlValue for Option<Vec<u8>> {
    type Type = sql_types::Nullable<sql_types::Binary>;
}

impl<'a> Sql<'a> {
    /// Binds the next parameter.
    #[must_use]
    pub fn bind<V>(mut self, value: V) -> Self
    where
        V: SqlValue,
        V::Type: sql_types::SqlType + diesel::expression::TypedExpressionType,
        V::Expression: QueryFragment<Pg> + Send + 'a,
    {
        self.binds.push(Box::new(value.as_expression()));
        self
    }

    /// Runs the statement and returns every row.
    pub async fn rows<T>(self, conn: &Conn) -> Result<Vec<T>, DbError>
    where
        T: diesel::deserialize::FromSqlRow<sql_types::Untyped, Pg> + Send + 'static,
    {
        let mut conn = conn;
        Ok(RunQueryDsl::load::<T>(self, &mut conn).await?)
    }

    /// Runs the statement and returns its first row, if it has one.
    pub async fn row<T>(self, conn: &Conn) -> Result<Option<T>, DbError>
    where
        T: diesel::deserialize::FromSqlRow<sql_types::Untyped, Pg> + Send + 'static,
    {
        Ok(self.rows::<T>(conn).await?.into_iter().next())
    }

    /// Runs the statement and returns how many rows it touched.
    pub async fn execute(self, conn: &Conn) -> Result<usize, DbError> {
        let mut conn = conn;
        Ok(RunQueryDsl::execute(self, &mut conn).await?)
    }

    /// Runs a guarded statement that must touch exactly one row; anything else is [`DbError::Stale`].
    pub async fn exactly_one(self, conn: &Conn) -> Result<(), DbError> {
        match self.execute(conn).await? {
            1 => Ok(()),
            _ => Err(DbError::Stale),
        }
    }

    /// The parts of the text between binds: `Ok` for text, `Err` for the index of a bind at its first use.
    fn parts(&self) -> impl Iterator<Item = Result<Cow<'static, str>, usize>> {
        let mut rest = self.text;
        let mut next = 1_usize;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            if let Some((number, after)) = leading_placeholder(rest)
                && number == next
            {
                rest = after;
                next += 1;
                return Some(Err(number - 1));
            }
            // Text up to the first use of the next bind; earlier binds used again stay as written.
            let end = first_use(rest, next).unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            Some(Ok(Cow::Borrowed(text)))
        })
    }
}

fn leading_placeholder(text: &str) -> Option<(usize, &str)> {
    let digits = text.strip_prefix('$')?;
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = digits.split_at(length);
    Some((number.parse().ok()?, after))
}

fn first_use(text: &str, number: usize) -> Option<usize> {
    text.match_indices('$')
        .find(|(place, _)| leading_placeholder(&text[*place..]).is_some_and(|(found, _)| found == number))
        .map(|(place, _)| place)
}

impl QueryFragment<Pg> for Sql<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for part in self.parts() {
            match part {
                Ok(text) => out.push_sql(&text),
                Err(index) => self
                    .binds
                    .get(index)
                    .ok_or_else(|| {
                        diesel::result::Error::QueryBuilderError(
                            format!("${} has no value in: {}", index + 1, self.text).into(),
                        )
                    })?
                    .walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

// No static id: the statement cache then takes the text itself as the key.
impl QueryId for Sql<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql<'_> {
    type SqlType = sql_types::Untyped;
}

impl<C> diesel::RunQueryDsl<C> for Sql<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binds_stand_where_they_are_first_used() {
        let statement = sql("SELECT $1, $2 WHERE $1 = $2 AND $10 = $3")
            .bind(1_i32)
            .bind(2_i32)
            .bind(3_i32);
        let text = diesel::debug_query::<Pg, _>(&statement).to_string();
        assert!(
            text.starts_with("SELECT $1, $2 WHERE $1 = $2 AND $10 = $3 -- binds: "),
            "{text}"
        );
    }
}
