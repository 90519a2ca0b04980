//! Where a backend is, and what its context says for the description's parameters.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::domain::{Failure, Origin, escape};

use super::plan::{Auth, Plan};
use super::template::Hole;

/// Where a backend is: the base of every request's URL, and the parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    origin: Origin,
    prefix: String,
    params: BTreeMap<Box<str>, Box<str>>,
    inputs: BTreeSet<Box<str>>,
}

impl Site {
    /// Takes a context's URL and parameters.
    ///
    /// # Errors
    /// When the URL is not plain `https://host[:port][/path]`, a needed parameter is missing, one is not in the
    /// description, or one cannot stand in a request.
    pub fn new(plan: &Plan, url: &str, params: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let parsed = parse_base(url)?;
        for name in params.keys() {
            if !plan.params.iter().any(|param| *param.name == **name) {
                let known = plan.params.iter().map(|param| &*param.name).collect::<Vec<_>>().join(", ");
                let known = if known.is_empty() { "it asks for none".to_owned() } else { format!("it knows {known}") };
                return Err(Failure::local(
                    format!("the backend {} has no parameter \"{}\"", plan.name, escape(name)),
                    format!("take it out of the context's params: {known}"),
                ));
            }
        }
        let mut taken = BTreeMap::new();
        for param in &plan.params {
            match params.get(&*param.name).map(String::as_str).or(param.default.as_deref()) {
                Some(value) => {
                    check_param(&param.name, value)?;
                    if let Auth::Basic(Some(user)) = &plan.auth
                        && user.has(|hole| matches!(hole, Hole::Param(name) if *name == param.name))
                    {
                        check_user(&param.name, value)?;
                    }
                    taken.insert(param.name.clone(), value.into());
                }
                None if param.required => {
                    return Err(Failure::local(
                        format!("the parameter \"{}\" is missing", param.name),
                        format!("set it in the context's params: {}", param.about),
                    ));
                }
                None => {}
            }
        }
        let origin = Origin::new(&parsed.origin().ascii_serialization());
        let prefix = parsed.path().trim_end_matches('/').to_owned();
        Ok(Self { origin, prefix, params: taken, inputs: BTreeSet::new() })
    }

    /// Notes which inputs the operator typed: only those have places in requests.
    #[must_use]
    pub fn with_inputs(self, inputs: impl IntoIterator<Item = Box<str>>) -> Self {
        Self { inputs: inputs.into_iter().collect(), ..self }
    }

    /// Tells whether the operator typed an input.
    pub(super) fn has_input(&self, name: &str) -> bool {
        self.inputs.contains(name)
    }

    /// Returns scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the part of the path that stands before every template; empty, or with a slash in front only.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns what the context says for a parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(|value| &**value)
    }
}

fn parse_base(text: &str) -> Result<Url, Failure> {
    let wrong = |why: &str, hint: &str| Err(Failure::local(format!("the URL of the context {why}"), hint));
    let Ok(url) = Url::parse(text) else {
        return wrong("is no URL", "write it as https://host or https://host:port");
    };
    if url.scheme() != "https" {
        return wrong("does not begin with https://", "tokens are sent over HTTPS only");
    }
    if !url.has_host() {
        return wrong("names no host", "write it as https://host or https://host:port");
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return wrong("has a name or password in it", "leave it out: the credential is asked for, and kept apart");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has a ? or # in it", "end it with the host or a path");
    }
    // The parser has resolved dot segments already: what was written tells.
    let odd = |segment: &str| matches!(segment, "." | "..") || segment.to_ascii_lowercase().contains("%2e");
    if url.path().contains("//") || text.contains('\\') || text.split('/').any(odd) {
        return wrong("has an odd path", "write a path without //, . and ..");
    }
    Ok(url)
}

/// Refuses a user whose name ends at a colon for whoever reads it (RFC 7617): the rest would be taken for a password.
fn check_user(name: &str, value: &str) -> Result<(), Failure> {
    if !value.contains(':') {
        return Ok(());
    }
    let summary =
        format!("the parameter \"{name}\" has a colon in it, which no name of a user has that is sent as Basic");
    Err(Failure::local(summary, "correct it in the context's params: the name alone, without the password"))
}

/// Refuses what would move a path or break a header.
fn check_param(name: &str, value: &str) -> Result<(), Failure> {
    let why = match value {
        "" => "is empty",
        "." | ".." => "is a dot segment",
        _ if value.chars().any(char::is_control) => "has control characters in it",
        _ if value.len() > 1024 => "is over 1,024 bytes long",
        _ => return Ok(()),
    };
    Err(Failure::local(format!("the parameter \"{name}\" {why}"), "correct it in the context's params"))
}
