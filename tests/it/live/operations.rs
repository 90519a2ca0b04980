//! Each operation of each backend against the real server, through the same way that the program asks.

use jiff::SignedDuration;
use serde_json::json;
use tokendeck::domain::{Draft, Expiry, Failure, FailureKind, Operation, Token, TokenId, Untrusted};

use super::facts;
use super::server::{Server, ask, create, draft, get, list, plain, revoke, whoami};

/// The servers, by what their start scripts and their descriptions are called.
pub(super) const SERVERS: [(&str, &str); 4] =
    [("openbao", "openbao"), ("jupyterhub", "jupyterhub"), ("verdaccio", "verdaccio"), ("synapse", "synapse-devices")];

/// Returns what a token is created with.
fn draft_at(server: &Server, label: &str) -> Draft {
    match server.backend {
        "openbao" => Draft { owner: Some("érika".to_owned()), ..draft(label, &["ci"]) },
        "jupyterhub" => Draft { owner: Some("ana".to_owned()), ..draft(label, &["read:users!user"]) },
        "verdaccio" => draft(label, &["readonly"]),
        _ => Draft { owner: Some("@ana:hs.test".to_owned()), ..draft(label, &[]) },
    }
}

/// Creates a token; returns it as the list has it, and its secret.
pub(super) async fn made(server: &Server, label: &str) -> (Token, String) {
    let operator = server.operator();
    let before = list(&operator).await.expect("a list");
    let issued = create(&operator, draft_at(server, label)).await;
    let secret = plain(issued.secret.as_ref());
    let after = list(&operator).await.expect("a list");
    let mut new = after.into_iter().filter(|token| before.iter().all(|old| old.id != token.id));
    let (token, others) = (new.next().expect("it is in the list"), new.count());
    assert_eq!(others, 0, "one is made at a time");
    if let Some(told) = issued.token {
        assert_eq!(told.id, token.id, "the answer names it");
        assert!(told.extra.iter().all(|(_, text)| !text.raw().contains(&secret)));
    }
    (token, secret)
}

/// Held by whoever makes or counts tokens: the servers are shared.
pub(super) static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test]
async fn lists_say_what_the_servers_say_field_by_field() {
    for (name, backend) in SERVERS {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.lock().await;
        let before = facts::of(&server).await;
        let told = facts::told(&list(&server.operator()).await.expect("a list"));
        let after = facts::of(&server).await;
        assert!(told.len() > 5, "{name}: {} tokens", told.len());
        for (id, facts) in &told {
            let (before, after) = (before.get(id), after.get(id));
            let agree = facts::agree(facts, before, after);
            assert!(agree, "{name} {id}\n  told   {facts:?}\n  before {before:?}\n  after  {after:?}");
        }
        let missing: Vec<_> = after.keys().filter(|id| before.contains_key(*id) && !told.contains_key(*id)).collect();
        assert!(missing.is_empty(), "{name}: {missing:?} are not in the list");
    }
}

