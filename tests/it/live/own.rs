//! The operator's own credential at a real server near its end: announced, renewed, and its new end shown.

use jiff::Timestamp;
use serde_json::json;

use super::line::{block_on, home};
use super::operations::ALONE;
use super::screen::{open, whole};
use super::server::Server;

#[test]
fn an_own_credential_is_announced_and_renewed_and_its_new_end_is_shown_or_that_it_stands() {
    let Some(server) = Server::find("openbao", "openbao") else { return };
    for (lives, longest, words) in
        [("146h", "", "expires in 6 days"), ("12h", "", "expires in 11 hours"), ("12h", "12h", "expires in 11 hours")]
    {
        let _alone = block_on(ALONE.lock());
        let body = json!({ "policies": ["operator"], "ttl": lives, "explicit_max_ttl": longest, "renewable": true });
        let (status, made) = block_on(server.raw("POST", "/v1/auth/token/create", server.value("ROOT"), Some(body)));
        assert_eq!(status, 200, "{made}");
        let credential = made["auth"]["client_token"].as_str().expect("a token");
        let end = || {
            let (status, own) = block_on(server.raw("GET", "/v1/auth/token/lookup-self", credential, None));
            assert_eq!(status, 200, "{own}");
            own["data"]["expire_time"].as_str().and_then(|end| end.parse::<Timestamp>().ok()).expect("an end")
        };
        let before = end();
        let home = home(&server);
        let mut screen = open(&home, &server, credential);
        whole(&mut screen);
        screen.until(&format!("your own credential {words}")).until(":renew asks for a later end");
        // What is read is not said again, and the end moves by more than a backend's rounding.
        screen.press("!").until("Messages").press("<esc>").until_gone("Messages");
        let (_hold, never) = std::sync::mpsc::channel::<()>();
        let _ = never.recv_timeout(std::time::Duration::from_secs(4));
        screen.press(":renew<enter>");
        if longest.is_empty() {
            screen.until("your own credential expires at ");
            let after = end();
            assert!(after > before, "{before} {after}");
            screen
                .until(&format!("{after:.0}"))
                .press("5")
                .until(&format!("expires {}", format!("{after:.0}").replace('T', " ")));
        } else {
            screen.until("its end is the one from before").until("create a new one in time");
        }
        screen.press("!").until("Messages").until("was renewed").press("<esc>").until_gone("Messages").quit();
        let (status, _) = block_on(server.raw("POST", "/v1/auth/token/revoke-self", credential, None));
        assert_eq!(status, 204);
    }
}
