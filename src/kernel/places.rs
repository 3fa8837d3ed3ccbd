//! Where in a value a rule is broken: rules of lists and of whole objects that point at the item or the member that is wrong.

use serde::Serialize;
use validator::ValidationError;

/// The parameter of a refusal that holds the place, from where the rule stands.
pub const PLACE: &str = "place";

/// The same refusal, of what is found there: the number of an item, the name of a member.
pub fn within(mut refusal: ValidationError, place: impl Serialize) -> ValidationError {
    refusal.add_param(PLACE.into(), &place);
    refusal
}

/// Holds every item against a rule; the first that breaks it is pointed at.
pub fn each<T>(items: &[T], rule: impl Fn(&T) -> Result<(), ValidationError>) -> Result<(), ValidationError> {
    let mut numbered = items.iter().enumerate();
    numbered.try_for_each(|(number, item)| rule(item).map_err(|refusal| within(refusal, number)))
}

/// Holds that no two items are alike in what `alike` gives; the second of two is pointed at.
pub fn each_once<T, K: PartialEq>(
    items: &[T],
    alike: impl Fn(&T) -> K,
    refusal: impl Fn() -> ValidationError,
) -> Result<(), ValidationError> {
    for (number, item) in items.iter().enumerate() {
        if items[..number].iter().any(|earlier| alike(earlier) == alike(item)) {
            return Err(within(refusal(), number));
        }
    }
    Ok(())
}
