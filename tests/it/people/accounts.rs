//! Registering, signing in, staying signed in, and passwords.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use kassa::accounts::tokens::Signer;
use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::db::sql::sql;
use kassa::http::attempts::SignInLimits;
use kassa::http::heavy_work::HeavyWork;
use serde_json::json;

use crate::support::TestApp;
use crate::support::app::Settings;
use crate::support::people::{PASSWORD, Person, mailed_code, sign_in, text};
use crate::support::request::{Call, Reply};

async fn refresh(test: &TestApp, token: &str) -> Reply {
    test.call(Call::post("/v1/auth/refresh", json!({ "refresh_token": token })))
        .await
}

async fn me(test: &TestApp, token: &str) -> Reply {
    test.call(Call::get("/v1/me").bearer(token)).await
}

#[actix_web::test]
async fn an_account_is_made_once_and_proved_by_mail() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "aino@example.com").await;
    assert_eq!(me(&test, &person.token).await.expect(200)["email_verified"], false);
    let again = json!({"name": "Other", "email": "AINO@example.com", "password": PASSWORD});
    let again = test.call(Call::post("/v1/auth/register", again)).await;
    assert_eq!(again.problem().1, "email-taken", "letter case makes no other address");
    let short = json!({"name": "Other", "email": "b@example.com", "password": "1234567"});
    let short = test.call(Call::post("/v1/auth/register", short)).await;
    assert_eq!(
        short.problem(),
        (422, "validation-failed".to_owned(), "/password".to_owned())
    );
    let code = mailed_code(&test, "aino@example.com").await;
    let prove = async |code: &str| {
        test.call(Call::post("/v1/auth/verify-email", json!({ "token": code })))
            .await
    };
    assert_eq!(prove(&format!("{code}x")).await.problem().1, "invalid-token");
    prove(&code).await.expect(204);
    assert_eq!(me(&test, &person.token).await.expect(200)["email_verified"], true);
    assert_eq!(test.mails().len(), 1, "one mail, and only to who made the account");
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_address_are_one_answer() {
    let test = TestApp::new().await;
    Person::new(&test, "aino@example.com").await;
    let wrong = sign_in(&test, "aino@example.com", "wrong").await;
    let unknown = sign_in(&test, "nobody@example.com", "wrong").await;
    let told = |reply: &Reply| {
        let mut body = reply.json();
        body["request_id"].take();
        (reply.status, body)
    };
    assert_eq!(told(&wrong), told(&unknown));
    assert_eq!(wrong.problem().1, "invalid-credentials");
}

#[actix_web::test]
async fn a_refresh_token_works_once_and_a_second_use_ends_the_sign_in() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "aino@example.com").await;
    let elsewhere = sign_in(&test, "aino@example.com", PASSWORD).await.expect(200);
    let next = refresh(&test, &person.refresh).await.expect(200);
    let (access, token) = (text(&next["access_token"]), text(&next["refresh_token"]));
    assert_ne!(token, person.refresh);
    me(&test, &access).await.expect(200);
    assert_eq!(
        refresh(&test, &person.refresh).await.problem().1,
        "invalid-refresh-token"
    );
    assert_eq!(refresh(&test, &token).await.status, 401, "the whole family has ended");
    assert_eq!(
        me(&test, &access).await.status,
        401,
        "its access tokens with it, at once"
    );
    let other = text(&elsewhere["access_token"]);
    me(&test, &other).await.expect(200);
    for forged in ["", "kassa_rt_", "kassa_rt_AAAA", &format!("{token}A")] {
        let status = refresh(&test, forged).await.status;
        assert!(matches!(status, 401 | 422), "{forged}: {status}");
    }
}

#[actix_web::test]
async fn of_many_refreshes_at_once_one_wins() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "aino@example.com").await;
    let replies = join_all((0..20).map(|_| refresh(&test, &person.refresh))).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(
        won,
        1,
        "{:?}",
        replies.iter().map(|reply| reply.status).collect::<Vec<_>>()
    );
}

#[actix_web::test]
async fn sign_ins_end_by_time_and_by_signing_out() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "aino@example.com").await;
    let out = json!({ "refresh_token": person.refresh });
    test.call(Call::post("/v1/auth/logout", out.clone())).await.expect(204);
    test.call(Call::post("/v1/auth/logout", out)).await.expect(204);
    assert_eq!(me(&test, &person.token).await.status, 401);
    assert_eq!(refresh(&test, &person.refresh).await.status, 401);
    let tokens = sign_in(&test, "aino@example.com", PASSWORD).await.expect(200);
    test.advance(TimeDelta::minutes(15));
    assert_eq!(
        me(&test, &text(&tokens["access_token"])).await.status,
        401,
        "an access token holds for 15 minutes"
    );
    let tokens = refresh(&test, &text(&tokens["refresh_token"])).await.expect(200);
    test.advance(TimeDelta::days(30));
    assert_eq!(
        refresh(&test, &text(&tokens["refresh_token"])).await.status,
        401,
        "thirty days without use"
    );
}

