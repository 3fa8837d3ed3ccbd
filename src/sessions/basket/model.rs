//! Rows of baskets.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};

use crate::catalog::add_ons::model::{AddOnKind, AddOnPosition};
use crate::catalog::products::model::VatType;
use crate::kernel::country::Country;
use crate::kernel::ids::{AddOnId, LineId, LinkId, OfferId, OfferItemId, ProductId, VariantId};
use crate::kernel::text::{Description, Label, Name};
use crate::links::codes::Codes;
use crate::orders::model::LineRole;

/// A line of the basket with the price that holds now.
#[derive(Clone, Debug, QueryableByName)]
pub struct SessionLine {
    /// The line.
    #[diesel(sql_type = SqlUuid)]
    pub id: LineId,
    /// How it came into the basket.
    #[diesel(sql_type = Text)]
    pub role: LineRole,
    /// The item of an offer that it is.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub offer_item_id: Option<OfferItemId>,
    /// Or the add-on.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub add_on_id: Option<AddOnId>,
    /// The link it came by.
    #[diesel(sql_type = SqlUuid)]
    pub link_id: LinkId,
    /// The offer of that link.
    #[diesel(sql_type = SqlUuid)]
    pub offer_id: OfferId,
    /// Where buyers of that link come from.
    #[diesel(sql_type = Nullable<Text>)]
    pub source: Option<Label>,
    /// The merchant's own words on that link.
    #[diesel(sql_type = Array<Text>)]
    pub tags: Vec<String>,
    /// Whether it is the line that its link is about.
    #[diesel(sql_type = Bool)]
    pub of_link: bool,
    /// The product.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    /// The variant.
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: VariantId,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// How it is taxed.
    #[diesel(sql_type = Text)]
    pub vat_type: VatType,
    /// Where it takes place, if it does and not where the shop sells from.
    #[diesel(sql_type = Nullable<Text>)]
    pub place_country: Option<Country>,
    /// The employee benefits that may pay for it.
    #[diesel(sql_type = Array<Text>)]
    pub employee_benefits: Vec<String>,
    /// How many.
    #[diesel(sql_type = Integer)]
    pub quantity: i32,
    /// At least.
    #[diesel(sql_type = Integer)]
    pub quantity_min: i32,
    /// At most.
    #[diesel(sql_type = Integer)]
    pub quantity_max: i32,
    /// Whether the buyer may leave it out.
    #[diesel(sql_type = Bool)]
    pub optional: bool,
    /// Whether it is bought.
    #[diesel(sql_type = Bool)]
    pub selected: bool,
    /// What one costs in the session's currency; empty when it is not offered in it any more.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount: Option<i64>,
    /// A lower price that is paid instead.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discounted_amount: Option<i64>,
    /// The lowest price of the 30 days before that discount.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub lowest_amount_30_days: Option<i64>,
    /// What one cost when the buyer saw it last, if it was the same thing in the same currency.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub seen_amount: Option<i64>,
    /// Whether its link has fixed variants and quantities.
    #[diesel(sql_type = Bool)]
    pub quantities_locked: bool,
    /// Whether its link refuses codes.
    #[diesel(sql_type = Bool)]
    pub codes_closed: bool,
    /// The code that its link fills in.
    #[diesel(sql_type = Nullable<Text>)]
    pub link_code: Option<String>,
}

impl SessionLine {
    /// The codes that its link takes on it.
    pub fn codes(&self) -> Codes {
        Codes::of(self.codes_closed, self.link_code.as_deref())
    }

    /// What one costs now.
    pub fn unit_amount(&self) -> Option<i64> {
        self.discounted_amount.or(self.amount)
    }

    /// What one would cost without the merchant's own reduction.
    pub fn original_unit_amount(&self) -> Option<i64> {
        self.discounted_amount.and(self.amount)
    }

