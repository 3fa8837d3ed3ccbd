//! Crowds: as many uses as there are, never one more, never a false refusal, and true counts at every instant a reader can see.

use chrono::TimeDelta;
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::shop::{Buyer, Shop};

async fn crowd(shop: &Shop, size: usize) -> Vec<Buyer<'_>> {
    let mut buyers = Vec::with_capacity(size);
    // Opened in companies: a crowd that opens at once is the limit of the pool, not of the code.
    for company in (0..size).collect::<Vec<_>>().chunks(50) {
        let opened = company
            .iter()
            .map(|index| async move { shop.buyer(&format!("{index}@example.com")).await });
        buyers.extend(join_all(opened).await);
    }
    buyers
}

#[actix_web::test]
async fn of_five_hundred_at_once_fifty_hold_it() {
    let shop = Shop::of_two("crowd").await;
    let code = shop.ten_percent("HOT", Some(50)).await;
    let buyers = crowd(&shop, 500).await;
    // A merchant who keeps looking never sees more than there are.
    let watch = async {
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.push(shop.counts(code).await.0);
        }
        seen
    };
    let (replies, seen) = futures_util::join!(
        join_all(buyers.iter().map(|buyer| buyer.apply_in_a_crowd("hot"))),
        watch
    );
    assert!(seen.iter().all(|held| *held <= 50) && seen.is_sorted(), "{seen:?}");
    let held: Vec<usize> = (0..500).filter(|index| replies[*index].status == 200).collect();
    assert_eq!(held.len(), 50);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(
            (reply.status, reply.json()["reason"].as_str()),
            (422, Some("usage_limit_reached"))
        );
    }
    assert_eq!(shop.counts(code).await, (50, 0));
    // Some give it back, some go to pay, the rest lapse: exactly that many are free again.
    join_all(held[..10].iter().map(|index| buyers[*index].remove())).await;
    assert_eq!(shop.counts(code).await, (40, 0));
    join_all(
        held[10..30]
            .iter()
            .map(|index| async { drop(buyers[*index].confirm().await) }),
    )
    .await;
    join_all(
        held[10..20]
            .iter()
            .map(|index| async { drop(buyers[*index].pay().await) }),
    )
    .await;
    assert_eq!(shop.counts(code).await, (30, 10));
    shop.advance(TimeDelta::minutes(5));
    assert_eq!(shop.counts(code).await, (10, 10), "twenty baskets lapsed");
    let others: Vec<&Buyer<'_>> = (0..500)
        .filter(|index| !held.contains(index))
        .map(|index| &buyers[index])
        .take(100)
        .collect();
    let again = join_all(others.iter().map(|buyer| buyer.apply_in_a_crowd("hot"))).await;
    assert_eq!(
        again.iter().filter(|reply| reply.status == 200).count(),
        30,
        "never a false refusal"
    );
    assert_eq!(shop.counts(code).await, (40, 10));
    shop.test.check_invariants().await;
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Apply(usize),
    Remove(usize),
    Confirm(usize),
    Resume(usize),
    Pay(usize),
    Beat(usize),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..8_usize).prop_map(Step::Apply),
        2 => (0..8_usize).prop_map(Step::Remove),
        2 => (0..8_usize).prop_map(Step::Confirm),
        1 => (0..8_usize).prop_map(Step::Resume),
        2 => (0..8_usize).prop_map(Step::Pay),
        1 => (0..8_usize).prop_map(Step::Beat),
        1 => (1..7_i64).prop_map(Step::Wait),
        1 => Just(Step::Wait(121)),
    ]
}

/// Random steps, several at once: whatever comes when, the counts never pass the limit but by late money, and the books agree.
#[test]
fn random_interleavings_keep_the_books() {
    let mut runner = TestRunner::new(Config {
        cases: 6,
        failure_persistence: None,
        ..Config::default()
    });
    let rounds = proptest::collection::vec(proptest::collection::vec(step(), 1..7), 1..8);
    runner
        .run(&rounds, |rounds| {
            actix_web::rt::System::new().block_on(follow(rounds));
            Ok(())
        })
        .expect("the books agree");
}

async fn follow(rounds: Vec<Vec<Step>>) {
    let limit = 3;
    let shop = Shop::of_two("random").await;
    let code = shop.ten_percent("HOT", Some(limit)).await;
    let buyers = crowd(&shop, 8).await;
    for round in rounds {
        let (waits, steps): (Vec<Step>, Vec<Step>) = round.into_iter().partition(|step| matches!(step, Step::Wait(_)));
        let watch = async {
            for _ in 0..3 {
                let (held, redeemed) = shop.counts(code).await;
                let late = over_limit(&shop, code).await;
                assert!(
                    held + redeemed - late <= limit,
                    "{held} held, {redeemed} redeemed, {late} late"
                );
            }
        };
        let run = join_all(steps.iter().map(|step| take(*step, &buyers)));
        futures_util::join!(run, watch);
        for wait in waits {
            if let Step::Wait(minutes) = wait {
                shop.advance(TimeDelta::minutes(minutes));
            }
        }
        shop.test.check_invariants().await;
    }
}

/// Counted before the held and redeemed ones are read, a late one could be missed; after them, never.
async fn over_limit(shop: &Shop, code: kassa::kernel::ids::DiscountCodeId) -> i64 {
    let path = format!("discount-codes/{code}/redemptions?test_mode=true&limit=100");
    let rows = shop.merchant.read(&shop.test, &path).await;
    let late = rows["data"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["over_limit"] == true)
        .count();
    i64::try_from(late).expect("small")
}

async fn take(step: Step, buyers: &[Buyer<'_>]) {
    let reply = match step {
        Step::Apply(index) => buyers[index].apply("hot").await,
        Step::Remove(index) => buyers[index].call("DELETE", "/discount", None).await,
        Step::Confirm(index) => {
            let total = buyers[index].read().await["totals"]["total"].clone();
            buyers[index].confirm_at(&total, "test").await
        }
        Step::Resume(index) => buyers[index].call("POST", "/resume", None).await,
        Step::Pay(index) => {
            let body = serde_json::json!({"outcome": "succeeded"});
            buyers[index].call("POST", "/test-payment", Some(body)).await
        }
        Step::Beat(index) => buyers[index].heartbeat().await,
        Step::Wait(_) => return,
    };
    assert!(reply.status < 500, "{step:?}: {}", String::from_utf8_lossy(&reply.body));
}