#[actix_web::test]
async fn a_new_password_ends_every_other_sign_in() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "aino@example.com").await;
    let elsewhere = sign_in(&test, "aino@example.com", PASSWORD).await.expect(200);
    let change = async |current: &str| {
        let body = json!({"current_password": current, "new_password": "another password"});
        person.call(&test, Call::post("/v1/auth/password", body)).await
    };
    assert_eq!(change("wrong").await.problem().1, "invalid-credentials");
    change(PASSWORD).await.expect(204);
    me(&test, &person.token).await.expect(200);
    assert_eq!(me(&test, &text(&elsewhere["access_token"])).await.status, 401);
    assert_eq!(sign_in(&test, "aino@example.com", PASSWORD).await.status, 401);
    sign_in(&test, "aino@example.com", "another password").await.expect(200);
}

#[actix_web::test]
async fn a_lost_password_is_replaced_once_by_mail() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "aino@example.com").await;
    let forgot = async |email: &str| {
        let reply = test
            .call(Call::post("/v1/auth/password/forgot", json!({ "email": email })))
            .await;
        (reply.status, reply.body)
    };
    assert_eq!(forgot("nobody@example.com").await, forgot("aino@example.com").await);
    let code = mailed_code(&test, "aino@example.com").await;
    assert_eq!(test.mails().len(), 2, "nobody gets no mail");
    let reset = async |code: &str, password: &str| {
        let body = json!({"token": code, "new_password": password});
        test.call(Call::post("/v1/auth/password/reset", body)).await
    };
    reset(&code, "the new password").await.expect(204);
    assert_eq!(reset(&code, "a third password").await.problem().1, "invalid-token");
    assert_eq!(me(&test, &person.token).await.status, 401, "every sign-in has ended");
    let tokens = sign_in(&test, "aino@example.com", "the new password").await.expect(200);
    let shown = me(&test, &text(&tokens["access_token"])).await.expect(200);
    assert_eq!(shown["email_verified"], true, "the mail reached them");
    forgot("aino@example.com").await;
    let late = mailed_code(&test, "aino@example.com").await;
    test.advance(TimeDelta::hours(1));
    assert_eq!(reset(&late, "too late by now").await.problem().1, "invalid-token");
}

#[actix_web::test]
async fn mails_wait_for_a_server_that_is_away() {
    let test = TestApp::new().await;
    let gone = test.mail.path().to_owned();
    std::fs::remove_dir_all(&gone).expect("the folder");
    std::fs::write(&gone, "in the way").expect("a file");
    Person::new(&test, "aino@example.com").await;
    test.drain_jobs().await;
    std::fs::remove_file(&gone).expect("the file");
    test.drain_jobs().await;
    assert!(!gone.exists(), "not before its time");
    test.advance(TimeDelta::minutes(2));
    mailed_code(&test, "aino@example.com").await;
}

#[test]
fn signing_keys_can_be_rotated() {
    let clock = kassa::kernel::clock::Clock::default();
    let user = kassa::kernel::ids::UserId::generate(&clock);
    let signer = |keys: &[(&str, u8)]| {
        let seeds: Vec<_> = keys.iter().map(|(id, seed)| ((*id).to_owned(), [*seed; 32])).collect();
        Signer::new("http://kassa.test".to_owned(), clock.clone(), &seeds).expect("keys")
    };
    let (old, both, new) = (
        signer(&[("old", 1)]),
        signer(&[("new", 2), ("old", 1)]),
        signer(&[("new", 2)]),
    );
    let token = old.issue(user).expect("a token");
    assert!(both.check(&token).is_some(), "what the old key signed still holds");
    assert!(new.check(&token).is_none(), "until the old key is gone");
    let token = both.issue(user).expect("a token");
    assert!(
        new.check(&token).is_some() && old.check(&token).is_none(),
        "the newest key signs"
    );
    let ids: Vec<_> = both.jwks()["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .map(|key| key["kid"].clone())
        .collect();
    assert_eq!(ids, ["new", "old"]);
}

/// Does `late` while a password is replaced: the password is verified before, and what it opens is written after.
async fn during_a_reset(test: &TestApp, late: impl Future<Output = Reply>) -> Reply {
    let (locked, begin) = tokio::sync::oneshot::channel();
    let locked = std::sync::Mutex::new(Some(locked));
    let reset = test.db().write(async |tx: &mut Tx| -> Result<(), DbError> {
        sql("SELECT id FROM users FOR UPDATE").execute(tx.conn()).await?;
        if let Some(locked) = locked.lock().expect("a lock").take() {
            locked.send(()).expect("somebody waits");
        }
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        loop {
            // A statement of its own connection: inside a transaction the statistics stand still.
            let conn = test.db().read().await?;
            if sql(waiting).execute(&conn).await? > 0 {
                break;
            }
        }
        sql("UPDATE users SET password_hash = 'another'")
            .execute(tx.conn())
            .await?;
        sql("UPDATE sign_ins SET revoked_at = now(), revoked_for = 'password_changed' WHERE revoked_at IS NULL")
            .execute(tx.conn())
            .await
            .map(drop)
    });
    let late = async {
        begin.await.expect("the lock");
        late.await
    };
    let (reset, reply) = join(reset, late).await;
    reset.expect("the reset");
    reply
}

#[actix_web::test]
async fn a_sign_in_under_way_does_not_survive_a_reset() {
    let test = TestApp::new().await;
    Person::new(&test, "aino@example.com").await;
    let reply = during_a_reset(&test, sign_in(&test, "aino@example.com", PASSWORD)).await;
    assert_eq!(reply.problem().1, "invalid-credentials");
}

#[actix_web::test]
async fn a_change_of_password_under_way_does_not_undo_a_reset() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "aino@example.com").await;
    let new = "a password of the thief";
    let body = json!({"current_password": PASSWORD, "new_password": new});
    let reply = during_a_reset(&test, person.call(&test, Call::post("/v1/auth/password", body))).await;
    assert_eq!(reply.problem().1, "invalid-credentials");
    let hash = sql("SELECT id FROM users WHERE password_hash = 'another'");
    let conn = test.db().read().await.expect("a connection");
    assert_eq!(
        hash.execute(&conn).await.expect("a count"),
        1,
        "the password of the reset stands"
    );
}

