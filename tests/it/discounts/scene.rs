//! A code, sessions that want it, and the ways they come to it.

use futures_util::future::join_all;
use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::db::sql::sql;
use kassa::discounts::holds::held;
use kassa::discounts::holds::model::{Hold, HoldState};
use kassa::discounts::holds::redeem::{Paid, Redeemed, redeem};
use kassa::discounts::holds::release::release_of_session;
use kassa::discounts::holds::renew::{Customer, Timer, renew, to_basket};
use kassa::discounts::holds::take::{Wanted, take};
use kassa::discounts::refusal::Refusal;
use kassa::kernel::ids::{DiscountCodeId, OrderId, SessionId};
use kassa::kernel::problem::Problem;
use serde_json::{Value, json};

use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

const HOLD_MS: i64 = 300_000;
const PAYMENT_MS: i64 = 7_200_000;

pub struct Scene {
    pub test: TestApp,
    pub merchant: Merchant,
    pub code: DiscountCodeId,
    pub sessions: Vec<SessionId>,
    max_per_customer: Option<i32>,
}

impl Scene {
    pub async fn new(sessions: usize, limit: Option<i64>, max_per_customer: Option<i32>) -> Self {
        let test = TestApp::new().await;
        let merchant = Merchant::with_course(&test, "holds").await;
        let body = json!({"code": "HOLD", "type": "percentage", "percentage": "10", "usage_limit": limit, "max_per_customer": max_per_customer});
        let code = merchant.create(&test, "discount-codes", body).await;
        let opened = join_all((0..sessions).map(|_| merchant.visit(&test))).await;
        Self {
            code: text(&code["id"]).parse().expect("an id"),
            sessions: opened.iter().map(|visit| visit.id.parse().expect("an id")).collect(),
            test,
            merchant,
            max_per_customer,
        }
    }

    fn wanted(&self, session: SessionId, customer: Option<[u8; 32]>) -> Wanted {
        Wanted {
            checkout: self.merchant.checkout,
            session,
            code: self.code,
            limited: false,
            customer: Customer {
                hash: customer,
                most: self.max_per_customer,
            },
            address: None,
            test_mode: false,
            hold_ms: HOLD_MS,
        }
    }

    /// Takes as a request does: the session locked first, a refusal undone.
    pub async fn take(&self, session: SessionId, customer: Option<[u8; 32]>) -> Result<(), Refusal> {
        let wanted = self.wanted(session, customer);
        let outcome = self
            .test
            .db()
            .write(async |tx: &mut Tx| -> Result<(), Stop> {
                lock(tx, wanted).await?;
                let own = own(tx, wanted).await?;
                take(tx, own.as_ref(), wanted).await?.map(drop).map_err(Stop::Refused)
            })
            .await;
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Db(error)) => panic!("{error}"),
        }
    }

    pub async fn release(&self, session: SessionId) -> bool {
        let checkout = self.merchant.checkout;
        let outcome = self.test.db();
        outcome
            .write(async |tx: &mut Tx| -> Result<bool, DbError> { release_of_session(tx, checkout, session).await })
            .await
            .expect("a release")
    }

    pub async fn redeem(&self, session: SessionId) -> Redeemed {
        let checkout = self.merchant.checkout;
        let paid = Paid {
            checkout,
            session,
            order: OrderId::generate(&self.test.clock),
            code: Some(self.code),
            amount: 100,
            currency: "EUR".parse().expect("a currency"),
        };
        self.test
            .db()
            .write(async |tx: &mut Tx| -> Result<_, DbError> { redeem(tx, paid).await })
            .await
            .expect("a redemption")
    }

    pub async fn phase(&self, session: SessionId, payment: bool) {
        let wanted = self.wanted(session, None);
        self.test
            .db()
            .write(async |tx: &mut Tx| -> Result<(), Stop> {
                let own = own(tx, wanted).await?;
                let hold = take(tx, own.as_ref(), wanted).await?.map_err(Stop::Refused)?;
                if payment {
                    renew(tx, &hold, Timer::Payment(PAYMENT_MS), Customer::default()).await?;
                } else {
                    to_basket(tx, &hold, HOLD_MS).await?;
                }
                Ok(())
            })
            .await
            .unwrap_or_else(|_| panic!("a change of phase"));
    }

    /// The code as the merchant reads it.
    pub async fn code(&self) -> Value {
        self.merchant
            .read(&self.test, &format!("discount-codes/{}", self.code))
            .await
    }

    pub async fn counts(&self) -> (i64, i64) {
        let code = self.code().await;
        (
            code["held"].as_i64().expect("a count"),
            code["redeemed"].as_i64().expect("a count"),
        )
    }

    pub async fn patch(&self, body: Value) -> crate::support::request::Reply {
        let path = self.merchant.path(&format!("discount-codes/{}", self.code));
        self.merchant.call(&self.test, Call::patch(path, body)).await
    }
}

/// What the session holds, as a request looks it up.
async fn own(tx: &Tx, wanted: Wanted) -> Result<Option<Hold>, DbError> {
    let euro = "EUR".parse().expect("a currency");
    let held = held::store::lock(tx, wanted.checkout, wanted.session, euro).await?;
    Ok(held.map(|held| held.hold).filter(|hold| hold.state == HoldState::Held))
}

async fn lock(tx: &Tx, wanted: Wanted) -> Result<(), DbError> {
    sql("SELECT 1 FROM checkout_sessions WHERE checkout_id = $1 AND id = $2 FOR NO KEY UPDATE")
        .bind(wanted.checkout)
        .bind(wanted.session)
        .execute(tx.conn())
        .await
        .map(drop)
}

#[derive(Debug)]
enum Stop {
    Refused(Refusal),
    Db(DbError),
}

kassa::db_error!(Stop);

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => refusal.into(),
            Stop::Db(error) => error.into(),
        }
    }
}
