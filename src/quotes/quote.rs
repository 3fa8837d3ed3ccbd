//! Quotes a basket.

use super::basket::{Asked, Line, lines};
use super::price::{Item, Rules, facts, price};
use super::views::{QuoteAddOnInput, QuoteDiscountView, QuoteInput, QuoteLineInput, QuoteLineView, QuoteView};
use crate::catalog::offers::model::Through;
use crate::catalog::offers::store::offered;
use crate::catalog::products::benefits::EmployeeBenefit;
use crate::db::Conn;
use crate::discounts::codes::model::CodeTerms;
use crate::discounts::codes::terms::store::{is_available, terms_of_text};
use crate::discounts::customer::customer_hash;
use crate::discounts::eligibility::{Standing, check};
use crate::discounts::holds::store::uses_of_customer;
use crate::discounts::refusal::Refusal;
use crate::kernel::clock::Clock;
use crate::kernel::code_text::CodeText;
use crate::kernel::country::Country;
use crate::kernel::format::amount;
use crate::kernel::ids::{CheckoutId, OfferId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Email;
use crate::links::basket;
use crate::links::model::{LinkTerms, PublicLink};
use crate::links::options::Known;
use crate::payments::methods::Ways;
use crate::pricing::Quote;
use crate::pricing::tax::{Buyer, Seller};
use crate::vat_checks::model::status;
use crate::vat_checks::store::find as find_check;

/// What is sold, by whom, and on which terms.
pub struct Shop {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The offer.
    pub offer: OfferId,
    /// The link's terms; none of an offer alone.
    pub terms: LinkTerms,
    /// Who sells.
    pub seller: Seller,
    /// Where the shop sells from.
    pub place: Country,
    /// What it sells in unless asked otherwise.
    pub currency: Currency,
    /// What it speaks.
    pub locale: Locale,
    /// Whether prices include VAT.
    pub prices_include_tax: bool,
    /// Whether it sells in test mode.
    pub test_mode: bool,
    /// How it is paid.
    pub payment_methods: serde_json::Value,
}

impl From<&PublicLink> for Shop {
    fn from(link: &PublicLink) -> Self {
        Self {
            checkout: link.checkout_id,
            offer: link.offer_id,
            terms: link.terms(),
            seller: link.seller(),
            place: link.checkout_country,
            currency: link.default_currency,
            locale: link.default_locale.clone(),
            prices_include_tax: link.prices_include_tax,
            test_mode: link.test_mode,
            payment_methods: link.payment_methods.clone(),
        }
    }
}

/// Who buys what, and with which code; by default nobody knows who, and what the link alone sells.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    lines: Vec<QuoteLineInput>,
    add_ons: Vec<QuoteAddOnInput>,
    code: Option<CodeText>,
    currency: Option<Currency>,
    buyer: Known,
}

impl From<QuoteInput> for Wanted {
    fn from(input: QuoteInput) -> Self {
        Self {
            lines: input.lines,
            add_ons: input.add_ons,
            code: input.discount_code,
            currency: input.currency,
            buyer: Known {
                email: input.email,
                country: input.country,
                vat_number: input.vat_number,
            },
        }
    }
}

impl From<super::views::PublicQuoteInput> for Wanted {
    fn from(input: super::views::PublicQuoteInput) -> Self {
        Self {
            lines: input.lines,
            add_ons: input.add_ons,
            code: input.discount_code,
            currency: input.currency,
            buyer: Known {
                email: input.email,
                country: input.country,
                vat_number: input.vat_number,
            },
        }
    }
}

/// A place to quote from.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// A connection.
    pub conn: &'a Conn,
    /// The time.
    pub clock: &'a Clock,
    /// For the hash of the buyer's address.
    pub keys: &'a Keyring,
}

/// A basket with its prices.
#[derive(Clone, Debug)]
pub struct Priced {
    /// What it is paid in.
    pub currency: Currency,
    /// What each line comes to, and the totals.
    pub quote: Quote,
    lines: Vec<Line>,
    code: Option<CodeTerms>,
}

/// The quote of a basket at this moment, as a buyer sees it.
pub async fn of(asking: Asking<'_>, shop: &Shop, wanted: Wanted) -> Result<QuoteView, Problem> {
    Ok(view(shop, priced(asking, shop, wanted).await?))
}

