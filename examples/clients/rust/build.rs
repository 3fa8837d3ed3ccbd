//! Makes the client from the 3.0 copy of the spec, or from the one that `KASSA_SPEC` names.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let spec = env::var("KASSA_SPEC").unwrap_or_else(|_| "../../../openapi/v1-3.0.json".to_owned());
    println!("cargo::rerun-if-changed={spec}");
    println!("cargo::rerun-if-env-changed=KASSA_SPEC");
    let text = fs::read_to_string(&spec).expect("the spec");
    let spec: openapiv3::OpenAPI = serde_json::from_str(&text).expect("OpenAPI 3.0");
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let tokens = progenitor::Generator::new(&settings).generate_tokens(&spec).expect("a client");
    let file = syn::parse2(tokens).expect("Rust");
    let out = PathBuf::from(env::var("OUT_DIR").expect("OUT_DIR")).join("kassa.rs");
    fs::write(out, prettyplease::unparse(&file)).expect("the client");
}
