//! Models for pictures: fixed in time, made without the step.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use crate::app::activity::Activity;
use crate::app::calls::Calls;
use crate::app::contexts::{Asked, ContextState, ListExtent};
use crate::app::filter::FilterJob;
use crate::app::inventory::{Inventory, Row};
use crate::app::keymap::Keymap;
use crate::app::messages::Messages;
use crate::app::modal::Frozen;
use crate::app::model::{Model, Start, Tab, Wants, WriteLock};
use crate::app::run::Runs;
use crate::app::tokens::Tokens;
use crate::domain::shape::ValueForm;
use crate::domain::{
    Access, Capabilities, Context, ContextName, CredentialSource, Expiry, Extent, Failure, FailureKind, Health,
    Identity, LastUse, Origin, Owner, OwnerChoice, Protection, RoleChoice, RoleSpec, Rotation, State, Support, Token,
    TokenId,
};
use crate::ui::{Charset, Depth, Look, Memory, draw};

/// Now, in every picture.
pub(super) fn now() -> Timestamp {
    "2026-11-22T12:03:41Z".parse().expect("a moment")
}

/// A moment some hours ago; ahead when negative.
pub(super) fn ago(hours: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_hours(hours)).expect("in range")
}

pub(super) fn name(name: &str) -> ContextName {
    ContextName::parse(name).expect("a lawful name")
}

/// A token with ordinary fields.
pub(super) fn token(number: usize, label: &str) -> Token {
    let hours = i64::try_from(number).expect("small");
    Token {
        id: TokenId::parse(&format!("tk_{:06x}", 0x00ab_c0de + number * 0x0001_1235)).expect("a lawful id"),
        label: label.into(),
        owner: Owner::Known("ana".into()),
        creator: Some("ana".into()),
        roles: Some(vec!["developer".into()]),
        masked: Some("tdk_a_…9f3c".into()),
        created: Some(ago(24 * 30 + hours)),
        last_used: LastUse::At(ago(3 + hours)),
        expires: Expiry::At(ago(-24 * 60)),
        state: State::Live,
        parent: None,
        version: None,
        extra: Vec::new(),
    }
}

/// Tokens of every kind.
pub(super) fn tokens() -> Vec<Token> {
    let usual = |number, label| token(number, label);
    vec![
        Token { extra: vec![("description".into(), "deploys the shop".into())], ..usual(1, "ci-deploy") },
        Token { roles: Some(vec!["admin".into()]), last_used: LastUse::At(ago(24 * 90)), ..usual(2, "root-of-all") },
        Token { last_used: LastUse::Never, roles: Some(vec!["reader".into()]), ..usual(3, "grafana") },
        Token { last_used: LastUse::NotReported, expires: Expiry::NotReported, ..usual(4, "legacy-sync") },
        Token { state: State::Revoked, ..usual(5, "old-laptop") },
        Token { state: State::Disabled, owner: Owner::Removed("bert".into()), ..usual(6, "bert-cli") },
        Token { expires: Expiry::At(ago(24 * 2)), ..usual(7, "trial") },
        Token { roles: Some(vec!["reader".into(), "developer".into()]), ..usual(8, "日本語のラベル") },
        Token { roles: None, owner: Owner::Unknown, created: None, ..usual(9, "שלום-token") },
        Token { expires: Expiry::Never, ..usual(10, "a-label-that-is-rather-long-and-goes-on-and-on-until-it-is-cut") },
        Token { ..usual(11, "pr\u{202e}od\u{200b}") },
        Token { masked: None, ..usual(12, "") },
    ]
}

pub(super) fn capabilities() -> Capabilities {
    let role = |name: &str, about: &str, admin| RoleSpec { name: name.to_owned(), about: about.to_owned(), admin };
    Capabilities {
        backend: "tokendeck".to_owned(),
        title: "Tokendeck server".to_owned(),
        docs: "assets/openapi.json".to_owned(),
        closed: None,
        unlisted: None,
        unproved: None,
        longest: None,
        inputs: Vec::new(),
        whoami: Support::Yes,
        health: Support::Yes,
        get: Support::Yes,
        create: Support::Yes,
        edit_label: Support::Yes,
        edit_expiry: Support::Yes,
        rotate: Rotation::InPlace,
        renew: Support::No,
        revoke: Support::Yes,
        identify: Support::Yes,
        tries: Support::Yes,
        revoke_value: Support::No,
        value: ValueForm::unknown(),
        disable: Support::No,
        events: Support::Yes,
        notices: Support::Yes,
        reports_use: Support::Yes,
        reports_expiry: Support::Yes,
        choose_label: Support::Yes,
        choose_roles: RoleChoice::One,
        choose_owner: OwnerChoice::Free,
        choose_expiry: Support::Yes,
        scopes: vec!["user".to_owned(), "organization".to_owned()],
        role_families: Vec::new(),
        roles: vec![
            role("reader", "reads what the owner can read", false),
            role("developer", "reads and writes projects", false),
            role("admin", "everything, also other people's tokens", true),
        ],
        connections: 8,
        extent: Extent::Administered,
        not_listed: vec!["sessions of the web interface".to_owned()],
        use_freshness: "written at most once a minute; the first use at once".to_owned(),
        revoke_takes: "its refresh tokens and child tokens".to_owned(),
        irreversible: "a revoked token never lives again".to_owned(),
        delay: String::new(),
        budget: None,
    }
}

