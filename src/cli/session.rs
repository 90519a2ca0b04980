//! The configured contexts without a screen: what every command begins with.

use std::sync::Arc;

use super::arguments::Global;
use super::dashboard::{self, Configured};
use super::say::{self, Stop, usage};
use super::unlock;
use crate::app::contexts::{Asked, ContextState};
use crate::app::errand::{self, Errand};
use crate::app::modal::Leftover;
use crate::app::model::{Model, Wants};
use crate::app::{run, sought};
use crate::backend::Fields;
use crate::config::ContextConfig;
use crate::domain::{ContextName, Failure, Origin, Secret, TokenId, TokenKey, escape};
use crate::runtime::Place;
use crate::runtime::connect::Connection;
use crate::runtime::credential::Given;
use crate::runtime::headless::{Headless, Reached};
use crate::runtime::vault::Places;

/// The contexts of a command, as configured.
pub(super) struct Chosen {
    configured: Configured,
    contexts: Vec<ContextConfig>,
    fields: Fields,
}

/// What becomes of what a command does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Traces {
    /// It changes nothing, and leaves the journal to others.
    None,
    /// It is written to the journal.
    Journal,
}

/// Contexts that can be asked.
pub(super) struct Session {
    pub(super) driver: Headless,
    /// How many contexts could not be made ready, which was said.
    pub(super) unready: usize,
}

impl Chosen {
    /// Reads which contexts are meant: the only one, else those of `--context`, else all.
    pub(super) fn read(global: &Global, only: Option<&str>) -> Result<Self, Stop> {
        let configured = Configured::read(global)?;
        let names: Vec<String> = only.map_or_else(|| global.context.clone(), |name| vec![name.to_owned()]);
        let contexts = dashboard::choose(&configured.contexts, &names).map_err(|error| usage(&error.to_string()))?;
        if contexts.is_empty() {
            say::mistakes(configured.mistakes());
            return Err(usage("no context is configured: `tokendeck` without a command adds one"));
        }
        Ok(Self { configured, contexts, fields: Fields::Shown })
    }

    /// The same where there can be one only.
    pub(super) fn one(global: &Global, only: Option<&str>) -> Result<Self, Stop> {
        let chosen = Self::read(global, only)?;
        match chosen.contexts.as_slice() {
            [_] => Ok(chosen),
            several => {
                let names: Vec<&str> = several.iter().map(|context| context.name.as_str()).collect();
                Err(usage(&format!("name one context with --context: {}", names.join(", "))))
            }
        }
    }

    /// The same, with these fields of the rows of lists.
    pub(super) fn with(self, fields: Fields) -> Self {
        Self { fields, ..self }
    }

    /// Returns the first context.
    pub(super) fn first(&self) -> &ContextConfig {
        &self.contexts[0]
    }

    /// Reads ids: `CONTEXT/ID`, or the id alone where there is one context. Only their contexts stay.
    pub(super) fn addresses(&mut self, texts: &[String]) -> Result<Vec<(ContextName, TokenId)>, Stop> {
        let mut found = Vec::new();
        for text in texts {
            let address = self.address(text)?;
            if !found.contains(&address) {
                found.push(address);
            }
        }
        self.contexts.retain(|context| found.iter().any(|(name, _)| *name == context.name));
        Ok(found)
    }

    /// Leaves only these contexts, each of which has to be there.
    pub(super) fn only(&mut self, names: &[ContextName]) -> Result<(), Stop> {
        let there = |name: &&ContextName| self.contexts.iter().any(|context| context.name == **name);
        if let Some(missing) = names.iter().find(|name| !there(name)) {
            return Err(usage(&format!(
                "the plan is about the context {missing}, which is not configured or not chosen"
            )));
        }
        self.contexts.retain(|context| names.contains(&context.name));
        Ok(())
    }

