//! A token that a page holds twice is one token.

use super::{Page, PageBuilder, Sought};

impl Page {
    /// Returns the page with each token once, the first time it comes: by id and creation.
    #[must_use]
    pub fn without_repeats(self) -> Self {
        if !self.ids.may_repeat() {
            return self;
        }
        let repeats = |row: &usize| {
            let same = |other: usize| other < *row && self.created(other) == self.created(*row);
            self.find(&Sought::new(self.id(*row).raw()), same).is_some()
        };
        let repeated: Vec<usize> = (0..self.len()).filter(repeats).collect();
        if repeated.is_empty() {
            return self;
        }
        let mut builder = PageBuilder::new(self.context().clone());
        let mut from = 0;
        for row in repeated {
            builder.append(&self, from..row);
            from = row + 1;
        }
        builder.append(&self, from..self.len());
        builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::token::tests::token;
    use crate::domain::{ContextName, Token};

    #[test]
    fn each_token_stays_once_and_an_id_that_is_used_again_is_another_token() {
        let context = ContextName::parse("c").expect("a name");
        let other = Token { created: Some(Timestamp::MAX), ..token("2", "later") };
        let single = [token("1", "one"), token("2", "two"), other.clone(), token("3", "three")];
        let page = |tokens: &[Token]| Page::from_tokens(&context, tokens);
        assert_eq!(page(&single).without_repeats(), page(&single));
        let [one, two, other, three] = single.clone();
        let again = Token { label: "another reading".into(), ..two.clone() };
        let twice = [one.clone(), one.clone(), two, again, other.clone(), three.clone(), other, one, three];
        assert_eq!(page(&twice).without_repeats(), page(&single));
        assert_eq!(page(&[]).without_repeats(), page(&[]));
        let by_capitals = [token("aB", "one"), token("Ab", "two"), token("Σ", "three"), token("σ", "four")];
        let twice: Vec<Token> = by_capitals.iter().chain(&by_capitals).cloned().collect();
        assert_eq!(page(&by_capitals).without_repeats(), page(&by_capitals));
        assert_eq!(page(&twice).without_repeats(), page(&by_capitals));
    }
}
