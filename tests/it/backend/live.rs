//! The description of the embedded backend against that backend itself, over real HTTPS.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokendeck::backend::https::{Client, ClientOptions};
use tokendeck::backend::{Keys, Plan, Site, Transport, decode, decode_page, encode};
use tokendeck::config::ContextConfig;
use tokendeck::domain::{
    Access, Change, Cursor, Draft, Expiry, Failure, FailureKind, Issued, Operation, Reached, Reply, Secret, State,
    Token,
};
use tokendeck::runtime::connect;
use tokendeck::runtime::question::{self, Begun};
use tokendeck::server::{self, Options, Sample};

use super::{context, draft, id, moment, plan};

/// A server of its own, and who asks it.
struct Live {
    plan: Plan,
    site: Site,
    client: Client,
    credential: Arc<Secret>,
    server: server::Running,
    _home: tempfile::TempDir,
}

fn token_of(issued: &Issued) -> &Token {
    issued.token.as_ref().expect("the token")
}

fn secret_of(issued: &Issued) -> &Arc<Secret> {
    issued.secret.as_ref().expect("its secret")
}

impl Live {
    fn start(sample: Sample) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = Options { sample, ..Options::new(listen, home.path().join("data")) };
        let server = server::start(options).expect("it starts");
        let plan = plan();
        let site = Site::new(&plan, server.url(), &BTreeMap::new()).expect("lawful");
        let ca_pem = Some(std::fs::read(server.ca_file()).expect("a certificate"));
        let client = Client::new(ClientOptions { ca_pem, ..ClientOptions::new(site.origin().clone()) });
        let text = std::fs::read_to_string(server.credential_file()).expect("a credential");
        let credential = Arc::new(Secret::new(text.trim().into()));
        Self { plan, site, client, credential, server, _home: home }
    }

    async fn ask(&self, operation: Operation) -> Result<Reply, Failure> {
        self.ask_as(&self.credential, operation).await
    }

    async fn ask_as(&self, credential: &Arc<Secret>, operation: Operation) -> Result<Reply, Failure> {
        let request = encode(&self.plan, &self.site, &operation)?;
        let keys = Keys { credential: Some(Arc::clone(credential)), ..Keys::default() };
        let response = self.client.send(request, keys, Access::Write).await?;
        decode(&self.plan, &self.site, &operation, response)
    }

    async fn token(&self, operation: Operation) -> Token {
        let reply = self.ask(operation).await.expect("a token");
        let Reply::Token(token) = reply else { unreachable!("{reply:?}") };
        *token
    }

    async fn list(&self) -> Vec<Token> {
        let (mut tokens, mut next) = (Vec::new(), None::<Cursor>);
        loop {
            let reply = self.ask(Operation::List(next.clone())).await.expect("a page");
            let Reply::Listed(raw) = reply else { unreachable!("{reply:?}") };
            let page = decode_page(&self.plan, &context(), &raw).expect("lawful");
            tokens.extend((0..page.len()).map(|row| page.token(row)));
            next.clone_from(&raw.next);
            if next.is_none() {
                return tokens;
            }
        }
    }
}

#[tokio::test]
async fn a_secret_is_tried_as_itself_and_the_operator_stays_who_they_are() {
    let live = Live::start(Sample::Empty);
    let name = context();
    let mut config = ContextConfig::new(name, "tokendeck", live.server.url());
    config.ca_file = Some(live.server.ca_file().to_owned());
    let mut connection = connect::open(config, None).expect("a context");
    connection.credential = Some(live.credential.clone());
    let ask = async |operation: Operation| match question::ask(&connection, &operation).await {
        Begun::Over(asked) => asked.result,
        Begun::Headed(..) => unreachable!("no list"),
    };
    let own = ask(Operation::Whoami).await.expect("the operator");
    let Ok(Reply::Issued(issued)) = live.ask(Operation::Create(draft())).await else { unreachable!("a token") };
    let secret = secret_of(&issued);
    let Ok(Reply::Identity(whose)) = ask(Operation::Try(secret.clone())).await else { unreachable!("it works") };
    assert_eq!(whose.token.as_ref(), Some(&token_of(&issued).id));
    assert_eq!(ask(Operation::Whoami).await.expect("the operator"), own);
    live.ask(Operation::Revoke(token_of(&issued).id.clone())).await.expect("dead");
    assert_eq!(ask(Operation::Try(secret.clone())).await.expect_err("dead").kind, FailureKind::Credential);
    assert_eq!(ask(Operation::Whoami).await.expect("the operator"), own);
}

