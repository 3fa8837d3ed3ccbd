//! The example storefront, as `examples/storefront` builds it: what the demo link opens in a browser.
//!
//! Served in development only. Production pages are the merchant's own; this one shows them what the API can do.

use actix_web::{HttpRequest, HttpResponse, web};

use super::page;

const PAGE: &[u8] = include_bytes!("../../examples/storefront/dist/index.html");
const SCRIPT: &[u8] = include_bytes!("../../examples/storefront/dist/assets/storefront.js");
const STYLE: &[u8] = include_bytes!("../../examples/storefront/dist/assets/storefront.css");

/// Own scripts and styles only, and what a payment needs: Stripe's form, and forms that are posted to a provider. Pictures are the
/// merchant's, from anywhere.
const POLICY: &str = "default-src 'none'; script-src 'self' https://js.stripe.com; style-src 'self'; img-src https: http: data:; \
                      connect-src 'self' https://api.stripe.com; frame-src https://js.stripe.com https://hooks.stripe.com; \
                      form-action 'self' https: http://127.0.0.1:* http://localhost:*; base-uri 'none'; frame-ancestors 'none'";

/// The page under `/storefront/`, in development: every address below is one of its own, but for its script and its style.
pub fn routes(development: bool) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        if development {
            config
                .route("/storefront/assets/storefront.js", web::get().to(script))
                .route("/storefront/assets/storefront.css", web::get().to(style))
                .route("/storefront/{checkout}/{rest:.+}", web::get().to(html));
        }
    }
}

async fn html(request: HttpRequest) -> HttpResponse {
    serve(&request, "text/html; charset=utf-8", PAGE)
}

async fn script(request: HttpRequest) -> HttpResponse {
    serve(&request, "text/javascript; charset=utf-8", SCRIPT)
}

async fn style(request: HttpRequest) -> HttpResponse {
    serve(&request, "text/css; charset=utf-8", STYLE)
}

fn serve(request: &HttpRequest, kind: &'static str, bytes: &'static [u8]) -> HttpResponse {
    page::serve(request, kind, bytes, POLICY)
}
