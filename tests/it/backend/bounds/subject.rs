//! A description with a place, and its requests held against it.

use std::collections::{BTreeMap, BTreeSet};

use tokendeck::backend::{Plan, Request, Site, catalog, encode};
use tokendeck::domain::Operation;

use super::dice::Dice;
use super::expected::{Fate, Written};
use super::generated;

/// A description, its plan, and a place for it.
pub(crate) struct Subject {
    name: String,
    text: String,
    /// The file as TOML has it.
    pub(crate) file: toml::Table,
    pub(crate) plan: Plan,
    pub(crate) site: Site,
    base: String,
    params: BTreeMap<String, String>,
    inputs: BTreeSet<String>,
}

impl Subject {
    /// Takes a lawful description.
    pub(crate) fn new(
        name: &str,
        text: &str,
        base: &str,
        params: &BTreeMap<String, String>,
        inputs: &BTreeSet<String>,
    ) -> Self {
        let plan = match Plan::check(name, text) {
            Ok(plan) => plan,
            Err(mistakes) => unreachable!("{name}: {mistakes:#?}\n{text}"),
        };
        let site = Site::new(&plan, base, params).expect("a lawful place");
        let site = site.with_inputs(inputs.iter().map(|name| name.as_str().into()));
        let file: toml::Table = text.parse().expect("TOML");
        let mut params = params.clone();
        for (name, param) in file.get("params").and_then(toml::Value::as_table).into_iter().flatten() {
            if let Some(default) = param.get("default").and_then(toml::Value::as_str) {
                params.entry(name.clone()).or_insert_with(|| default.to_owned());
            }
        }
        let (name, text) = (name.to_owned(), text.to_owned());
        Self { name, text, file, plan, site, base: base.to_owned(), params, inputs: inputs.clone() }
    }

    /// Writes one that nobody wrote.
    pub(crate) fn generated(dice: &mut Dice<'_>) -> Self {
        let made = generated::lawful(dice);
        Self::new("generated", &made.text, made.base, &made.params, &made.inputs)
    }

    /// Returns every built-in description, with hostile values for its parameters.
    pub(crate) fn built_in() -> Vec<Self> {
        let read = |name: &'static str| {
            let text = catalog::builtin(name).expect("it is built in");
            let plan = Plan::check(name, text).expect("no mistakes");
            let params = plan.params().iter().filter(|param| param.required);
            let params = params.map(|param| (param.name.to_string(), "a/../%2e?é".to_owned())).collect();
            let inputs = plan.inputs().iter().map(|input| input.name.to_string()).collect();
            Self::new(name, text, "https://tokens.example.org:8443/api", &params, &inputs)
        };
        catalog::names().map(read).collect()
    }

    /// Holds the request of an operation against the description; returns what is sent, and what becomes of it.
    pub(crate) fn hold(&self, operation: &Operation) -> Option<(Request, Fate)> {
        let Self { file, base, params, inputs, .. } = self;
        let written = Written { file, base, params, inputs };
        match encode(&self.plan, &self.site, operation) {
            Ok(request) => match written.check(operation, &request) {
                Ok(_) if written.has_no_request(operation) => {
                    unreachable!("{} sends {request:#?} for {operation:?}\n{}", self.name, self.text)
                }
                Ok(fate) => Some((request, fate)),
                Err(why) => unreachable!("{}: {why}\n{request:#?}\n{operation:#?}\n{}", self.name, self.text),
            },
            Err(_) if written.has_no_request(operation) => None,
            Err(failure) => unreachable!("{}: {failure}\n{operation:#?}\n{}", self.name, self.text),
        }
    }
}
