//! The descriptions that come with the program.

/// The names and texts of the built-in descriptions, in alphabetical order.
const BUILT_IN: [(&str, &str); 1] = [("tokendeck", include_str!("../../assets/backends/tokendeck.toml"))];

/// Returns the names of the built-in descriptions, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// Returns the text of a built-in description.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(built_in, _)| *built_in == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Plan;

    #[test]
    fn every_built_in_description_is_without_mistake_and_bears_its_name() {
        for name in names() {
            let plan = Plan::check(name, builtin(name).expect("it is listed"));
            assert_eq!(plan.expect("no mistakes").name(), name);
        }
    }
}
