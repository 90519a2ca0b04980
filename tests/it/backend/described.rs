//! Every backend but the embedded one: what each operation sends, and what each recorded answer means.
//!
//! One picture of each per backend, short enough to be read by a person.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;
use tokendeck::backend::{
    Plan, Response, Site, catalog, decode, decode_login, decode_page, encode, encode_login, is_denied,
};
use tokendeck::domain::{
    Change, Cursor, Draft, Expiry, Failure, LastUse, Operation, Owner, RawPage, Reached, Reply, Secret, Token, TokenId,
    Untrusted,
};

use super::{context, draft, golden, moment, recorded};

/// Made-up values that stand where a service would have a secret. None may be in what is shown.
const SECRETS: [&str; 16] = [
    "00000000-0000-4000-8000-00EXAMPLE000",
    "EXAMPLE-not-a-key",
    "EXAMPLE-not-a-token",
    "EXAMPLE0000000000000000000000000",
    "EXAMPLE000000000000000000000000000000000",
    "EXAMPLEnotAsecret0",
    "dckr_EXAMPLE_not_a_token",
    "eyJEXAMPLE.eyJEXAMPLE.EXAMPLE",
    "gAAAAAEXAMPLE",
    "ghs_EXAMPLE_not_a_token",
    "glpat-EXAMPLE-not-a-token",
    "glsa_EXAMPLE_not_a_token",
    "s.EXAMPLEEXAMPLEEXAMPLE00",
    "syt_EXAMPLE",
    "tok_EXAMPLE_not_a_token",
    "tskey-EXAMPLE-not-a-key",
];

/// The parent of tokens that belong to one.
const PARENT: &str = "ana";

/// One built-in description, with all that it asks a context for.
struct Described {
    name: &'static str,
    plan: Plan,
    /// The file as TOML has it: where the answers of an operation bear an id.
    file: toml::Table,
}

impl Described {
    /// Returns those with recorded answers, but the embedded backend.
    fn all() -> Vec<Self> {
        let with_answers = catalog::names().filter(|name| *name != "tokendeck" && golden::folder(name).is_dir());
        let read = |name| {
            let text = catalog::builtin(name).expect("built in");
            let plan = Plan::check(name, text).expect("no mistakes");
            Self { name, plan, file: text.parse().expect("TOML") }
        };
        with_answers.map(read).collect()
    }

    /// Returns a site whose context says what it has to, or all that it can.
    fn site(&self, says: Says) -> Site {
        let wanted = self.plan.params().iter().filter(|param| param.required || says == Says::All);
        let params = wanted.map(|param| (param.name.to_string(), format!("a {}/é", param.name))).collect();
        let inputs = self.plan.inputs().iter().map(|input| input.name.clone());
        let site = Site::new(&self.plan, "https://tokens.example.org:8443/api/", &params).expect("lawful");
        site.with_inputs(inputs.filter(|_| says == Says::All))
    }

    /// Returns what is asked about the token that an answer shows.
    fn operation(&self, word: &str, answer: &Response) -> Operation {
        let value = || Arc::new(Secret::new("asked about".into()));
        let id = || self.id_in(word, answer);
        let change = Change { label: Some("renamed".to_owned()), expires: None, version: None, asked: draft().asked };
        match word {
            "list" => Operation::List(None),
            "each" => Operation::List(Some(Cursor::of_parent(PARENT))),
            "get" => Operation::Get(id()),
            "self" => Operation::Whoami,
            "create" => Operation::Create(Draft { owner: Some(PARENT.to_owned()), ..draft() }),
            "edit" => Operation::Edit(id(), change),
            "rotate" => Operation::Rotate(id()),
            "renew" => Operation::Renew(id()),
            "revoke" => Operation::Revoke(id()),
            "disable" => Operation::Disable(id()),
            "enable" => Operation::Enable(id()),
            "identify" => Operation::Identify(value()),
            "revoke_value" => Operation::RevokeValue(value()),
            "health" => Operation::Health,
            other => unreachable!("{}: no operation is called {other}", self.name),
        }
    }

