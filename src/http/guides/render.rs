//! From Markdown to a page.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::{GUIDES, Guide};

/// A whole page: the way to the others, then the text.
pub(super) fn page(guide: &Guide) -> String {
    let mut nav = String::new();
    for other in &GUIDES {
        let here = if other.name == guide.name {
            " aria-current=\"page\""
        } else {
            ""
        };
        nav.push_str(&format!(
            "<a href=\"/docs/guides/{}\"{here}>{}</a>\n",
            other.name, other.label
        ));
    }
    let mut text = String::new();
    html::push_html(&mut text, events(guide.text).into_iter());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{} · Kassa</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/docs/guides/style.css\">\n</head>\n<body>\n\
         <nav aria-label=\"Guides\">\n{nav}<a href=\"/docs/\">Swagger UI</a>\n</nav>\n<main>\n{text}</main>\n</body>\n</html>\n",
        guide.label
    )
}

/// The text, with links that lead to pages, headings that can be linked to, and nothing that makes a phone scroll sideways as a whole.
fn events(text: &str) -> Vec<Event<'_>> {
    let mut events: Vec<Event> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let mut dropped = Vec::new();
    for place in 0..events.len() {
        let words = heading(&events[place..]);
        match &mut events[place] {
            Event::Start(Tag::Heading { id, .. }) => *id = Some(words.into()),
            Event::Start(Tag::Link { dest_url, .. }) => match address(dest_url) {
                Some(address) => *dest_url = address.into(),
                None => dropped.push(place),
            },
            _ => {}
        }
    }
    for start in dropped {
        // Leads to a file that is not a page: its words are enough. Links are not nested, so the next end is this one's.
        let end = events[start..]
            .iter()
            .position(|event| matches!(event, Event::End(TagEnd::Link)));
        events[start] = Event::Text(CowStr::Borrowed(""));
        if let Some(end) = end {
            events[start + end] = Event::Text(CowStr::Borrowed(""));
        }
    }
    let mut all = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::Start(Tag::Table(columns)) => {
                all.push(Event::Html(
                    "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table\">".into(),
                ));
                all.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                all.push(Event::End(TagEnd::Table));
                all.push(Event::Html("</div>\n".into()));
            }
            other => all.push(other),
        }
    }
    all
}

/// The words of the heading that these begin with, as an anchor: small letters, digits and dashes.
fn heading(events: &[Event<'_>]) -> String {
    let mut anchor = String::new();
    for event in events
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
    {
        if let Event::Text(text) | Event::Code(text) = event {
            for letter in text.chars() {
                match letter {
                    letter if letter.is_alphanumeric() => anchor.extend(letter.to_lowercase()),
                    ' ' | '-' => anchor.push('-'),
                    _ => {}
                }
            }
        }
    }
    anchor
}

/// Where a link of a guide leads on the page: `front-end.md` is a guide, other files are not served.
fn address(link: &str) -> Option<String> {
    if link.starts_with("https://") || link.starts_with("http://") || link.starts_with('#') || link.starts_with('/') {
        return Some(link.to_owned());
    }
    let (file, anchor) = link
        .split_once('#')
        .map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let name = file.strip_suffix(".md")?;
    let name = if name == "README" { "" } else { name };
    let guide = GUIDES.iter().find(|guide| guide.name == name)?;
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    Some(format!("/docs/guides/{}{anchor}", guide.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_or_nowhere() {
        for (written, served) in [
            ("front-end.md", Some("/docs/guides/front-end")),
            ("README.md#five-minutes", Some("/docs/guides/#five-minutes")),
            ("https://example.com/a.md", Some("https://example.com/a.md")),
            ("#keys", Some("#keys")),
            ("../deploy", None),
            ("lost.md", None),
        ] {
            assert_eq!(address(written).as_deref(), served, "{written}");
        }
        let text = "## Keys & `rotation`\n\nsee [`deploy/`](../deploy) and [these](operator.md)";
        let mut page = String::new();
        html::push_html(&mut page, events(text).into_iter());
        assert_eq!(
            page,
            "<h2 id=\"keys--rotation\">Keys &amp; <code>rotation</code></h2>\n<p>see <code>deploy/</code> and <a href=\"/docs/guides/operator\">these</a></p>\n"
        );
    }
}
