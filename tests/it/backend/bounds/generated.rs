//! Descriptions that nobody wrote: lawful ones in all that the language can say, and others with one thing wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::dice::Dice;

/// A description with the place of a context.
#[derive(Debug)]
pub(crate) struct Generated {
    /// The file.
    pub(crate) text: String,
    /// The context's URL.
    pub(crate) base: &'static str,
    /// What the context says for parameters.
    pub(crate) params: BTreeMap<String, String>,
    /// What the operator typed besides.
    pub(crate) inputs: BTreeSet<String>,
}

/// What a description can name, while it is written.
#[derive(Default)]
struct Names {
    /// Parameters that always have a value.
    sure: Vec<String>,
    /// All parameters.
    params: Vec<String>,
    inputs: Vec<String>,
    compound: bool,
    by_login: bool,
}

/// Writes a lawful description.
pub(crate) fn lawful(dice: &mut Dice<'_>) -> Generated {
    let mut text = "name = \"g\"\ntitle = \"G\"\ndocs = \"-\"\nchecked = \"-\"\n".to_owned();
    let listed = !dice.one_in(6);
    text.push_str(if listed { "extent = \"own\"\n" } else { "unlisted = \"-\"\n" });
    if dice.one_in(3) {
        let _ = writeln!(text, "connections = {}", 1 + dice.below(64));
        let _ = writeln!(text, "budget = {{ requests = {}, seconds = 60 }}", 1 + dice.below(500));
    }
    let (mut names, mut params, mut inputs) = (Names::default(), BTreeMap::new(), BTreeSet::new());
    for number in 0..dice.below(4) {
        let (name, how) = (format!("p{number}"), dice.below(3));
        let said = how == 1 || dice.one_in(2);
        let more = ["", "required = true", "default = \"d/..?\""][how];
        let _ = writeln!(text, "[params.{name}]\nabout = \"A parameter\"\n{more}");
        if said {
            params.insert(name.clone(), lawful_param(dice));
        }
        if how > 0 {
            names.sure.push(name.clone());
        }
        names.params.push(name);
    }
    for number in 0..dice.below(3) {
        let name = format!("i{number}");
        let _ = writeln!(text, "[inputs.{name}]\nabout = \"An input\"\nrequired = {}", dice.one_in(2));
        if dice.one_in(2) {
            inputs.insert(name.clone());
        }
        names.inputs.push(name);
    }
    auth(dice, &names, &mut text);
    // The user of Basic has no colon.
    if text.contains("\nuser = ") {
        for value in params.values_mut() {
            *value = value.replace(':', "-");
        }
    }
    names.by_login = text.contains("style = \"login\"");
    let common = headers(dice, &names, &[], true);
    if !common.is_empty() {
        let _ = writeln!(text, "[headers]\n{}", common.replace(", ", "\n"));
    }
    token(dice, &mut text);
    if listed {
        list(dice, &mut names, &mut text);
    }
    operations(dice, &names, listed, &mut text);
    errors(dice, &mut text);
    let base = dice.pick(&[
        "https://tokens.example.org",
        "https://tokens.example.org:8443/api",
        "https://[::1]:8443/a/b/",
        "https://127.0.0.1/v1",
        "https://xn--bcher-kva.example/%7Ea/b%2Fc",
    ]);
    Generated { text, base, params, inputs }
}

/// Returns a value that a context may say for a parameter.
fn lawful_param(dice: &mut Dice<'_>) -> String {
    let text: String = dice.hostile().chars().filter(|character| !character.is_control()).take(200).collect();
    if matches!(&*text, "" | "." | "..") { "a/b".to_owned() } else { text }
}

fn auth(dice: &mut Dice<'_>, names: &Names, text: &mut String) {
    let header = dice.pick(&["Authorization", "X-Key", "PRIVATE-TOKEN"]);
    match dice.below(4) {
        0 => {
            let user = if names.sure.is_empty() {
                String::new()
            } else {
                format!("user = \"{{params.{}}}\"\n", names.sure[0])
            };
            let _ = writeln!(text, "[auth]\nstyle = \"basic\"\n{user}");
        }
        1 => {
            let _ = writeln!(text, "[auth]\nstyle = \"login\"\nheader = \"{header}\"\nvalue = \"Bearer {{session}}\"");
            let body = if dice.one_in(2) { "json" } else { "form" };
            let _ =
                writeln!(text, "[login]\npath = \"/login\"\n{body} = {{ password = \"{{credential}}\", a = \"b\" }}");
            let session = dice.pick(&["session = \"/token\"\nlifetime = 600", "session_header = \"X-Session\""]);
            let _ = writeln!(text, "{session}");
        }
        _ => {
            let value = dice.pick(&["{credential}", "Bearer {credential}", "token={credential};"]);
            let _ = writeln!(text, "[auth]\nstyle = \"header\"\nheader = \"{header}\"\nvalue = \"{value}\"");
        }
    }
}