#[tokio::test]
async fn a_token_lives_and_dies_as_described() {
    let live = Live::start(Sample::Empty);
    let reply = live.ask(Operation::Create(draft())).await.expect("a token");
    let Reply::Issued(issued) = reply else { unreachable!("{reply:?}") };
    let made = token_of(&issued).id.clone();
    assert_eq!(token_of(&issued).label.raw(), draft().label);
    assert_eq!(token_of(&issued).expires, Expiry::At(moment("2027-01-31T14:00:00Z")));
    assert!(!token_of(&issued).extra.iter().any(|(_, text)| text.raw() == secret_of(&issued).expose()));
    let again = live.ask(Operation::Create(draft())).await.expect_err("the same attempt");
    assert_eq!((again.kind, again.reached), (FailureKind::Server, Reached::Maybe), "{again:?}");

    let got = live.token(Operation::Get(made.clone())).await;
    assert!(!got.differs_from(token_of(&issued)));
    assert!(live.list().await.iter().any(|token| !token.differs_from(&got)));
    let whoami = live.ask_as(secret_of(&issued), Operation::Whoami).await.expect("it lives");
    let Reply::Identity(whoami) = whoami else { unreachable!("{whoami:?}") };
    assert_eq!(whoami.token.as_ref(), Some(&made));

    let change = |label: &str, expires| Change {
        label: Some(label.to_owned()),
        expires,
        version: got.version.clone(),
        asked: moment("2026-11-22T12:00:00Z"),
    };
    let edited = live.token(Operation::Edit(made.clone(), change("new", Some(Expiry::Never)))).await;
    assert_eq!((edited.label.raw(), edited.expires), ("new", Expiry::Never));
    let stale = live.ask(Operation::Edit(made.clone(), change("newer", None))).await.expect_err("changed since");
    assert_eq!(stale.kind, FailureKind::Changed, "{stale:?}");

    let reply = live.ask(Operation::Rotate(made.clone())).await.expect("a new secret");
    let Reply::Issued(rotated) = reply else { unreachable!("{reply:?}") };
    assert_ne!(secret_of(&rotated), secret_of(&issued));
    let old = live.ask_as(secret_of(&issued), Operation::Whoami).await.expect_err("the old secret is dead");
    assert_eq!(old.kind, FailureKind::Credential);
    assert_eq!(live.token(Operation::Disable(made.clone())).await.state, State::Disabled);
    assert_eq!(live.token(Operation::Enable(made.clone())).await.state, State::Live);

    for gone in [false, true] {
        let reply = live.ask(Operation::Revoke(made.clone())).await.expect("dead");
        assert_eq!(reply, Reply::Revoked { already_gone: gone, also: Some(0) });
    }
    assert_eq!(live.token(Operation::Get(made.clone())).await.state, State::Revoked);
    let dead = live.ask_as(secret_of(&rotated), Operation::Whoami).await.expect_err("dead");
    assert_eq!(dead.kind, FailureKind::Credential);
    let dead = live.ask(Operation::Disable(made)).await.expect_err("dead");
    assert_eq!(dead.kind, FailureKind::Changed);
}

#[tokio::test]
async fn refusals_are_of_their_kind_and_in_the_servers_words() {
    let live = Live::start(Sample::Empty);
    let reply = live.ask(Operation::Create(draft())).await.expect("a token");
    let Reply::Issued(reader) = reply else { unreachable!("{reply:?}") };
    let create = |roles: &[&str]| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Operation::Create(Draft { roles, nonce: tokendeck::domain::Nonce::new("other"), ..draft() })
    };
    let unknown = Arc::new(Secret::new("tdk_a_nonsense".into()));
    for (credential, operation, kind) in [
        (&live.credential, Operation::Get(id("nobody")), FailureKind::NotFound),
        (&live.credential, Operation::Revoke(id("nobody/../x")), FailureKind::NotFound),
        (&live.credential, create(&["emperor"]), FailureKind::Refused),
        (secret_of(&reader), create(&["reader"]), FailureKind::Forbidden),
        (secret_of(&reader), Operation::Events(None), FailureKind::Forbidden),
        (&unknown, Operation::Whoami, FailureKind::Credential),
    ] {
        let shown = format!("{operation:?}");
        let failure = live.ask_as(credential, operation).await.expect_err(&shown);
        assert_eq!(failure.kind, kind, "{shown}: {failure:?}");
        assert!(failure.detail.is_some(), "{shown}: {failure:?}");
    }
}

#[tokio::test]
async fn lists_events_notices_and_health_are_read_whole() {
    let live = Live::start(Sample::Rows(2345));
    let tokens = live.list().await;
    let ids: std::collections::HashSet<_> = tokens.iter().map(|token| token.id.clone()).collect();
    assert_eq!((tokens.len(), ids.len()), (2345, 2345));
    let organization = Draft { scope: Some("organization".to_owned()), ..draft() };
    live.ask(Operation::Create(organization)).await.expect("a token");
    for operation in [Operation::Events(None), Operation::Notices(None)] {
        let reply = live.ask(operation).await.expect("a page");
        let Reply::Events(events) = reply else { unreachable!("{reply:?}") };
        let newest = events.rows.first().expect("the creation");
        assert_eq!(newest.action.raw(), "token.created");
        assert_eq!(newest.subject.as_ref().map(|subject| subject.raw().to_owned()), Some(draft().label));
        assert!(newest.at.is_some() && newest.actor.is_some());
    }
    let reply = live.ask(Operation::Health).await.expect("well");
    assert!(matches!(reply, Reply::Health(health) if health.version.is_some()));
}
