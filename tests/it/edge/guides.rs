//! The guides of `docs/` as a browser gets them.

use crate::support::TestApp;
use crate::support::request::Call;

#[actix_web::test]
async fn every_guide_is_a_page_and_no_link_of_theirs_leads_nowhere() {
    let test = TestApp::new().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the guides")
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".md")?.replace("README", "")))
        .collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    for name in &names {
        let reply = test.call(Call::get(format!("/docs/guides/{name}"))).await;
        assert_eq!(
            reply.status, 200,
            "docs/{name}.md has no page: add it to src/http/guides"
        );
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(
            reply
                .header("content-security-policy")
                .expect("a policy")
                .contains("default-src 'none'")
        );
        let page = String::from_utf8(reply.body.to_vec()).expect("text");
        assert!(page.contains("<h1 id="), "{name}");
        for link in page.split("href=\"").skip(1) {
            let link = link.split_once('"').expect("an end").0;
            if link.starts_with("http") || link.starts_with("data:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let there = match path {
                "" => page.clone(),
                path => {
                    let reply = test.call(Call::get(path)).await;
                    assert_eq!(reply.status, 200, "{name}: {link}");
                    String::from_utf8(reply.body.to_vec()).expect("text")
                }
            };
            assert!(
                anchor.is_empty() || there.contains(&format!("id=\"{anchor}\"")),
                "{name}: {link}"
            );
        }
    }
    let page = test.call(Call::get("/docs/guides/operator")).await;
    let tag = page.header("etag").expect("a tag").to_owned();
    let again = Call::get("/docs/guides/operator").header("if-none-match", &tag);
    assert_eq!(test.call(again).await.status, 304);
    assert_eq!(test.call(Call::get("/docs/guides/lost")).await.status, 404);
    let short = test.call(Call::get("/docs/guides")).await;
    assert_eq!((short.status, short.header("location")), (302, Some("/docs/guides/")));
    let root = test.call(Call::get("/")).await;
    assert_eq!((root.status, root.header("location")), (307, Some("/docs/guides/")));
    // Swagger UI is where it was.
    assert_eq!(test.call(Call::get("/docs/")).await.status, 200);
}
