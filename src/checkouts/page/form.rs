//! What a page asks buyers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::kernel::by_locale::ByLocale;
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Name;

/// A field of the form.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKey {
    /// E-mail address; always required.
    Email,
    /// Country; always required.
    Country,
    /// State or province.
    State,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Phone number.
    Phone,
    /// City.
    City,
    /// Street and number.
    Street,
    /// Apartment, stairs, c/o.
    Apartment,
    /// Postal code.
    PostalCode,
    /// Company.
    Company,
    /// VAT number.
    VatNumber,
}

impl FieldKey {
    /// Every field, in the order in which forms show them.
    pub const EVERY: [Self; 12] = [
        Self::Email,
        Self::Country,
        Self::State,
        Self::FirstName,
        Self::LastName,
        Self::Phone,
        Self::City,
        Self::Street,
        Self::Apartment,
        Self::PostalCode,
        Self::Company,
        Self::VatNumber,
    ];

    /// Without these there is no order: the address receives it, the country decides on the tax.
    const fn always(self) -> bool {
        matches!(self, Self::Email | Self::Country)
    }
}

/// Whether a field is asked for.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// Not asked for.
    #[default]
    Hidden,
    /// Asked for.
    Optional,
    /// Needed.
    Required,
}

/// A field's texts in another language.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldTranslation {
    /// What the field is for.
    pub description: Name,
}

/// One field.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// Which.
    pub key: FieldKey,
    /// Whether it is asked for.
    pub requirement: Requirement,
    /// What it is for, beside its label.
    #[serde(default)]
    pub description: Option<Name>,
    /// The same in other languages.
    #[serde(default)]
    #[validate(length(max = 50, message = "at most 50 languages"))]
    #[schema(value_type = BTreeMap<String, FieldTranslation>, example = json!({"fi": {"description": "Kuittia varten"}}))]
    pub translations: ByLocale<FieldTranslation>,
}

/// The form. In a body what is left out is hidden, `email` and `country` apart.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BillingForm {
    /// The fields, each once.
    #[validate(nested, length(max = 12, message = "each field once"))]
    #[schema(max_items = 12)]
    pub fields: Vec<FormField>,
}

impl BillingForm {
    /// Every field in the order of forms: those of the database's form, the others as they are by default.
    pub fn from_json(value: serde_json::Value) -> Self {
        let kept: Vec<FormField> = serde_json::from_value(value).unwrap_or_default();
        let field = |key: FieldKey| {
            kept.iter()
                .find(|field| field.key == key)
                .cloned()
                .unwrap_or_else(|| FormField {
                    key,
                    requirement: default(key, kept.is_empty()),
                    description: None,
                    translations: ByLocale::default(),
                })
        };
        Self {
            fields: FieldKey::EVERY.into_iter().map(field).collect(),
        }
    }

    /// Refuses a field that comes twice, and one that is always required and is not.
    pub fn check(&self) -> Result<(), Problem> {
        let mut faults = Vec::new();
        for (index, field) in self.fields.iter().enumerate() {
            if self.fields[..index].iter().any(|earlier| earlier.key == field.key) {
                faults.push(Fault::new(
                    format!("/fields/{index}/key"),
                    "duplicate",
                    "each field once",
                ));
            }
            if field.key.always() && field.requirement != Requirement::Required {
                let pointer = format!("/fields/{index}/requirement");
                faults.push(Fault::new(
                    pointer,
                    "always_required",
                    "e-mail and country are always required",
                ));
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Problem::new(ProblemCode::ValidationFailed).errors(faults))
        }
    }
}

/// A checkout that never said asks for names, but does not insist.
const fn default(key: FieldKey, never_said: bool) -> Requirement {
    match key {
        FieldKey::Email | FieldKey::Country => Requirement::Required,
        FieldKey::FirstName | FieldKey::LastName if never_said => Requirement::Optional,
        _ => Requirement::Hidden,
    }
}
