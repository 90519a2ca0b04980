//! A context made ready: its description checked, its address parsed, its client built at the first request.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use crate::app::effect::Inputs;
use crate::backend::https::{Client, ClientOptions};
use crate::backend::{Plan, Request, Reuse, Site, Transport, catalog};
use crate::config::ContextConfig;
use crate::domain::{Access, Context, Failure, FailureKind, Input, Operation, Origin, Secret};

use super::meter::Metered;
use super::ports::{Clock, SystemClock};
use super::question::Session;

/// A context with everything that a request needs.
#[derive(Clone)]
pub struct Connection {
    /// What the screen knows of it.
    pub context: Context,
    /// What the configuration says of it.
    pub config: ContextConfig,
    /// Whether requests that change something pass.
    pub access: Access,
    /// The description.
    pub plan: Arc<Plan>,
    /// Where it is.
    pub site: Arc<Site>,
    /// Who carries requests.
    pub transport: Arc<dyn Transport>,
    /// The operator's credential; `None` before it was found.
    pub credential: Option<Arc<Secret>>,
    /// What the operator typed besides.
    pub inputs: Inputs,
    /// What time it is: some logins are asked for with a moment.
    pub clock: Arc<dyn Clock>,
    /// What a login gave for the credential.
    pub session: Arc<Session>,
    /// Whether what carried a request may carry others.
    pub reuse: Reuse,
}

impl Connection {
    /// Uses these inputs and no others; a session that was had with others is over.
    pub(super) fn take_inputs(&mut self, inputs: Inputs) {
        self.site = Arc::new(self.site.as_ref().clone().with_inputs(inputs.keys().cloned()));
        self.inputs = inputs;
        self.session = Arc::default();
    }

    /// Uses this credential from now on; a session that was had for another one is over.
    pub(super) fn take_credential(&mut self, credential: Arc<Secret>) {
        self.credential = Some(credential);
        self.session = Arc::default();
    }

    /// Binds a request to a connection of its own where nothing of it may stay in the buffers of one that is kept.
    pub(super) fn bound(&self, mut request: Request) -> Request {
        if self.reuse == Reuse::No {
            request.reuse = Reuse::No;
        }
        request
    }

    /// Returns what is asked for besides the credential, must be there for all questions or for this one, and is not.
    pub(super) fn missing_input(&self, question: Option<&Operation>) -> Option<Failure> {
        let word = question.map(Operation::word);
        let is_for = |input: &Input| input.needed_for.iter().any(|needed| Some(&**needed) == word);
        let is_missing = |input: &&Input| (input.required || is_for(input)) && !self.inputs.contains_key(&input.name);
        let input = self.plan.inputs().iter().find(is_missing)?;
        let summary = format!("the backend asks for \"{}\" besides the credential: {}", input.name, input.about);
        Some(Failure::new(FailureKind::Credential, summary, "log in with :login"))
    }
}

/// Makes a context ready. Reads its files; opens no connection.
///
/// # Errors
/// When its description is missing or wrong, its URL is none, or its CA file cannot be read.
pub fn open(config: ContextConfig, description: Option<(String, String)>) -> Result<Connection, Failure> {
    let (file, text) = match description {
        Some(own) => own,
        None => builtin(&config.backend)?,
    };
    let plan = Plan::check(&file, &text).map_err(|mistakes| {
        let all: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        let hint = "`tokendeck backend check FILE` lists every mistake";
        Failure::local(format!("the description {} is wrong", config.backend), hint).with_detail(all.join("; "))
    })?;
    let site = Site::new(&plan, &config.url, &config.params)?;
    if let Some(name) = config.input_env.keys().find(|name| plan.inputs().iter().all(|input| *input.name != ***name)) {
        let summary = format!("the backend {} asks for no \"{}\" at a login", plan.name(), crate::domain::escape(name));
        return Err(Failure::local(summary, "take it out of the context's input_env"));
    }
    let options = options(&config, site.origin())?;
    let context = Context {
        name: config.name.clone(),
        origin: site.origin().clone(),
        access: config.access,
        protection: config.protection,
        active_window: config.active_window,
        capabilities: Arc::new(plan.capabilities_at(&site)),
    };
    let client: Arc<dyn Transport> = Arc::new(Client::new(options));
    let transport = match context.capabilities.budget {
        Some(budget) => Arc::new(Metered::new(client, budget)),
        None => client,
    };
    Ok(Connection {
        access: config.access,
        context,
        config,
        plan: Arc::new(plan),
        site: Arc::new(site),
        transport,
        credential: None,
        inputs: BTreeMap::new(),
        clock: Arc::new(SystemClock),
        session: Arc::default(),
        reuse: Reuse::Yes,
    })
}