/// A basket at this moment: prices, taxes and the code as they stand. As when a session is opened, what the link fills in of the
/// buyer stands before what is asked, and so does its code, which is left out where it does not apply.
pub async fn priced(asking: Asking<'_>, shop: &Shop, wanted: Wanted) -> Result<Priced, Problem> {
    if wanted.lines.len() > 50 {
        return Err(Problem::invalid("/lines", "length", "at most 50 lines"));
    }
    if wanted.add_ons.len() > 50 {
        return Err(Problem::invalid("/add_ons", "length", "at most 50 add-ons"));
    }
    let (items, add_ons) = offered(asking.conn, Through::Offer(shop.checkout, shop.offer)).await?;
    if items.is_empty() {
        return Err(Problem::invalid(
            "/offer_id",
            "not_found",
            "there is no such offer in this checkout",
        ));
    }
    let currency = basket::currency(&shop.terms, shop.currency, wanted.currency)?;
    let asked = Asked {
        currency,
        lines: &wanted.lines,
        add_ons: &wanted.add_ons,
    };
    let lines = lines(&shop.terms, &items, &add_ons, asked)?;
    let buyer = shop.terms.checkout_data.over(wanted.buyer);
    let number = buyer.vat_number;
    // What is known of the number from before: nobody is asked for a quote.
    let check = find_check(asking.conn, asking.clock.offset_ms(), shop.checkout, number.as_ref()).await?;
    let pricing = Pricing {
        currency,
        items: lines.iter().map(Item::from).collect(),
        rules: Rules {
            seller: shop.seller.clone(),
            buyer: Buyer {
                country: buyer.country,
                vat_number: number.map(|number| (number.country(), status(check.as_ref()).into())),
            },
            place: shop.place,
            today: asking.clock.now().date_naive(),
            prices_include_tax: shop.prices_include_tax,
        },
    };
    let own = shop.terms.checkout_data.discount_code.as_ref();
    let text = match own {
        Some(own) => own.as_str().parse().ok(),
        None => wanted.code,
    };
    let with = match &text {
        None => None,
        Some(text) => match with_code(asking, shop, &pricing, text, buyer.email.as_ref()).await? {
            Ok(with) => Some(with),
            Err(_) if own.is_some() => None,
            Err(refusal) => return Err(refusal.into()),
        },
    };
    let (quote, code) = match with {
        Some((quote, terms)) => (quote, Some(terms)),
        None => (price(&pricing.items, &pricing.rules, None)?, None),
    };
    Ok(Priced {
        currency,
        quote,
        lines,
        code,
    })
}

/// A basket ready to be priced.
struct Pricing {
    currency: Currency,
    items: Vec<Item>,
    rules: Rules,
}

impl From<&Line> for Item {
    fn from(line: &Line) -> Self {
        Self {
            product: line.product,
            category: line.category,
            place: line.place,
            quantity: line.quantity,
            unit_amount: line.price.charged(),
            original_unit_amount: line.price.discounted_amount.map(|_| line.price.amount),
            codes: line.codes.clone(),
        }
    }
}

/// The quote with a code, as far as can be told without holding it, or why it does not apply.
async fn with_code(
    asking: Asking<'_>,
    shop: &Shop,
    pricing: &Pricing,
    text: &CodeText,
    email: Option<&Email>,
) -> Result<Result<(Quote, CodeTerms), Refusal>, Problem> {
    let found = terms_of_text(asking.conn, shop.checkout, &text.folded(), pricing.currency).await?;
    let codes = shop.terms.codes();
    let Some(terms) = found.filter(|terms| codes.take(&terms.code)) else {
        return Ok(Err(Refusal::NotFound));
    };
    let facts = facts(&pricing.items, &terms.code)?;
    let applies = match check(&terms, &facts, asking.clock.now(), Standing::New) {
        Ok(applies) => applies,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (offset_ms, code) = (asking.clock.offset_ms(), terms.discount_code_id);
    if !is_available(asking.conn, offset_ms, shop.checkout, code, shop.test_mode).await? {
        return Ok(Err(Refusal::UsageLimitReached));
    }
    if let (Some(email), Some(most)) = (email, terms.max_per_customer) {
        let customer = customer_hash(asking.keys, shop.checkout, email);
        let uses = uses_of_customer(
            asking.conn,
            offset_ms,
            shop.checkout,
            code,
            &customer,
            shop.test_mode,
            None,
        )
        .await?;
        if i64::try_from(uses).unwrap_or(i64::MAX) >= i64::from(most) {
            return Ok(Err(Refusal::CustomerLimitReached));
        }
    }
    let quote = price(&pricing.items, &pricing.rules, Some(&applies))?;
    // What may be paid with employee benefits is asked at confirm; here they do not make a code refused.
    let benefits = EmployeeBenefit::words();
    let ways = Ways::of(
        shop.test_mode,
        pricing.currency,
        &shop.payment_methods,
        [benefits.as_slice()],
    );
    if !ways.payable(quote.total) {
        return Ok(Err(Refusal::BelowPaymentMinimum));
    }
    Ok(Ok((quote, terms)))
}

fn view(shop: &Shop, priced: Priced) -> QuoteView {
    let Priced {
        currency,
        quote,
        lines,
        code,
    } = priced;
    let written = |minor: i64| amount(&shop.locale, currency, minor);
    let views = lines.iter().zip(&quote.lines).map(|(line, priced)| QuoteLineView {
        role: line.role,
        product_id: line.product,
        variant_id: line.variant,
        name: line.name.clone(),
        quantity: line.quantity,
        unit_amount: priced.unit_amount,
        original_unit_amount: priced.original_unit_amount,
        lowest_amount_30_days: line.price.lowest_amount_30_days,
        subtotal: priced.subtotal,
        discount: priced.discount,
        tax_rate: priced.tax_rate.normalize().to_string(),
        tax: priced.tax,
        total: priced.total,
    });
    QuoteView {
        currency,
        lines: views.collect(),
        discount: code.map(|terms| QuoteDiscountView {
            code: terms.code,
            amount: quote.discount_total,
        }),
        subtotal: quote.subtotal,
        discount_total: quote.discount_total,
        tax: quote.tax,
        total: quote.total,
        subtotal_formatted: written(quote.subtotal),
        discount_total_formatted: written(quote.discount_total),
        tax_formatted: written(quote.tax),
        total_formatted: written(quote.total),
        tax_breakdown: quote.tax_breakdown.into_iter().map(Into::into).collect(),
    }
}