    fn address(&self, text: &str) -> Result<(ContextName, TokenId), Stop> {
        let of = |context: &&ContextConfig| {
            text.strip_prefix(context.name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
        };
        let (name, id) = match (self.contexts.iter().find(of), self.contexts.as_slice()) {
            (Some(context), _) => (&context.name, &text[context.name.as_str().len() + 1..]),
            (None, [only]) => (&only.name, text),
            (None, _) => return Err(usage(&format!("of several contexts: write CONTEXT/{}", escape(text)))),
        };
        let id = TokenId::parse(id).map_err(|error| usage(&error.to_string()))?;
        Ok((name.clone(), id))
    }

    /// Returns all of them.
    pub(super) fn contexts(&self) -> &[ContextConfig] {
        &self.contexts
    }

    /// Makes one of them ready; nothing is sent.
    pub(super) fn ready(&self, config: &ContextConfig) -> Result<Connection, Failure> {
        self.configured.open(config.clone())
    }

    /// Returns where the first context is, without asking anybody.
    pub(super) fn origin(&self) -> Result<Origin, Stop> {
        let ready = self.configured.open(self.first().clone());
        ready.map(|connection| connection.context.origin).map_err(|failure| Stop::from(&failure))
    }

    /// Returns the places that keep credentials.
    pub(super) fn places(&self) -> Places {
        self.configured.places()
    }

    /// Returns the places that may have kept some before.
    pub(super) fn all_places(&self) -> Places {
        self.configured.all_places()
    }

    /// Makes them ready. Nothing is sent yet.
    pub(super) fn open(self, global: &Global, wants: Wants, traces: Traces) -> Result<Session, Stop> {
        let stdin = match (global.credential_stdin, self.contexts.len()) {
            (false, _) => None,
            (true, 1) => Some(dashboard::from_stdin(1)?),
            (true, _) => return Err(usage("--credential-stdin goes with one context: name it with --context")),
        };
        self.begin(global, wants, traces, stdin.as_ref(), None)
    }

    /// Makes the one context ready with this value as its credential.
    pub(super) fn open_with(self, global: &Global, wants: Wants, value: &Arc<Secret>) -> Result<Session, Stop> {
        if global.credential_stdin {
            return Err(usage("--credential-stdin does not go with this command"));
        }
        let given = Given { stdin: Some(value.clone()), ..Given::default() };
        self.begin(global, wants, Traces::None, None, Some(&given))
    }

    fn begin(
        self,
        global: &Global,
        wants: Wants,
        traces: Traces,
        stdin: Option<&Arc<Secret>>,
        given: Option<&Given>,
    ) -> Result<Session, Stop> {
        let all = self.contexts.len();
        let mut setup = self.configured.setup(global, self.contexts, stdin)?;
        setup.fields = self.fields;
        if traces == Traces::None {
            // Somebody else may have the journal open, and nothing is written to it.
            setup.journal = Place::Memory;
        }
        if let Some(given) = given {
            setup.given.values_mut().for_each(|there| *there = given.clone());
        }
        say::mistakes(&std::mem::take(&mut setup.mistakes));
        unlock::files(&mut setup)?;
        let unready = all - setup.connections.len();
        if setup.connections.is_empty() {
            return Err(Stop::Quiet(say::USAGE));
        }
        let driver = Headless::begin(setup, wants)?;
        Ok(Session { driver, unready })
    }
}

impl Session {
    /// Returns what is known.
    pub(super) fn model(&self) -> &Model {
        self.driver.model()
    }

    /// Tells whether tokens are told apart by their contexts too.
    pub(super) fn is_several(&self) -> bool {
        self.model().contexts.len() > 1
    }

    /// Goes on until something is so.
    pub(super) fn until(&mut self, test: impl Fn(&Model) -> bool) -> Result<(), Stop> {
        match self.driver.until(test) {
            Reached::Yes => Ok(()),
            Reached::Interrupted(code) => Err(Stop::Quiet(code)),
            Reached::Never => Err(stuck(self.model())),
        }
    }

    /// Looks for one token.
    pub(super) fn find(&mut self, address: (ContextName, TokenId)) -> Result<TokenKey, Stop> {
        self.driver.ask(Errand::Find(vec![address]))?;
        self.found()
    }

    /// Waits for the one token that is looked for.
    pub(super) fn found(&mut self) -> Result<TokenKey, Stop> {
        self.until(sought::is_over)?;
        match self.model().sought.first().map(|sought| &sought.found) {
            Some(Asked::There(key)) => Ok(key.clone()),
            Some(Asked::Failed(failure)) => Err(Stop::from(failure)),
            _ => Err(stuck(self.model())),
        }
    }

    /// Waits for the lists, and what the query shows of them.
    pub(super) fn listed(&mut self) -> Result<(), Stop> {
        self.until(errand::is_listed)
    }

    /// The same, until it is known too whose the credentials are: whoever changes something has to know.
    pub(super) fn listed_and_known(&mut self) -> Result<(), Stop> {
        self.until(|model| errand::is_listed(model) && errand::is_known(model))
    }

    /// Says why contexts told nothing, or not all; returns their exit codes, and `OK` for each that told all.
    pub(super) fn troubles(&self) -> Vec<u8> {
        let unready = std::iter::repeat_n(say::FAILED, self.unready);
        unready.chain(self.model().contexts.iter().map(trouble)).collect()
    }

    /// Says what was left open, which the dashboard settles.
    pub(super) fn say_leftovers(&self) {
        for left in &self.model().unfinished {
            let (name, far) = (&left.context, run::far(left));
            say::say(&format!("unfinished: a revocation in {name}: {far} (`tokendeck revoke --resume` or --discard)"));
        }
        for words in self.model().leftovers.iter().map(Leftover::words) {
            say::say(&format!("left open: {words} (`tokendeck`, then L)"));
        }
    }
}

fn trouble(state: &ContextState) -> u8 {
    let name = &state.context.name;
    if let Some(failure) = errand::trouble(state) {
        say::failed(name, &failure);
        return say::code(failure.kind);
    }
    if let Some(gap) = errand::gap(state) {
        say::say(&format!("{name}: the list is not whole: {gap}"));
        return say::FAILED;
    }
    say::OK
}

fn stuck(model: &Model) -> Stop {
    say::notes(model, None);
    Stop::Says(say::FAILED, "nothing more comes of it".to_owned())
}