    /// Returns a question with a role that the service knows, where only those can be sent.
    fn with_its_role(&self, operation: Operation) -> Operation {
        let text = catalog::builtin(self.name).expect("built in");
        let Operation::Create(draft) = operation.clone() else { return operation };
        if !text.contains("{role:is ") {
            return operation;
        }
        let roles = vec![self.plan.capabilities().roles[0].name.clone()];
        Operation::Create(Draft { roles, ..draft })
    }

    /// Returns where the page after the first begins.
    fn second_page(&self, site: &Site) -> Option<Cursor> {
        let first = decode(&self.plan, site, &Operation::List(None), recorded(self.name, "list")).expect("a page");
        let Reply::Listed(raw) = first else { unreachable!("{first:?}") };
        assert!(raw.next.is_some(), "{}: there is a last page, and the first one names none", self.name);
        raw.next.clone()
    }

    /// Returns the id in an answer, where the description points; any other where it bears none.
    fn id_in(&self, word: &str, answer: &Response) -> TokenId {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let item = self.file.get(word).and_then(|call| call.get("item")?.as_str()).unwrap_or_default();
        let at = &self.file["token"]["id"];
        let at = at.as_str().or_else(|| at.get(0)?.as_str()).expect("a place");
        let id = match body.pointer(&format!("{item}{at}")) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => "1".to_owned(),
        };
        let each = self.file.get("list").and_then(|list| list.get("each"));
        let by_parent = each.is_some_and(|each| each.get("items").is_some());
        TokenId::parse(&if by_parent { format!("{PARENT}/{id}") } else { id }).expect("a lawful id")
    }
}

/// How much a context says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    /// What it has to.
    Needed,
    /// Every parameter, and what is typed at login.
    All,
}

#[test]
fn every_answer_on_file_means_what_it_did() {
    let mut met = BTreeSet::new();
    for described in Described::all() {
        let mut text = String::new();
        for name in golden::names(described.name) {
            let answer = recorded(described.name, &name);
            let secrets: Vec<&str> =
                leaves(&answer).iter().filter_map(|leaf| SECRETS.into_iter().find(|secret| secret == leaf)).collect();
            let outcome = outcome(&described, &name, answer);
            for secret in &secrets {
                assert!(
                    !outcome.shown.contains(secret),
                    "{}/{name} shows {secret}:\n{}",
                    described.name,
                    outcome.shown
                );
            }
            met.extend(secrets);
            if let Some(secret) = &outcome.secret {
                let bare = outcome.shown.replace(secret.expose(), "");
                assert_eq!(bare, outcome.shown, "{}/{name} shows its secret", described.name);
            }
            let status = recorded(described.name, &name).status;
            write!(text, "# {name} ({status})\n{}", outcome.shown).expect("a string");
            if let Some(secret) = outcome.secret {
                writeln!(text, "  secret {:?}", secret.expose()).expect("a string");
            }
        }
        golden::hold(described.name, "answers", &text);
    }
    let unmet: Vec<&str> = SECRETS.into_iter().filter(|secret| !met.contains(secret)).collect();
    assert!(unmet.is_empty(), "in no answer: {unmet:?}");
}

/// What came of an answer: all that anybody sees, and the secret apart.
struct Outcome {
    shown: String,
    secret: Option<Arc<Secret>>,
}