fn token(dice: &mut Dice<'_>, text: &mut String) {
    let id = dice.pick(&["\"/id\"", "[\"/uuid\", \"/id\"]", "\"/meta/id\""]);
    let _ = writeln!(text, "[token]\nid = {id}");
    for (key, ways) in [
        ("label", &["\"/label\"", "[\"/a~1b\", \"/name\"]", "{ at = \"/n\", form = \"no. {value}\" }"][..]),
        ("owner", &["\"/owner/name\"", "{ fixed = \"root\" }", "{ each = true }"]),
        (
            "roles",
            &[
                "{ at = \"/roles\" }",
                "{ at = \"/scope\", split = \" \" }",
                "{ at = \"/p/*/n\", words = { a = \"b\" } }",
            ],
        ),
        (
            "created",
            &[
                "{ at = \"/made\" }",
                "{ at = \"/made\", time = \"unix\" }",
                "{ at = \"/m\", time = \"local\", zone = \"+05:30\" }",
            ],
        ),
        (
            "last_used",
            &[
                "{ at = [\"/a\", \"/b\"], time = \"unix_ms\", never = [\"0\", \"\"] }",
                "{ at = \"/u\", time = \"date\" }",
            ],
        ),
        (
            "state",
            &[
                "[{ is = \"revoked\", at = \"/dead\" }]",
                "[{ is = \"disabled\", all = [{ at = \"/a\", when = [\"x*\"] }, { at = \"/b\" }] }]",
            ],
        ),
        ("secrets", &["[\"/accessToken\"]"]),
        ("version", &["\"/etag\""]),
    ] {
        if dice.one_in(2) {
            let _ = writeln!(text, "{key} = {}", dice.pick(ways));
        }
    }
}

fn list(dice: &mut Dice<'_>, names: &mut Names, text: &mut String) {
    let next = next(dice);
    let cursor: &[&str] = if next.is_empty() { &[] } else { &["cursor"] };
    let asked = request(dice, names, "list", &[], cursor, cursor);
    let items = dice.pick(&["\"\"", "\"/data\"", "\"/data/keys\""]);
    let _ = writeln!(text, "[list]\n{asked}items = {items}\n{next}");
    if dice.one_in(3) {
        text.push_str("empty = { status = [404], at = \"/errors\", when = [\"[]\"] }\n");
    }
    if !dice.one_in(2) {
        return;
    }
    let value = dice.pick(&["\"\"", "\"/name\""]);
    names.compound = dice.one_in(2);
    let inner = if names.compound { self::next(dice) } else { String::new() };
    let holes: &[&str] = if inner.is_empty() { &["each"] } else { &["each", "cursor"] };
    let asked = request(dice, names, "each", &["each"], holes, holes);
    let only = match names.params.first() {
        Some(name) if names.compound && dice.one_in(2) => format!("only = \"{{params.{name}}}\"\n"),
        _ => String::new(),
    };
    let rows = if names.compound { format!("items = \"/tokens\"\n{inner}") } else { "item = \"/data\"\n".to_owned() };
    let _ = writeln!(text, "[list.each]\nvalue = {value}\n{only}{asked}{rows}gone_status = [404]");
}

fn next(dice: &mut Dice<'_>) -> String {
    let way = dice.pick(&[
        "",
        "",
        "{ header = \"X-Next\" }",
        "{ link = \"page\" }",
        "{ body = \"/next\" }",
        "{ header = \"X-Next\", link = \"cursor\", body = \"/meta/next\" }",
        "{ url = \"/next\", parameter = \"offset\" }",
        "{ page = 1 }",
        "{ page = 0, pages = \"/pages\" }",
        "{ offset = 0, total = \"/total\" }",
    ]);
    if way.is_empty() { String::new() } else { format!("next = {way}\n") }
}

