//! The guides of `docs/`, rendered: what a person reads beside Swagger UI. They are part of the binary, so they are of its version.

mod render;

use std::sync::LazyLock;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

use super::page;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

const STYLE: &[u8] = include_bytes!("style.css");
/// Nothing runs there.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A guide.
struct Guide {
    /// The last part of its address: the name of its file without `.md`. The first, `README.md`, has none.
    name: &'static str,
    /// What leads to it.
    label: &'static str,
    text: &'static str,
}

const GUIDES: [Guide; 7] = [
    Guide {
        name: "",
        label: "Guides",
        text: include_str!("../../../docs/README.md"),
    },
    Guide {
        name: "front-end",
        label: "Front end",
        text: include_str!("../../../docs/front-end.md"),
    },
    Guide {
        name: "integrator",
        label: "Integrator",
        text: include_str!("../../../docs/integrator.md"),
    },
    Guide {
        name: "merchant",
        label: "Merchant",
        text: include_str!("../../../docs/merchant.md"),
    },
    Guide {
        name: "operator",
        label: "Operator",
        text: include_str!("../../../docs/operator.md"),
    },
    Guide {
        name: "going-live",
        label: "Going live",
        text: include_str!("../../../docs/going-live.md"),
    },
    Guide {
        name: "configuration",
        label: "Settings",
        text: include_str!("../../../docs/configuration.md"),
    },
];

/// Every page, rendered once.
static PAGES: LazyLock<Vec<String>> = LazyLock::new(|| GUIDES.iter().map(render::page).collect());

/// The guides under `/docs/guides/`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/docs/guides",
            web::get().to(async || {
                HttpResponse::Found()
                    .insert_header((LOCATION, "/docs/guides/"))
                    .finish()
            }),
        )
        .route("/docs/guides/style.css", web::get().to(style))
        .route("/docs/guides/{name:[a-z-]*}", web::get().to(guide));
}

async fn style(request: HttpRequest) -> HttpResponse {
    page::serve(&request, "text/css; charset=utf-8", STYLE, POLICY)
}

async fn guide(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    match GUIDES.iter().position(|guide| guide.name == name.as_str()) {
        Some(place) => page::serve(&request, "text/html; charset=utf-8", PAGES[place].as_bytes(), POLICY),
        None => Problem::new(ProblemCode::NotFound).error_response(),
    }
}