    /// At the price that the buyer was shown last: what was agreed on stays, whatever becomes of the price.
    pub fn as_seen(self) -> Self {
        if self.seen_amount.is_none() || self.seen_amount == self.unit_amount() {
            return self;
        }
        Self {
            amount: self.seen_amount,
            discounted_amount: None,
            lowest_amount_30_days: None,
            ..self
        }
    }

    /// Whether another price holds than the one the buyer saw last.
    pub fn price_has_changed(&self) -> bool {
        self.selected && self.seen_amount.is_some() && self.seen_amount != self.unit_amount()
    }
}

/// An add-on of the session's offer, and what one costs in the session's currency.
#[derive(Clone, Debug, QueryableByName)]
pub struct OfferedAddOn {
    /// The add-on.
    #[diesel(sql_type = SqlUuid)]
    pub id: AddOnId,
    /// What it does.
    #[diesel(sql_type = Text)]
    pub kind: AddOnKind,
    /// Where it is shown.
    #[diesel(sql_type = Text)]
    pub position: AddOnPosition,
    /// The product it sells.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    /// The variant it sells.
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: VariantId,
    /// Of an upgrade: the product it replaces.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub replaces_product_id: Option<ProductId>,
    /// What buyers see.
    #[diesel(sql_type = Text)]
    pub name: Name,
    /// What it is.
    #[diesel(sql_type = Nullable<Text>)]
    pub description: Option<Description>,
    /// A picture of it.
    #[diesel(sql_type = Nullable<Text>)]
    pub image_url: Option<String>,
    /// How many unless the buyer says otherwise.
    #[diesel(sql_type = Integer)]
    pub quantity_default: i32,
    /// At least.
    #[diesel(sql_type = Integer)]
    pub quantity_min: i32,
    /// At most.
    #[diesel(sql_type = Integer)]
    pub quantity_max: i32,
    /// What one costs; empty when it is not offered in this currency.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount: Option<i64>,
    /// A lower price that is paid instead.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discounted_amount: Option<i64>,
}

impl OfferedAddOn {
    /// The line that it makes.
    pub fn role(&self) -> LineRole {
        match (self.kind, self.position) {
            (AddOnKind::Upgrade, _) => LineRole::Upgrade,
            (AddOnKind::Add, AddOnPosition::OrderBump) => LineRole::OrderBump,
            (AddOnKind::Add, AddOnPosition::PreUpsell) => LineRole::PreUpsell,
        }
    }

    /// The line that an upgrade would stand in the place of.
    pub fn replaces<'a>(&self, lines: &'a [SessionLine]) -> Option<&'a SessionLine> {
        let product = self.replaces_product_id?;
        lines
            .iter()
            .find(|line| line.role == LineRole::Main && line.selected && line.product_id == product)
    }

    /// Whether it is in the basket.
    pub fn is_accepted(&self, lines: &[SessionLine]) -> bool {
        lines.iter().any(|line| line.add_on_id == Some(self.id))
    }

    /// Whether a buyer can be offered it: it has a price, and an upgrade has something to replace or has done so.
    pub fn is_offered(&self, lines: &[SessionLine]) -> bool {
        let fits = self.kind == AddOnKind::Add || self.is_accepted(lines) || self.replaces(lines).is_some();
        self.amount.is_some() && fits
    }
}

/// Where lines stand that were added to a session: after those it was opened with, in the order of their ids.
pub const ADDED: i32 = 1_000_000;

/// A line to be written.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// The line.
    pub id: LineId,
    /// Where it stands.
    pub position: i32,
    /// How it came into the basket.
    pub role: LineRole,
    /// The item of an offer that it is.
    pub offer_item: Option<OfferItemId>,
    /// Or the add-on.
    pub add_on: Option<AddOnId>,
    /// The link it came by.
    pub link: LinkId,
    /// The product.
    pub product: ProductId,
    /// The variant.
    pub variant: VariantId,
    /// How many.
    pub quantity: i32,
    /// Whether it is the line that its link is about.
    pub of_link: bool,
    /// Whether it is bought.
    pub selected: bool,
    /// What one costs, if the buyer is being shown that.
    pub seen_amount: Option<i64>,
}
