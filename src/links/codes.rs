//! Which codes a link takes on what it sells. Pure.

use super::model::LinkTerms;
use crate::kernel::code_text::CodeText;

/// The codes that a link takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// Any code of the checkout.
    Any,
    /// None but the one that it fills in itself, if it does; folded.
    Own(Option<String>),
}

impl Codes {
    /// By whether a link refuses codes, and the one it fills in.
    pub fn of(closed: bool, own: Option<&str>) -> Self {
        if closed {
            Self::Own(own.and_then(folded))
        } else {
            Self::Any
        }
    }

    /// Whether a code is one of them.
    pub fn take(&self, code: &CodeText) -> bool {
        match self {
            Self::Any => true,
            Self::Own(own) => own.as_ref().is_some_and(|own| *own == code.folded()),
        }
    }
}

impl LinkTerms {
    /// The codes it takes.
    pub fn codes(&self) -> Codes {
        let own = self.checkout_data.discount_code.as_ref();
        Codes::of(
            self.checkout_options.discount == Some(false),
            own.map(|code| code.as_str()),
        )
    }

    /// Whether a code is the one that it fills in.
    pub fn fills_in(&self, code: &CodeText) -> bool {
        let own = self.checkout_data.discount_code.as_ref();
        own.and_then(|own| folded(own.as_str())) == Some(code.folded())
    }
}

fn folded(text: &str) -> Option<String> {
    text.parse::<CodeText>().ok().map(|code| code.folded())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_without_a_field_for_codes_takes_its_own_alone() {
        let code = |text: &str| text.parse::<CodeText>().expect("a code");
        assert!(Codes::of(false, None).take(&code("ANY")));
        assert!(!Codes::of(true, None).take(&code("ANY")));
        let own = Codes::of(true, Some(" Half "));
        assert!(own.take(&code("HALF")) && !own.take(&code("ANY")));
        assert!(!Codes::of(true, Some("")).take(&code("ANY")));
    }
}