/// Writes how something is asked; each of `needed` stands in it somewhere.
fn request(
    dice: &mut Dice<'_>,
    names: &Names,
    word: &str,
    in_path: &[&str],
    anywhere: &[&str],
    needed: &[&str],
) -> String {
    let has_body = !matches!(word, "list" | "each" | "events" | "notices" | "self" | "health") || dice.one_in(4);
    let mut path = String::new();
    for _ in 0..=dice.below(3) {
        path.push_str(&segment(dice, names, in_path));
    }
    let mut query = Vec::new();
    for number in 0..dice.below(3) {
        query.push(pair(dice, names, anywhere, false, &format!("q{number}")));
    }
    // A value to be asked about has no place in a URL.
    let bodies = if needed.contains(&"secret") { ["form", "json"] } else { ["", "json"] };
    let body = if has_body { dice.pick(&["form", bodies[0], "json", bodies[1], bodies[0]]) } else { "" };
    let mut members = Vec::new();
    if !body.is_empty() {
        for number in 0..dice.below(3) {
            members.push(pair(dice, names, anywhere, true, &format!("m{number}")));
        }
        if body == "json" {
            members.push(shape(dice, anywhere));
        }
    }
    // What has to be said and is not yet.
    for hole in needed {
        let said = format!("{{{hole}}}");
        let there = path.contains(&said) || query.iter().chain(&members).any(|pair| pair.contains(&said));
        match dice.below(3) {
            _ if there => {}
            0 if in_path.contains(hole) => path.extend(["/", &said]),
            choice if !body.is_empty() && (choice == 1 || *hole == "secret") => {
                members.push(format!("\"n-{hole}\" = \"{said}\""));
            }
            _ => query.push(format!("\"n {hole}&\" = \"{said}\"")),
        }
    }
    let mut text = format!("path = \"{path}\"\n");
    if !body.is_empty() || dice.one_in(3) {
        let _ = writeln!(text, "method = \"{}\"", dice.pick(&["POST", "PUT", "PATCH", "DELETE", "LIST"]));
    }
    if !query.is_empty() {
        let _ = writeln!(text, "query = {{ {} }}", query.join(", "));
    }
    let own = headers(dice, names, anywhere, false);
    if !own.is_empty() {
        let _ = writeln!(text, "headers = {{ {own} }}");
    }
    if !body.is_empty() {
        let _ = writeln!(text, "{body} = {{ {} }}", members.join(", "));
    }
    if word == "revoke_value" && !names.by_login && dice.one_in(2) {
        text.push_str("credential = \"value\"\n");
    } else if word != "login" && dice.one_in(6) {
        text.push_str("credential = false\n");
    }
    text
}

/// Returns a segment of a path, with its slash.
fn segment(dice: &mut Dice<'_>, names: &Names, holes: &[&str]) -> String {
    let hole = match (holes.is_empty(), names.sure.is_empty()) {
        (false, _) if dice.one_in(2) => format!("{{{}}}", dice.pick(holes)),
        (_, false) if dice.one_in(2) => format!("{{params.{}}}", names.sure[dice.below(names.sure.len())]),
        _ => return format!("/{}", dice.pick(&["v1", "api", "a.b", "~me", "x:y", "t;v=1", "@all"])),
    };
    match dice.below(4) {
        0 => format!("/x{hole}"),
        1 => format!("/{hole}:off"),
        _ => format!("/{hole}"),
    }
}

/// Returns a pair of a query, a form or an object.
fn pair(dice: &mut Dice<'_>, names: &Names, holes: &[&str], secrets: bool, name: &str) -> String {
    let odd = dice.pick(&["", "", " &=", "[]", ".x", "é"]);
    format!("\"{name}{odd}\" = \"{}\"", value(dice, names, holes, secrets))
}

/// Returns a template.
fn value(dice: &mut Dice<'_>, names: &Names, holes: &[&str], secrets: bool) -> String {
    let mut text = dice.pick(&["", "", "a", "x y&z=", "%2e/"]).to_owned();
    for _ in 0..dice.below(3) {
        match dice.below(4) {
            0 if !names.params.is_empty() => {
                let _ = write!(text, "{{params.{}}}", names.params[dice.below(names.params.len())]);
            }
            1 if secrets && !names.inputs.is_empty() => {
                let _ = write!(text, "{{inputs.{}}}", names.inputs[dice.below(names.inputs.len())]);
            }
            2 => text.push_str(dice.pick(&["-", "&", "=", "+", "%"])),
            _ if !holes.is_empty() => {
                let hole = dice.pick(holes);
                // Secrets have no place in a URL.
                if secrets || !matches!(hole, "secret" | "credential") {
                    let _ = write!(text, "{{{hole}}}");
                }
            }
            _ => {}
        }
    }
    text
}

/// Returns a member that is more than a text.
fn shape(dice: &mut Dice<'_>, holes: &[&str]) -> String {
    let hole = if holes.is_empty() { "plain".to_owned() } else { format!("{{{}}}", dice.pick(holes)) };
    match dice.below(6) {
        0 => format!("deep = {{ list = [\"{hole}\", 7, true], \"k\\\"ey\" = {{ in = \"a {hole} b\" }} }}"),
        1 => format!("list = [[\"{hole}\"], {{ x = \"{hole}\" }}, []]"),
        2 => "number = -1_000".to_owned(),
        3 => "number = 1_0.5_0e1".to_owned(),
        4 => "number = 0xff".to_owned(),
        _ => format!("own = \"{hole}\""),
    }
}

