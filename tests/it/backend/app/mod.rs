//! Asking as a GitHub App: a server that imitates GitHub, and takes no token that is not signed with the App's key.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::Value;
use tokendeck::config::ContextConfig;
use tokendeck::domain::{Access, ContextName, FailureKind, Operation, Reply, Secret};
use tokendeck::runtime::connect::{self, Connection};
use tokendeck::runtime::question::{self, Begun};

use super::hostile::server::{Act, Log, Server, json};
use super::id;

/// Made for these tests, and used nowhere.
const KEY: &[u8] = include_bytes!("test-only.pk8");
/// What GitHub gives for the key.
const SESSION: &str = "ghs_EXAMPLE_not_a_token";

fn pem() -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(KEY))
}

/// Answers as GitHub does, to the App 42 with the installation 7.
fn github(request: &str) -> Vec<u8> {
    let head = request.to_lowercase();
    let bearer = request.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization").then(|| value.strip_prefix("Bearer "))?
    });
    let line = request.lines().next().unwrap_or_default();
    let refused = |status, why: &str| json(status, "", &format!("{{\"message\":\"{why}\"}}"));
    match (line, bearer) {
        ("POST /api/v3/app/installations/7/access_tokens HTTP/1.1", Some(token)) => match verified(token) {
            Ok(()) => {
                let date = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n";
                json(201, date, &format!("{{\"token\":\"{SESSION}\",\"expires_at\":\"2026-11-22T13:00:00Z\"}}"))
            }
            Err(why) => refused(401, &why),
        },
        (_, Some(SESSION)) if head.starts_with("get /api/v3/orgs/acme/personal-access-tokens?") => {
            json(200, "", r#"[{"id":9,"token_name":"ci","owner":{"login":"ana"}}]"#)
        }
        ("POST /api/v3/orgs/acme/personal-access-tokens/9 HTTP/1.1", Some(SESSION)) => json(204, "", ""),
        ("POST /api/v3/credentials/revoke HTTP/1.1", None) => json(202, "", "{}"),
        _ => refused(401, "Bad credentials"),
    }
}

/// Checks a signed token as GitHub does.
fn verified(token: &str) -> Result<(), String> {
    let (said, signature) = token.rsplit_once('.').ok_or("no signature")?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|error| error.to_string())?;
    let public = RsaKeyPair::from_pkcs8(KEY).expect("a key").public_key().as_ref().to_vec();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    public.verify(said.as_bytes(), &signature).map_err(|_| "signed with another key")?;
    let (head, claims) = said.split_once('.').ok_or("no claims")?;
    let read = |part: &str| serde_json::from_slice::<Value>(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    let (head, claims) = (read(head).ok_or("no head")?, read(claims).ok_or("no claims")?);
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let (issued, ends) = (claims["iat"].as_u64().unwrap_or(u64::MAX), claims["exp"].as_u64().unwrap_or(0));
    if head["alg"] != "RS256" || claims["iss"] != 42 {
        return Err("not the App".to_owned());
    }
    // Ten minutes is the most that is taken, by a clock that may be a little behind.
    if issued > now || ends <= now || ends > now + 600 {
        return Err(format!("{issued} to {ends} at {now}"));
    }
    Ok(())
}

fn connection(server: &Server, app: &str, key: &str) -> Connection {
    let name = ContextName::parse("org").expect("a lawful name");
    let mut config = ContextConfig::new(name, "github-org", &format!("{}/api/v3", server.url()));
    let authority = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(authority.path(), &server.ca_pem).expect("written");
    config.ca_file = Some(authority.path().to_owned());
    config.access = Access::Write;
    let params = [("org", "acme"), ("app", app), ("installation", "7")];
    config.params = BTreeMap::from(params.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut connection = connect::open(config, None).expect("a lawful context");
    connection.credential = Some(Arc::new(Secret::new(key.into())));
    connection
}

async fn ask(connection: &Connection, operation: Operation) -> Result<Reply, tokendeck::domain::Failure> {
    match question::ask(connection, &operation).await {
        Begun::Over(asked) => asked.result,
        Begun::Headed(_, rest) => rest.await.result,
    }
}

#[tokio::test]
async fn an_app_asks_with_what_its_key_signs_and_never_sends_the_key() {
    let server = Server::good().await;
    let connection = connection(&server, "42", &pem());
    let asked = async {
        for _ in 0..2 {
            assert!(matches!(ask(&connection, Operation::List(None)).await, Ok(Reply::Listed(_))));
        }
        let revoked = ask(&connection, Operation::Revoke(id("9"))).await;
        assert!(matches!(revoked, Ok(Reply::Revoked { already_gone: false, .. })), "{revoked:?}");
        // What goes without the credential asks for no session, and bears none.
        let value = Operation::RevokeValue(Arc::new(Secret::new("ghp_leaked".into())));
        let revoked = ask(&connection, value).await;
        assert!(matches!(revoked, Ok(Reply::Revoked { .. })), "{revoked:?}");
    };
    server.during(Act::Ask(Arc::new(github)), asked).await;
    assert_eq!(Log::count(&server.log.requests), 5, "one login for all");
    let heard = server.log.heard();
    assert_eq!(heard.matches("access_tokens").count(), 1);
    let letters = BASE64_STANDARD.encode(KEY);
    for part in ["PRIVATE KEY", &letters[..40], &letters[600..640]] {
        assert!(!heard.contains(part), "the key was sent");
    }
}

#[tokio::test]
async fn a_leaked_value_is_revoked_whatever_the_credential_is() {
    let server = Server::good().await;
    let connection = connection(&server, "42", "no key at all");
    let value = Operation::RevokeValue(Arc::new(Secret::new("ghp_leaked".into())));
    let revoked = server.during(Act::Ask(Arc::new(github)), ask(&connection, value)).await;
    assert!(matches!(revoked, Ok(Reply::Revoked { .. })), "{revoked:?}");
    assert_eq!(Log::count(&server.log.requests), 1);
}

#[tokio::test]
async fn what_is_no_key_or_another_apps_is_refused_and_not_repeated() {
    for (app, key, requests, says) in [
        ("43", pem(), 1, "github"),
        ("42", "canary".to_owned(), 0, "no private key"),
        ("42", pem().replace("PRIVATE", "ENCRYPTED PRIVATE"), 0, "encrypted"),
    ] {
        let server = Server::good().await;
        let connection = connection(&server, app, &key);
        let listing = ask(&connection, Operation::List(None));
        let failure = server.during(Act::Ask(Arc::new(github)), listing).await.expect_err("it is refused");
        assert_eq!(failure.kind, FailureKind::Credential, "{failure}");
        let shown = format!("{failure} {failure:?}");
        assert!(shown.to_lowercase().contains(says) && !shown.contains("canary"), "{shown}");
        assert_eq!(Log::count(&server.log.requests), requests, "{app}");
    }
}