/// Returns what the client of a context is built from.
pub(super) fn options(config: &ContextConfig, origin: &Origin) -> Result<ClientOptions, Failure> {
    let mut options = ClientOptions::new(origin.clone());
    options.proxy.clone_from(&config.proxy);
    options.limits = config.limits;
    if let Some(path) = &config.ca_file {
        let read = fs::read(path).map_err(|error| {
            Failure::local("the CA file cannot be read", "check `ca_file` of the context")
                .with_detail(error.to_string())
        })?;
        options.ca_pem = Some(read);
    }
    Ok(options)
}

fn builtin(name: &str) -> Result<(String, String), Failure> {
    let text = catalog::builtin(name).ok_or_else(|| {
        let known = catalog::names().collect::<Vec<_>>().join(", ");
        Failure::local(
            format!("there is no backend \"{}\"", crate::domain::escape(name)),
            format!("there are: {known}"),
        )
    })?;
    Ok((format!("{name}.toml"), text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ContextName;
    use crate::runtime::question::ask;

    const ASKS: &str = r#"
name = "asks"
title = "Asks"
docs = "https://example.org"
checked = "2026-11-22"
extent = "own"
auth = { style = "header", header = "X-Key", value = "{credential}" }
headers = { X-Otp = "{inputs.otp}" }
inputs.otp = { about = "The code", required = true }
inputs.pin = { about = "The pin", needed_for = ["revoke"] }
token = { id = "/id" }
list = { path = "/keys", items = "" }
revoke = { path = "/keys/{id}", headers = { X-Pin = "{inputs.pin}" } }
"#;

    fn config(input: &str) -> ContextConfig {
        let name = ContextName::parse("main").expect("a name");
        let mut config = ContextConfig::new(name, "asks", "https://127.0.0.1:1");
        config.input_env.insert(input.to_owned(), "VARIABLE".to_owned());
        config
    }

    fn connection() -> Connection {
        open(config("otp"), Some(("asks.toml".to_owned(), ASKS.to_owned()))).expect("no mistakes")
    }

    fn secret(text: &str) -> Arc<Secret> {
        Arc::new(Secret::from_string(text.to_owned()))
    }

    #[test]
    fn a_session_ends_with_the_login_that_it_was_had_for() {
        let mut connection = connection();
        let before = connection.session.clone();
        connection.take_credential(secret("one"));
        let between = connection.session.clone();
        assert!(!Arc::ptr_eq(&before, &between), "also where the same credential is typed again");
        connection.take_inputs([("otp".into(), secret("123456"))].into());
        assert!(!Arc::ptr_eq(&between, &connection.session));
    }

    #[tokio::test]
    async fn without_what_is_asked_besides_nothing_is_sent() {
        let mut connection = connection();
        connection.take_credential(secret("one"));
        let crate::runtime::question::Begun::Over(asked) = ask(&connection, &Operation::List(None)).await else {
            panic!("nothing was sent that could have a head")
        };
        let failure = asked.result.expect_err("it is refused");
        assert_eq!(failure.kind, FailureKind::Credential);
        assert!(failure.summary.contains("\"otp\"") && asked.met.is_none(), "{failure}");
        connection.take_inputs([("otp".into(), secret("123456"))].into());
        assert!(connection.missing_input(Some(&Operation::List(None))).is_none());
    }

    #[tokio::test]
    async fn what_one_operation_needs_is_missed_by_no_other() {
        let mut connection = connection();
        connection.take_credential(secret("one"));
        connection.take_inputs([("otp".into(), secret("123456"))].into());
        assert!(connection.missing_input(None).is_none(), "a login is whole without it");
        assert!(connection.missing_input(Some(&Operation::List(None))).is_none());
        let revoke = Operation::Revoke(crate::domain::TokenId::parse("7").expect("lawful"));
        let crate::runtime::question::Begun::Over(asked) = ask(&connection, &revoke).await else {
            panic!("nothing was sent that could have a head")
        };
        let failure = asked.result.expect_err("it is refused");
        assert!(failure.summary.contains("\"pin\"") && asked.met.is_none(), "{failure}");
        let with_pin = [("otp".into(), secret("123456")), ("pin".into(), secret("1"))];
        connection.take_inputs(with_pin.into());
        assert!(connection.missing_input(Some(&revoke)).is_none());
    }

    #[test]
    fn a_variable_for_what_is_not_asked_is_a_mistake() {
        let Err(failure) = open(config("pan"), Some(("asks.toml".to_owned(), ASKS.to_owned()))) else {
            panic!("it was taken")
        };
        assert!(failure.summary.contains("\"pan\"") && failure.hint.contains("input_env"), "{failure}");
    }
}
