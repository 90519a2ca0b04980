//! A revocation that is written down: looked at by somebody else, and done later if the world still looks so.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{ContextName, Origin, Target, TokenId, Untrusted};

/// A revocation that is written down. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationPlan {
    /// When it was made, by the clock of the machine that made it.
    pub made: Timestamp,
    /// The ticket of the incident in which it was made; `None` outside of one.
    pub incident: Option<String>,
    /// Why, as typed by whoever made it; `None` where nothing was typed.
    pub reason: Option<Untrusted>,
    /// The contexts that its tokens are in.
    pub contexts: Vec<PlannedContext>,
    /// The tokens that are to die, as they were shown.
    pub tokens: Vec<PlannedToken>,
}

/// A context as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedContext {
    /// Its name in the configuration.
    pub name: ContextName,
    /// Where its backend is.
    pub origin: Origin,
    /// What its backend is called.
    pub backend: Untrusted,
    /// Whose credential the tokens were read with; `None` where that was not known.
    pub principal: Option<Untrusted>,
}

/// A token as it was shown when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedToken {
    /// The context it is seen through.
    pub context: ContextName,
    /// As much of it as tells whether somebody changed it since.
    pub target: Target,
    /// Whether it counted as admin.
    pub admin: bool,
    /// The token it dies with; `None` when it has none or the backend does not say.
    pub parent: Option<TokenId>,
    /// How many living tokens of the list named it as their parent; `None` where the whole list was not there.
    pub children: Option<usize>,
}

impl RevocationPlan {
    /// The most tokens that one plan is of: what is more is not read by anybody before it is confirmed.
    pub const MOST: usize = 20_000;

    /// The longest reason, in bytes: it goes into every journal that the plan is done from.
    pub const LONGEST_REASON: usize = 4 << 10;

    /// Tells whether what was read is a plan: it has tokens, each once, in contexts that it describes.
    ///
    /// # Errors
    /// What is wrong, without a word of what was read.
    pub fn check(&self) -> Result<(), String> {
        if self.tokens.is_empty() {
            return Err("it has no tokens".to_owned());
        }
        if self.tokens.len() > Self::MOST {
            return Err(format!("it has {} tokens: {} are the most", self.tokens.len(), Self::MOST));
        }
        if self.reason.as_ref().is_some_and(|reason| reason.raw().len() > Self::LONGEST_REASON) {
            return Err(format!("its reason is over {} bytes long", Self::LONGEST_REASON));
        }
        let names: BTreeSet<&ContextName> = self.contexts.iter().map(|context| &context.name).collect();
        if names.len() < self.contexts.len() {
            return Err("it describes a context twice".to_owned());
        }
        let mut seen = BTreeSet::new();
        for (number, token) in (1..).zip(&self.tokens) {
            if !names.contains(&token.context) {
                return Err(format!("token {number} is in a context that it does not describe"));
            }
            if !seen.insert((&token.context, &token.target.id)) {
                return Err(format!("token {number} is in it twice"));
            }
        }
        match names.iter().find(|name| self.of(name).next().is_none()) {
            Some(name) => Err(format!("it has no token of the context {name} that it describes")),
            None => Ok(()),
        }
    }

    /// Returns the tokens of a context.
    pub fn of<'a>(&'a self, name: &ContextName) -> impl Iterator<Item = &'a PlannedToken> {
        self.tokens.iter().filter(move |token| token.context == *name)
    }
}

/// Returns a number of tokens in words.
pub(crate) fn tokens_in_words(count: usize) -> String {
    if count == 1 { "1 token".to_owned() } else { format!("{count} tokens") }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::token::tests::token;

    /// Returns a plan over these tokens of the context `prod`.
    pub(crate) fn plan(ids: &[&str]) -> RevocationPlan {
        let prod = || ContextName::parse("prod").expect("lawful");
        let planned = |id: &&str| PlannedToken {
            context: prod(),
            target: Target::from(&token(id, "ci")),
            admin: false,
            parent: None,
            children: Some(0),
        };
        RevocationPlan {
            made: Timestamp::UNIX_EPOCH,
            incident: None,
            reason: None,
            contexts: vec![PlannedContext {
                name: prod(),
                origin: Origin::new("https://prod.example:443"),
                backend: "Tokendeck server".into(),
                principal: Some("operator".into()),
            }],
            tokens: ids.iter().map(planned).collect(),
        }
    }

    #[test]
    fn a_plan_has_each_token_once_in_a_context_that_it_describes() {
        assert_eq!(plan(&["1", "2"]).check(), Ok(()));
        let with = |change: fn(&mut RevocationPlan)| {
            let mut plan = plan(&["1", "2"]);
            change(&mut plan);
            plan.check().expect_err("it is none")
        };
        assert_eq!(with(|plan| plan.tokens.clear()), "it has no tokens");
        assert_eq!(with(|plan| plan.tokens[1] = plan.tokens[0].clone()), "token 2 is in it twice");
        assert_eq!(with(|plan| plan.contexts.push(plan.contexts[0].clone())), "it describes a context twice");
        assert_eq!(with(|plan| plan.contexts.clear()), "token 1 is in a context that it does not describe");
        assert_eq!(
            with(|plan| {
                let name = ContextName::parse("other").expect("lawful");
                plan.contexts.push(PlannedContext { name, ..plan.contexts[0].clone() });
            }),
            "it has no token of the context other that it describes"
        );
        assert_eq!(
            with(|plan| plan.tokens = vec![plan.tokens[0].clone(); 20_001]),
            "it has 20001 tokens: 20000 are the most"
        );
        assert_eq!(with(|plan| plan.reason = Some("x".repeat(4097).into())), "its reason is over 4096 bytes long");
    }
}
