//! HEAD, and the documents in both of their forms.

use std::io::Read;

use flate2::read::GzDecoder;
use kassa::net::Method;
use serde_json::json;

use crate::support::process::Server;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp, database};

#[actix_web::test]
async fn head_is_get_without_its_body() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "head").await;
    let products = merchant.path("products");
    for (path, status) in [
        ("/livez", 200),
        ("/openapi/v1.json", 200),
        ("/docs/guides/", 200),
        ("/", 307),
        (products.as_str(), 200),
        ("/v1/nothing", 404),
    ] {
        let get = merchant.call(&test, Call::get(path)).await;
        let head = merchant.call(&test, Call::new("HEAD", path)).await;
        assert_eq!(
            (get.status, head.status, head.body.len()),
            (status, status, 0),
            "{path}"
        );
        for name in ["etag", "content-type", "vary", "location"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    assert_eq!(test.call(Call::new("HEAD", products.as_str())).await.status, 401);
    let only_post = test.call(Call::new("HEAD", "/v1/auth/login")).await;
    assert_eq!((only_post.status, only_post.header("allow")), (405, Some("POST")));
    let both = test.call(Call::new("PUT", products.as_str())).await;
    assert_eq!(both.header("allow"), Some("GET, HEAD, POST"));
}

/// Over a socket: the length is that of what GET sends, and the connection goes on.
#[actix_web::test]
async fn head_over_a_socket_tells_the_length() {
    let database = database::fresh().await;
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&database, data.path());
    let get = server.answer(Method::GET, "/problems/not-found", "", None).await;
    let address = server.word("url").replace("http://", "");
    let told = tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&address).expect("a connection");
        let request = |method: &str, more: &str| {
            format!("{method} /problems/not-found HTTP/1.1\r\nhost: {address}\r\n{more}\r\n")
        };
        stream.write_all(request("HEAD", "").as_bytes()).expect("sent");
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).expect("a head");
            head.push(byte[0]);
        }
        let second = request("GET", "connection: close\r\n");
        stream.write_all(second.as_bytes()).expect("sent");
        let mut rest = String::new();
        stream.read_to_string(&mut rest).expect("an answer");
        (String::from_utf8(head).expect("text"), rest)
    });
    let (head, rest) = told.await.expect("both");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        head.contains(&format!("content-length: {}\r\n", get.body.len())),
        "{head}"
    );
    // What follows the head is the next answer, and no body.
    assert!(rest.starts_with("HTTP/1.1 200"), "{rest}");
    assert!(rest.ends_with(&get.text()), "{rest}");
    assert!(server.stop());
}

#[actix_web::test]
async fn documents_are_compressed_for_who_asks() {
    let test = TestApp::new().await;
    for name in ["v1", "v1-without-webhooks", "v1-3.0"] {
        let path = format!("/openapi/{name}.json");
        let plain = test.call(Call::get(&path)).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, None));
        let asked = Call::get(&path).header("accept-encoding", "br, gzip;q=0.8");
        let small = test.call(asked.clone()).await;
        assert_eq!((small.status, small.header("content-encoding")), (200, Some("gzip")));
        assert!(small.body.len() * 5 < plain.body.len(), "{} bytes", small.body.len());
        let mut whole = Vec::new();
        GzDecoder::new(small.body.as_slice())
            .read_to_end(&mut whole)
            .expect("gzip");
        assert!(whole == plain.body, "{name}: another document");
        for reply in [&plain, &small] {
            assert_eq!(reply.header("vary"), Some("Accept-Encoding"));
            assert_eq!(reply.header("content-type"), Some("application/json"));
        }
        let tags = [&plain, &small].map(|reply| reply.header("etag").expect("a tag").to_owned());
        assert_ne!(tags[0], tags[1], "a tag is of one form");
        let again = test.call(asked.clone().header("if-none-match", &tags[1])).await;
        assert_eq!((again.status, again.header("vary")), (304, Some("Accept-Encoding")));
        assert_eq!(test.call(asked.header("if-none-match", &tags[0])).await.status, 200);
        let unchanged = Call::get(&path).header("if-none-match", &tags[0]);
        assert_eq!(test.call(unchanged).await.status, 304);
    }
    // What has somebody's data in it is never compressed beside what a stranger may choose.
    let merchant = Merchant::with_course(&test, "plain").await;
    let read = Call::get(merchant.path("products")).header("accept-encoding", "gzip");
    let read = merchant.call(&test, read).await;
    assert_eq!(read.header("content-encoding"), None);
    assert_ne!(read.expect(200)["data"], json!([]));
}
