//! A context made ready: its description checked, its address parsed, its client built at the first request.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use crate::app::effect::Inputs;
use crate::backend::https::{Client, ClientOptions};
use crate::backend::{Plan, Site, Transport, catalog};
use crate::config::ContextConfig;
use crate::domain::{Access, Context, Failure, FailureKind, Input, Secret};

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
    /// What a login gave for the credential.
    pub session: Arc<Session>,
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

    /// Returns what is asked for besides the credential, must be there, and is not.
    pub(super) fn missing_input(&self) -> Option<Failure> {
        let is_missing = |input: &&Input| input.required && !self.inputs.contains_key(&input.name);
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
    let mut options = ClientOptions::new(site.origin().clone());
    options.proxy.clone_from(&config.proxy);
    if let Some(path) = &config.ca_file {
        let read = fs::read(path).map_err(|error| {
            Failure::local("the CA file cannot be read", "check `ca_file` of the context")
                .with_detail(error.to_string())
        })?;
        options.ca_pem = Some(read);
    }
    let context = Context {
        name: config.name.clone(),
        origin: site.origin().clone(),
        access: config.access,
        protection: config.protection,
        active_window: config.active_window,
        capabilities: Arc::new(plan.capabilities_at(&site)),
    };
    Ok(Connection {
        access: config.access,
        context,
        config,
        plan: Arc::new(plan),
        site: Arc::new(site),
        transport: Arc::new(Client::new(options)),
        credential: None,
        inputs: BTreeMap::new(),
        session: Arc::default(),
    })
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