fn headers(dice: &mut Dice<'_>, names: &Names, holes: &[&str], common: bool) -> String {
    let mut pairs = Vec::new();
    for number in 0..dice.below(3) {
        let name = if common { format!("X-Common-{number}") } else { dice.pick(&["X-Own-1", "x-common-1"]).to_owned() };
        if pairs.iter().any(|pair: &String| pair.starts_with(&name)) {
            continue;
        }
        let value = value(dice, names, holes, true);
        pairs.push(format!("{name} = \"{value}\""));
    }
    pairs.join(", ")
}

fn operations(dice: &mut Dice<'_>, names: &Names, listed: bool, text: &mut String) {
    let with_id: &[&str] = if names.compound { &["id", "each"] } else { &["id"] };
    let tells_revoked = text.contains("is = \"revoked\"");
    let mut add =
        |dice: &mut Dice<'_>, word: &str, in_path: &[&str], anywhere: &[&str], needed: &[&str], more: &str| {
            let _ = writeln!(text, "[{word}]\n{}{more}", request(dice, names, word, in_path, anywhere, needed));
        };
    for word in ["get", "renew", "revoke", "rotate"] {
        // Without a list tokens are read by their ids.
        if dice.one_in(4) && (listed || word != "get") {
            continue;
        }
        let more = match word {
            "rotate" => dice.pick(&["secret = \"/secret\"\n", "secret = \"n_{/a}.{/b}\"\nnew_id = true\n"]),
            "revoke" if tells_revoked => "gone_status = [404]\n",
            "revoke" => dice.pick(&[
                "gone_status = [404]\n",
                "gone = { at = \"/gone\" }\nalso = \"/also\"\n",
                "unproved = \"-\"\n",
            ]),
            _ => dice.pick(&["", "item = \"/data\"\n"]),
        };
        add(dice, word, with_id, with_id, with_id, more);
    }
    if dice.one_in(2) {
        add(dice, "disable", with_id, with_id, with_id, "");
        add(dice, "enable", with_id, with_id, with_id, "");
    }
    if !dice.one_in(4) {
        let holes = [with_id, &["label", "expires:unix|0", "expires", "version"]].concat();
        let more = dice.pick(&["", "omit_never = true\n"]);
        add(dice, "edit", with_id, &holes, with_id, more);
    }
    if !dice.one_in(4) && listed {
        let own =
            ["label", "roles", "role", "owner", "scope", "nonce", "expires", "expires:unix", "expires:unix_ms|-1"];
        let forms = ["expires:date|", "expires:seconds", "expires:days|0", "expires:duration|never"];
        let each: &[&str] = if names.compound { &["each"] } else { &[] };
        let (holes, in_path) = ([&own[..], &forms, each].concat(), [&["owner"], each].concat());
        let more = dice.pick(&["secret = \"/s\"\n", "secret = \"/s\"\nomit_never = true\nitem = false\n"]);
        add(dice, "create", &in_path, &holes, &[], more);
    }
    questions(dice, names, text);
}

/// Adds what is about no token by its id.
fn questions(dice: &mut Dice<'_>, names: &Names, text: &mut String) {
    let mut add = |dice: &mut Dice<'_>, word: &str, holes: &[&str], needed: &[&str], more: &str| {
        let _ = writeln!(text, "[{word}]\n{}{more}", request(dice, names, word, &[], holes, needed));
    };
    for word in ["identify", "revoke_value"] {
        if dice.one_in(2) {
            add(dice, word, &["secret"], &["secret"], "");
        }
    }
    for word in ["events", "notices"] {
        if dice.one_in(2) {
            let next = next(dice);
            let cursor: &[&str] = if next.is_empty() { &[] } else { &["cursor"] };
            add(dice, word, cursor, cursor, &format!("items = \"/rows\"\nfields = {{ action = \"/what\" }}\n{next}"));
        }
    }
    for word in ["self", "health"] {
        if dice.one_in(2) {
            let alive = "alive = { status = [404], at = \"/message\", when = [\"none\"] }\n";
            let more = if word == "self" { dice.pick(&["", alive]) } else { "" };
            // Some ask whose it is by its value.
            let holes: &[&str] = if word == "self" { &["credential"] } else { &[] };
            add(dice, word, holes, &[], more);
        }
    }
}

fn errors(dice: &mut Dice<'_>, text: &mut String) {
    if dice.one_in(2) {
        text.push_str("[errors]\ntext = [\"/message\", \"/errors/*/text\"]\nstatuses = { 418 = \"busy\" }\n");
        text.push_str("[[errors.rules]]\nstatus = 403\nat = \"/message\"\nwhen = [\"bad*\"]\nkind = \"denied\"\n");
    }
}
