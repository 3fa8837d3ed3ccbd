//! Takes in what a provider says: verified, kept once, applied to what it names.

use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::attention::raise::{raise, raise_to_stay};
use crate::orders::model::AttentionCode;
use crate::orders::settle::settle_told;
use crate::orders::store as orders;
use crate::payments::desk::Desk;
use crate::payments::model::{Payment, ProviderKind};
use crate::payments::provider::{About, AttemptName, Inbound, News, Notice, RefundState};
use crate::payments::providers::verify;
use crate::payments::refunds::store as ledger;
use crate::payments::setup::{seal, store as setups};
use crate::payments::store as attempts;
use crate::refunds::settle::{Named, settle as settle_refund};

use super::store;

/// Believes a request and applies all that it says, or refuses it.
pub(super) async fn receive(
    desk: &Desk,
    checkout: CheckoutId,
    provider: ProviderKind,
    inbound: Inbound<'_>,
) -> Result<(), Problem> {
    let setups = {
        let conn = desk.db.read().await?;
        setups::of_provider(&conn, checkout, provider).await?
    };
    // Where nothing is set up, nothing is believed: that answer does not tell what there is. The live account and the one for tests share an address: the signature tells which of them speaks.
    for setup in &setups {
        let account = seal::account(&desk.keys, setup).map_err(Problem::internal)?;
        let Some(account) = account else { continue };
        if let Ok(notices) = verify(&account, inbound) {
            for notice in &notices {
                apply(&desk.db, checkout, (provider, setup.test_mode), notice).await?;
            }
            return Ok(());
        }
    }
    Err(Problem::new(ProblemCode::SignatureInvalid))
}

/// Applies one piece of news, once: that it was said is kept in the transaction that it changes something in.
async fn apply(db: &Db, checkout: CheckoutId, speaker: (ProviderKind, bool), notice: &Notice) -> Result<(), Problem> {
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        let named = match &notice.about {
            About::Payment { attempt, .. } | About::Refund { attempt, .. } | About::Dispute { attempt } => {
                find(tx, checkout, speaker, attempt).await?
            }
            About::Nothing => None,
        };
        if !store::keep(
            tx,
            checkout,
            speaker.0,
            notice,
            named.as_ref().map(|payment| payment.id),
        )
        .await?
        {
            return Ok(());
        }
        // What belongs to something else that this account takes money for is none of ours.
        let Some(payment) = named else { return Ok(()) };
        match &notice.about {
            About::Payment { outcome, .. } => {
                let news = News {
                    payment: payment.id,
                    outcome: outcome.clone(),
                };
                settle_told(tx, checkout, &news).await.map(drop)
            }
            About::Dispute { .. } => {
                orders::lock(tx, checkout, payment.order_id).await?;
                raise(tx, checkout, payment.order_id, AttentionCode::Dispute).await
            }
            About::Refund {
                refund,
                reference,
                state,
                ..
            } => {
                let named = match (refund, reference) {
                    (Some(id), _) => Named::Id(*id),
                    (None, Some(reference)) => Named::Reference(reference),
                    (None, None) => return Ok(()),
                };
                if let Named::Reference(reference) = named
                    && ledger::find_by_reference(tx.conn(), checkout, reference)
                        .await?
                        .is_none()
                {
                    // Made at the provider, behind our back: no line can be named, so a person has to look.
                    return raise_if_gone(tx, checkout, &payment, state).await;
                }
                settle_refund(tx, checkout, named, &state.clone().into(), reference.as_deref())
                    .await
                    .map(drop)
            }
            About::Nothing => Ok(()),
        }
    })
    .await?;
    Ok(())
}

/// Money went back that nobody asked for here.
async fn raise_if_gone(
    tx: &mut Tx,
    checkout: CheckoutId,
    payment: &Payment,
    state: &RefundState,
) -> Result<(), DbError> {
    if *state != RefundState::Succeeded {
        return Ok(());
    }
    orders::lock(tx, checkout, payment.order_id).await?;
    raise_to_stay(tx, checkout, payment.order_id, AttentionCode::RefundUnknown).await
}

/// The attempt that is spoken of, if it was made with the account that speaks.
async fn find(
    tx: &Tx,
    checkout: CheckoutId,
    (provider, test_mode): (ProviderKind, bool),
    name: &AttemptName,
) -> Result<Option<Payment>, DbError> {
    let found = match name {
        AttemptName::Id(id) => attempts::find(tx.conn(), checkout, *id).await?,
        AttemptName::Reference(reference) => {
            attempts::find_by_reference(tx.conn(), checkout, provider, reference).await?
        }
    };
    Ok(found.filter(|payment| payment.provider == provider && payment.test_mode == test_mode))
}