#[actix_web::test]
async fn a_lost_password_is_one_mail_a_minute() {
    let test = TestApp::new().await;
    Person::new(&test, "aino@example.com").await;
    let forgot = || Call::post("/v1/auth/password/forgot", json!({"email": "aino@example.com"}));
    let mails = async || {
        test.drain_jobs().await;
        let mails = test.mails();
        mails
            .iter()
            .filter(|mail| mail.contains("Choose a new password"))
            .count()
    };
    for reply in join_all((0..10).map(|_| test.call(forgot()))).await {
        assert_eq!(reply.status, 202, "one too many looks like any other");
    }
    assert_eq!(mails().await, 1);
    test.advance(TimeDelta::minutes(1));
    test.call(forgot()).await.expect(202);
    assert_eq!(mails().await, 2);
}

/// An application in which so many passwords are hashed at once.
async fn hashing(at_once: usize, patience: Duration) -> TestApp {
    TestApp::with(Settings {
        hashing: Some(HeavyWork::new(at_once, patience)),
        ..Settings::default()
    })
    .await
}

#[actix_web::test]
async fn who_finds_every_core_hashing_is_asked_to_come_back() {
    let test = hashing(2, Duration::ZERO).await;
    let person = Person::new(&test, "aino@example.com").await;
    let code = {
        let forgot = Call::post("/v1/auth/password/forgot", json!({"email": "aino@example.com"}));
        test.call(forgot).await.expect(202);
        mailed_code(&test, "aino@example.com").await
    };
    let hashing = &test.app.state().hashing;
    let turns = (
        hashing.turn().await.expect("a turn"),
        hashing.turn().await.expect("a turn"),
    );
    let register = json!({"name": "B", "email": "b@example.com", "password": PASSWORD});
    let change = json!({"current_password": PASSWORD, "new_password": "another long password"});
    let reset = json!({"token": code, "new_password": "another long password"});
    for call in [
        Call::post("/v1/auth/register", register),
        Call::post("/v1/auth/password", change).bearer(&person.token),
        Call::post("/v1/auth/password/reset", reset),
    ] {
        assert_eq!(test.call(call).await.problem().1, "service-unavailable");
    }
    // Oftener than a password may be wrong: nobody has looked at it.
    for _ in 0..=SignInLimits::PER_ACCOUNT {
        let busy = sign_in(&test, "aino@example.com", PASSWORD).await;
        assert_eq!(busy.problem(), (503, "service-unavailable".to_owned(), String::new()));
        assert_eq!(busy.header("retry-after"), Some("1"));
    }
    let unknown = sign_in(&test, "nobody@example.com", PASSWORD).await;
    assert_eq!(unknown.status, 503, "an unknown address is the same answer");
    drop(turns);
    sign_in(&test, "aino@example.com", PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn who_waits_for_a_turn_to_hash_gets_it() {
    let test = hashing(1, Duration::from_secs(60)).await;
    Person::new(&test, "aino@example.com").await;
    let turn = test.app.state().hashing.turn().await.expect("a turn");
    let mut waiting = Box::pin(sign_in(&test, "aino@example.com", PASSWORD));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(early.is_err(), "no password is looked at before there is a turn");
    drop(turn);
    waiting.await.expect(200);
}