fn outcome(described: &Described, name: &str, answer: Response) -> Outcome {
    let Described { plan, .. } = described;
    let word = name.split('-').next().expect("a word");
    if word == "login" {
        return match decode_login(plan, &answer) {
            Ok(session) => Outcome {
                shown: format!(
                    "  session, for {}\n",
                    session.lifetime.map_or("?".to_owned(), |life| format!("{life:?}"))
                ),
                secret: Some(session.secret),
            },
            Err(failure) => Outcome { shown: shown_failure(&failure), secret: None },
        };
    }
    let site = described.site(Says::Needed);
    let operation = match name {
        "list-last" => Operation::List(described.second_page(&site)),
        _ => described.operation(word, &answer),
    };
    let mut shown = String::new();
    if is_denied(plan, &site, &operation, &answer) {
        shown.push_str("  in doubt: who is it?\n");
    }
    let mut secret = None;
    match decode(plan, &site, &operation, answer) {
        Err(failure) => shown.push_str(&shown_failure(&failure)),
        Ok(Reply::Listed(raw)) => shown.push_str(&shown_page(plan, &raw)),
        Ok(Reply::Token(token)) => shown.push_str(&shown_token(&token)),
        Ok(Reply::Identity(identity)) => {
            let token = identity.token.as_ref().map_or("?", TokenId::raw);
            let (name, roles) = (quoted(&identity.name), shown_roles(identity.roles.as_deref()));
            writeln!(shown, "  is {token} of {name}, {roles}, ends {}", shown_end(identity.expires)).expect("a string");
        }
        Ok(Reply::Issued(issued)) => {
            shown.push_str(&issued.token.as_ref().map_or("  a token that is not named\n".to_owned(), shown_token));
            secret = issued.secret;
        }
        Ok(Reply::Revoked { already_gone, also }) => {
            let also = also.map_or("?".to_owned(), |also| also.to_string());
            let before = if already_gone { "was dead before" } else { "dead" };
            writeln!(shown, "  {before}, and {also} with it").expect("a string");
        }
        Ok(Reply::Done) => shown.push_str("  done\n"),
        Ok(Reply::Health(health)) => {
            let version = health.version.as_ref().map_or("?".to_owned(), quoted);
            writeln!(shown, "  well, version {version}").expect("a string");
        }
        Ok(Reply::Events(events)) => writeln!(shown, "  {} events", events.rows.len()).expect("a string"),
    }
    Outcome { shown, secret }
}

fn shown_page(plan: &Plan, raw: &RawPage) -> String {
    let page = decode_page(plan, &context(), raw).expect("it is lawful");
    let mut shown: String = (0..page.len()).map(|row| shown_token(&page.token(row))).collect();
    let below: Vec<_> = raw.below.iter().filter_map(Cursor::parent).collect();
    if !below.is_empty() {
        writeln!(shown, "  below: {}", below.join(", ")).expect("a string");
    }
    let next = raw.next.as_ref().map_or("the end".to_owned(), |next| format!("next {:?}", next.raw()));
    shown + &format!("  {next}\n")
}

fn shown_failure(failure: &Failure) -> String {
    let reached = if failure.reached == Reached::Maybe { ", may have had its effect" } else { "" };
    let detail = failure.detail.as_ref().map(|detail| format!("\n    says {}", quoted(detail))).unwrap_or_default();
    format!("  {:?}{reached}: {}{detail}\n", failure.kind, failure.summary)
}

fn shown_token(token: &Token) -> String {
    let Token { id, label, owner, creator, roles, masked, created, last_used, expires, state, parent, version, extra } =
        token;
    let mut shown = format!("  {} {} {}", id.raw(), quoted(label), format!("{state:?}").to_lowercase());
    match owner {
        Owner::Unknown => shown.push_str(", owner ?"),
        Owner::Known(name) => write!(shown, ", of {}", quoted(name)).expect("a string"),
        Owner::Removed(name) => write!(shown, ", of {} who is gone", quoted(name)).expect("a string"),
    }
    let born = created.map_or("?".to_owned(), |at| at.to_string());
    let used = match last_used {
        LastUse::NotReported => "?".to_owned(),
        LastUse::Never => "never".to_owned(),
        LastUse::At(at) => at.to_string(),
    };
    write!(shown, ", {}\n    born {born}, used {used}, ends {}", shown_roles(roles.as_deref()), shown_end(*expires))
        .expect("a string");
    for (name, text) in [("by", creator.as_ref()), ("masked", masked.as_ref()), ("version", version.as_ref())] {
        if let Some(text) = text {
            write!(shown, ", {name} {}", quoted(text)).expect("a string");
        }
    }
    if let Some(parent) = parent {
        write!(shown, ", child of {}", parent.raw()).expect("a string");
    }
    let extra: Vec<_> = extra.iter().map(|(name, text)| format!("{name}={}", quoted(text))).collect();
    if !extra.is_empty() {
        write!(shown, "\n    {}", extra.join(" ")).expect("a string");
    }
    shown.push('\n');
    shown
}