/// A context whose list is there.
pub(super) fn context(of: &str) -> ContextState {
    let mut state = ContextState::new(Context {
        name: name(of),
        origin: Origin::new("https://127.0.0.1:8443"),
        access: Access::Write,
        protection: Protection::Ordinary,
        active_window: SignedDuration::from_hours(7 * 24),
        capabilities: Arc::new(capabilities()),
    });
    state.credential = Asked::There(CredentialSource::Keyring);
    state.identity = Asked::There(Identity {
        token: Some(token(2, "").id),
        name: "ana".into(),
        roles: Some(vec!["admin".into()]),
        expires: Expiry::Never,
    });
    state.health = Asked::There(Health { version: Some("0.1.0".into()) });
    state.latency = Some(std::time::Duration::from_millis(12));
    state.tls = Some("TLS 1.3".to_owned());
    state.skew = Some(SignedDuration::from_secs(1));
    state.list.data_at = now().checked_sub(SignedDuration::from_secs(30)).ok();
    state.list.extent = ListExtent::Complete;
    state
}

/// A model with one context and tokens of every kind.
pub(super) fn model() -> Model {
    with(vec![context("demo")], tokens().into_iter().map(|token| (name("demo"), token)))
}

/// A model with these contexts and tokens.
pub(super) fn with(contexts: Vec<ContextState>, rows: impl IntoIterator<Item = (ContextName, Token)>) -> Model {
    let mut tokens = Tokens::new(now());
    for (context, token) in rows {
        (tokens.inventory, _) = tokens.inventory.put(&context, &token);
    }
    let mut model = Model {
        now: now(),
        size: (80, 24),
        tab: Tab::Tokens,
        contexts,
        tokens,
        activity: Activity::new(),
        backend_cursor: 0,
        backend_scroll: 0,
        modals: Vec::new(),
        calls: Calls::default(),
        runs: Runs::default(),
        unlocking: BTreeSet::new(),
        pending: Vec::new(),
        replacements: Vec::new(),
        refused: None,
        planning: None,
        applied: None,
        sought: Vec::new(),
        by_value: Vec::new(),
        leftovers: Vec::new(),
        incident: None,
        unfinished: Vec::new(),
        recording: std::collections::BTreeMap::new(),
        messages: Messages::default(),
        keymap: Arc::new(Keymap::default()),
        clipboard_road: crate::app::clipboard::Road::Terminal,
        clipboard: None,
        origin: Start::Configured,
        write_lock: WriteLock::Open,
        wants: Wants::Everything,
        nonce_seed: String::new(),
        numbers: 0,
        leaving: None,
    };
    filter(&mut model);
    model
}

/// Runs the filter as the model asks for it.
pub(super) fn filter(model: &mut Model) {
    let tokens = &mut model.tokens;
    let mut job = FilterJob::all(tokens.inventory.clone(), model.now);
    job.query = tokens.query.query.clone();
    job.status = tokens.status;
    job.role = tokens.role.clone();
    job.sort = tokens.sort;
    tokens.view = Arc::new(job.run(1));
    tokens.position = 0;
    tokens.cursor = tokens.view.rows.first().copied();
}

/// Moves the cursor.
pub(super) fn go(model: &mut Model, position: usize) {
    model.tokens.position = position;
    model.tokens.cursor = model.tokens.view.rows.get(position).copied();
}

/// A model without rows.
pub(super) fn empty(contexts: Vec<ContextState>) -> Model {
    let mut model = with(contexts, []);
    model.tokens.inventory = Inventory::new();
    model
}

pub(super) fn failure(kind: FailureKind) -> Failure {
    let known = [
        (FailureKind::Offline, "no connection to 127.0.0.1:8443"),
        (FailureKind::Credential, "the backend does not take the credential"),
    ];
    let summary = known.iter().find(|(known, _)| *known == kind).map_or("the backend refused", |(_, words)| *words);
    Failure::new(kind, summary, "check that it runs and that a firewall lets it through")
        .with_detail("connection refused\u{1b}[31m")
}

/// A frozen token.
pub(super) fn frozen(number: usize, token: Token) -> Frozen {
    let row = Row(u32::try_from(number).expect("small"));
    Frozen { context: name("demo"), row: Some(row), admin: false, own: false, children: 0, token }
}

pub(super) fn look() -> Look {
    Look::new(Depth::None, Charset::Utf8)
}

/// Draws the model once.
pub(super) fn buffer(model: &Model, look: &Look, (columns, rows): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a test terminal");
    let mut memory = Memory::default();
    terminal.draw(|frame| draw(frame, model, look, &mut memory)).expect("a frame");
    terminal.backend().buffer().clone()
}

/// Returns the lines of a buffer, each with a visible end.
pub(super) fn lines(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol).max(1)).expect("narrow");
        }
        text.push_str("|\n");
    }
    text
}

/// Returns pictures of the model at these sizes.
pub(super) fn pictures(model: &Model, sizes: &[(u16, u16)]) -> String {
    let picture = |size: &(u16, u16)| {
        let mut model = model.clone();
        model.size = *size;
        format!("{}x{}\n{}", size.0, size.1, lines(&buffer(&model, &look(), *size)))
    };
    sizes.iter().map(picture).collect::<Vec<_>>().join("\n")
}

/// Compares pictures with those on file.
pub(super) fn check(claim: &str, pictures: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(claim, pictures));
}