#[tokio::test]
async fn a_token_is_made_used_and_dies_once_for_all() {
    for (name, backend) in SERVERS {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.lock().await;
        let operator = server.operator();
        let (token, secret) = made(&server, "made by a test").await;
        let wanted = draft_at(&server, "made by a test");
        if backend != "verdaccio" {
            assert_eq!(token.label.raw(), wanted.label, "{name}");
            assert_eq!(token.owner.name().map(Untrusted::raw), wanted.owner.as_deref(), "{name}");
        }
        if let (Expiry::At(end), Expiry::At(wanted)) = (token.expires, wanted.expires) {
            let off = end.duration_since(wanted).abs();
            assert!(off < SignedDuration::from_secs(60), "{name}: it ends {off} off");
        }
        if operator.plan.capabilities().get == tokendeck::domain::Support::Yes {
            assert!(!get(&operator, &token.id).await.expect("it is there").differs_from(&token), "{name}");
        }
        let own = server.connect(&secret);
        let identity = whoami(&own).await.unwrap_or_else(|failure| unreachable!("{name}: {failure:?}"));
        // Verdaccio tells the user only.
        let itself = Some(&token.id).filter(|_| backend != "verdaccio");
        assert_eq!(identity.token.as_ref(), itself, "{name}: it knows itself");

        // What says so itself, and what says the same to everything.
        let tells = matches!(backend, "openbao" | "jupyterhub");
        assert_eq!(revoke(&operator, &token.id).await, Ok(false), "{name}");
        assert_eq!(revoke(&operator, &token.id).await, Ok(tells), "{name}: the second time");
        let dead = whoami(&own).await.expect_err("dead");
        assert_eq!(dead.kind, FailureKind::Credential, "{name}: {dead:?}");
        let left = list(&operator).await.expect("a list");
        assert!(
            left.iter().all(|other| other.key(&operator.context.name) != token.key(&operator.context.name)),
            "{name}"
        );
        if operator.plan.capabilities().get == tokendeck::domain::Support::Yes {
            let gone = get(&operator, &token.id).await.expect_err("gone");
            assert_eq!(gone.kind, FailureKind::NotFound, "{name}: {gone:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_credential_is_told_as_one() {
    for (name, backend) in SERVERS {
        let Some(server) = Server::find(name, backend) else { continue };
        let wrong = server.connect("nonsense-0123456789");
        for operation in [Operation::List(None), Operation::Whoami, Operation::Revoke(some_id(&server))] {
            let shown = format!("{name}: {operation:?}");
            let failure = ask(&wrong, operation).await.expect_err(&shown);
            assert_eq!(failure.kind, FailureKind::Credential, "{shown}: {failure:?}");
        }
        let health = ask(&wrong, Operation::Health).await;
        assert!(health.is_ok(), "{name} is well for everybody: {health:?}");
    }
}

/// Returns an id that no token has.
fn some_id(server: &Server) -> TokenId {
    let id = match server.backend {
        "jupyterhub" => "ana/a999999",
        "synapse-devices" => "@ana:hs.test/NOBODY",
        _ => "nobody",
    };
    TokenId::parse(id).expect("a lawful id")
}

#[tokio::test]
async fn a_lacking_right_is_told_as_one() {
    for (name, backend) in SERVERS {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.lock().await;
        let (token, secret) = made(&server, "out of reach").await;
        let id = token.id.clone();
        let forbidden = |failure: Failure| assert_eq!(failure.kind, FailureKind::Forbidden, "{name}: {failure:?}");
        match backend {
            "openbao" | "jupyterhub" => {
                let auditor = server.connect(server.value("AUDITOR"));
                assert!(list(&auditor).await.expect("it may read").iter().any(|other| other.id == id), "{name}");
                forbidden(revoke(&auditor, &id).await.expect_err("it may not revoke"));
                forbidden(list(&server.connect(&secret)).await.expect_err("it may not list"));
            }
            // A token that reads only may list, and nothing else.
            "verdaccio" => {
                let own = server.connect(&secret);
                assert!(list(&own).await.is_ok());
                forbidden(revoke(&own, &id).await.expect_err("it reads only"));
            }
            _ => {
                let ordinary = server.connect(server.value("ORDINARY"));
                forbidden(list(&ordinary).await.expect_err("for administrators"));
                forbidden(revoke(&ordinary, &id).await.expect_err("for administrators"));
            }
        }
        assert!(whoami(&server.connect(&secret)).await.is_ok(), "{name}: it lives");
        assert_eq!(revoke(&server.operator(), &id).await, Ok(false), "{name}");
    }
}

#[tokio::test]
async fn what_vanishes_between_two_questions_is_no_failure() {
    for (name, backend) in SERVERS {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.lock().await;
        let operator = server.operator();
        let (token, secret) = made(&server, "vanishes").await;
        let (parent, id) = token.id.raw().split_once('/').unwrap_or(("", token.id.raw()));
        let by = server.value("OPERATOR");
        let (status, answer) = match backend {
            "openbao" => server.raw("POST", "/v1/auth/token/revoke-self", &secret, None).await,
            "jupyterhub" => server.raw("DELETE", &format!("/users/{parent}/tokens/{id}"), by, None).await,
            "verdaccio" => server.raw("DELETE", &format!("/-/npm/v1/tokens/token/{id}"), by, None).await,
            _ => server.raw("POST", "/_matrix/client/v3/logout", &secret, Some(json!({}))).await,
        };
        assert!((200..300).contains(&status), "{name}: {answer}");
        // The row that a list was about to read.
        if operator.plan.capabilities().get == tokendeck::domain::Support::Yes {
            let gone = get(&operator, &token.id).await.expect_err("gone");
            assert_eq!(gone.kind, FailureKind::NotFound, "{name}: {gone:?}");
        }
        let below = if parent.is_empty() { id } else { "nobody-of-that-name" };
        if backend != "verdaccio" && backend != "synapse-devices" {
            let at = tokendeck::domain::Cursor::of_parent(below);
            let reply = ask(&operator, Operation::List(Some(at))).await;
            assert!(matches!(reply, Ok(tokendeck::domain::Reply::Listed(_))), "{name}: {reply:?}");
        }
        assert!(list(&operator).await.expect("a list").iter().all(|other| other.id != token.id), "{name}");
    }
}

#[tokio::test]
async fn pages_of_one_and_of_as_many_as_there_can_be_make_the_same_list() {
    for (name, backend, most) in [("jupyterhub", "jupyterhub", "200"), ("synapse", "synapse-devices", "100")] {
        let Some(server) = Server::find(name, backend) else { continue };
        let _alone = ALONE.lock().await;
        let by = |limit: &str| {
            let from = format!("limit = \"{most}\"");
            server.connect_by(server.value("OPERATOR"), |text| {
                assert!(text.contains(&from), "{name} asks for {most}");
                text.replace(&from, &format!("limit = \"{limit}\""))
            })
        };
        let ids = |tokens: Vec<Token>| {
            let mut ids: Vec<_> = tokens.into_iter().map(|token| token.id).collect();
            ids.sort_unstable();
            ids
        };
        let whole = ids(list(&by(most)).await.expect("a list"));
        assert_eq!(ids(list(&by("1")).await.expect("a list")), whole, "{name}");
        assert_eq!(ids(list(&by("100000")).await.expect("a list")), whole, "{name}");
    }
}