fn shown_roles(roles: Option<&[Untrusted]>) -> String {
    roles.map_or("roles ?".to_owned(), |roles| format!("[{}]", roles.iter().map(quoted).collect::<Vec<_>>().join(" ")))
}

fn shown_end(expires: Expiry) -> String {
    match expires {
        Expiry::NotReported => "?".to_owned(),
        Expiry::Never => "never".to_owned(),
        Expiry::At(at) => at.to_string(),
    }
}

fn quoted(text: &Untrusted) -> String {
    format!("{:?}", text.raw())
}

/// Returns every text in an answer, its headers too.
fn leaves(answer: &Response) -> Vec<String> {
    fn collect(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            Value::Object(members) => members.values().for_each(|member| collect(member, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut found: Vec<String> = answer.headers.iter().map(|(_, value)| value.to_string()).collect();
    collect(&serde_json::from_slice(&answer.body).unwrap_or_default(), &mut found);
    found
}

#[test]
fn every_described_operation_is_asked_for_as_recorded() {
    for described in Described::all() {
        let mut text = String::new();
        if let Some(request) =
            encode_login(&described.plan, &described.site(Says::Needed), moment("2026-11-22T12:00:00Z"))
        {
            write!(text, "# login\n{}", golden::shown(&request)).expect("a string");
        }
        for (name, operation) in questions() {
            let operation = described.with_its_role(operation);
            let sent = |says| match encode(&described.plan, &described.site(says), &operation) {
                Ok(request) => golden::shown(&request),
                Err(failure) if failure.kind == tokendeck::domain::FailureKind::NotOffered => String::new(),
                Err(failure) => format!("{}\n", failure.summary),
            };
            let (needed, all) = (sent(Says::Needed), sent(Says::All));
            if !needed.is_empty() {
                write!(text, "# {name}\n{needed}").expect("a string");
            }
            // The others bear the same parameters in the same places.
            if all != needed && ["list", "each", "create", "create, never ends"].contains(&name) {
                write!(text, "# {name}, with all that a context can say\n{all}").expect("a string");
            }
        }
        golden::hold(described.name, "requests", &text);
    }
}

/// Returns one question of each kind, with an id that has to be encoded, and that may have a parent.
fn questions() -> Vec<(&'static str, Operation)> {
    let id = || TokenId::parse("a b/c?d").expect("a lawful id");
    let asked = moment("2026-11-22T12:00:00Z");
    let edit = |label: Option<&str>, expires| {
        Operation::Edit(id(), Change { label: label.map(str::to_owned), expires, version: Some("3".into()), asked })
    };
    let value = || Arc::new(Secret::new("asked about".into()));
    vec![
        ("list", Operation::List(None)),
        ("list, next page", Operation::List(Cursor::new("2"))),
        ("each", Operation::List(Some(Cursor::of_parent("a b/ü")))),
        ("get", Operation::Get(id())),
        ("self", Operation::Whoami),
        ("create", Operation::Create(Draft { owner: Some("ana".to_owned()), ..draft() })),
        ("create, never ends", Operation::Create(Draft { expires: Expiry::Never, ..draft() })),
        ("edit, label", edit(Some("new"), None)),
        ("edit, expiry", edit(None, Some(Expiry::Never))),
        ("rotate", Operation::Rotate(id())),
        ("renew", Operation::Renew(id())),
        ("revoke", Operation::Revoke(id())),
        ("disable", Operation::Disable(id())),
        ("enable", Operation::Enable(id())),
        ("identify", Operation::Identify(value())),
        ("revoke_value", Operation::RevokeValue(value())),
        ("events", Operation::Events(None)),
        ("notices", Operation::Notices(None)),
        ("health", Operation::Health),
    ]
}
