//! Asks VIES about one number, under the lease of its job: the question with no transaction open, then the answer together with the
//! end of the job.

use super::model::VatNumberStatus;
use super::store::{self, Answer};
use super::want::PATIENCE_MS;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job};
use crate::db::{Db, Tx};
use crate::kernel::ids::VatCheckId;
use crate::kernel::text::Label;
use crate::kernel::vat_number::VatNumber;
use crate::net::vies::{Number, Trouble, Vies, ViesAnswer};
use crate::pricing::tax::in_union;

/// How long an answer counts: a month, as a number is given back rarely and its proof should not be old.
const COUNTS_MS: i64 = 30 * 24 * 3_600_000;
/// How often VIES is asked before it is left to the next session with the number: with the pauses below, for half a day.
const ATTEMPTS: i32 = 56;
/// The pause after the first failure; it doubles, up to [`LONGEST_MS`]. Short at first: the buyer is still there.
const FIRST_PAUSE_MS: i64 = 5_000;
const LONGEST_MS: i64 = 15 * 60_000;
/// How long a number is left alone when nobody may be asked.
const OFF_MS: i64 = 24 * 3_600_000;

/// Asks about the number that the job names. Without a `vies` nobody is asked, and the number stays unverified.
pub async fn check_vat_number(db: &Db, vies: Option<&Vies>, job: &Job) -> Result<(), DbError> {
    let id = VatCheckId::from_uuid(job.object_id);
    let found = {
        let conn = db.read().await?;
        store::question(&conn, job.checkout_id, id).await?
    };
    let answer = match (found, vies) {
        (Some(question), Some(vies)) => Some(
            ask(
                db,
                vies,
                &question.vat_number,
                seller(question.seller.as_ref()).as_ref(),
            )
            .await,
        ),
        (Some(_), None) => None,
        (None, _) => return end(db, job).await,
    };
    record(db, job, id, answer.as_ref()).await
}

async fn end(db: &Db, job: &Job) -> Result<(), DbError> {
    db.write(async |tx: &mut Tx| -> Result<(), DbError> { jobs::finish(tx, job).await })
        .await
}

/// The seller's own number, if VIES can know it.
fn seller(stated: Option<&Label>) -> Option<VatNumber> {
    let number: VatNumber = stated?.as_str().parse().ok()?;
    in_union(number.country()).then_some(number)
}

/// A seller's number that VIES does not accept costs the proof, not the answer.
async fn ask(db: &Db, vies: &Vies, number: &VatNumber, seller: Option<&VatNumber>) -> ViesAnswer {
    let now = db.clock().now();
    let answer = vies.check(of(number), seller.map(of), now).await;
    match (&answer, seller) {
        (
            ViesAnswer::Unavailable {
                why: Trouble::Requester,
            },
            Some(_),
        ) => vies.check(of(number), None, now).await,
        _ => answer,
    }
}

fn of(number: &VatNumber) -> Number<'_> {
    Number {
        prefix: number.prefix(),
        rest: number.without_prefix(),
    }
}

async fn record(db: &Db, job: &Job, id: VatCheckId, answer: Option<&ViesAnswer>) -> Result<(), DbError> {
    let checkout = job.checkout_id;
    let now = db.clock().now();
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        match answer {
            Some(ViesAnswer::Valid {
                consultation,
                at,
                name,
                address,
            }) => {
                let answer = Answer {
                    state: VatNumberStatus::Valid,
                    at: *at,
                    consultation: consultation.as_deref(),
                    name: name.as_deref(),
                    address: address.as_deref(),
                };
                store::answered(tx, checkout, id, &answer, COUNTS_MS).await?;
                jobs::finish(tx, job).await
            }
            Some(ViesAnswer::Invalid) => {
                let answer = Answer {
                    state: VatNumberStatus::Invalid,
                    at: now,
                    consultation: None,
                    name: None,
                    address: None,
                };
                store::answered(tx, checkout, id, &answer, COUNTS_MS).await?;
                jobs::finish(tx, job).await
            }
            Some(ViesAnswer::Unavailable { why }) => {
                let why = why.to_string();
                if job.attempts < ATTEMPTS {
                    store::unanswered(tx, checkout, id, &why, PATIENCE_MS).await?;
                    return jobs::retry(tx, job, pause_ms(job.attempts), &why).await;
                }
                store::unanswered(tx, checkout, id, &why, 0).await?;
                jobs::finish(tx, job).await
            }
            None => {
                store::unanswered(tx, checkout, id, "VIES is switched off", OFF_MS).await?;
                jobs::finish(tx, job).await
            }
        }
    })
    .await
}

/// Doubling, with up to a quarter more at random: numbers that failed together do not come back together.
fn pause_ms(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    let pause = FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_MS);
    let [random] = crate::kernel::secret::random_bytes::<1>();
    pause + pause / 4 * i64::from(random) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_goes_on_asking_is_not_begun_again() {
        let longest: i64 = (1..ATTEMPTS).map(|attempt| pause_ms(attempt) * 5 / 4).sum();
        assert!(longest < PATIENCE_MS, "{longest}");
        assert!(pause_ms(1) >= FIRST_PAUSE_MS && pause_ms(i32::MAX) <= LONGEST_MS * 5 / 4);
    }

    #[test]
    fn only_a_seller_of_the_union_is_named() {
        let told = |text: &str| seller(Some(&text.parse().expect("a label"))).map(|number| number.to_string());
        assert_eq!(told("FI 20774740").as_deref(), Some("FI20774740"));
        assert_eq!(told("NO995525828MVA"), None);
        assert_eq!(told("not a number"), None);
        assert!(seller(None).is_none());
    }
}
