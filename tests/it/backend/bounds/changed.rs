//! Descriptions with something wrong in them: each is refused, with the line and the key, and none is a panic.

use tokendeck::backend::{Mistake, Plan};

use super::dice::Dice;
use super::{GENERATED, Subject, generated, operations};

/// What is put behind the line `[table]`, the key it is told under, and whether the table has to be there already.
const WRONG: &[(&str, &str, &str)] = &[
    ("list", "pathh = \"/x\"", "list.pathh"),
    ("list", "items = \"data\"", "list.items"),
    ("list", "ok = [99]", "list.ok"),
    ("list", "query = { a = \"{id}\" }", "list.query.a"),
    ("list", "query = { a = \"{credential}\" }", "list.query.a"),
    ("list", "query = { a = \"{inputs.i0}\" }", "list.query.a"),
    ("list", "query = { a = \"a\\r\\nb\" }", "list.query.a"),
    ("list", "headers = { Host = \"evil.example\" }", "list.headers.Host"),
    ("list", "headers = { X-A = \"a\\r\\nX-B: c\" }", "list.headers.X-A"),
    ("list", "headers = { \"X-A: b\\r\\nX-C\" = \"c\" }", "list.headers.X-A: b\\u{d}\\u{a}X-C"),
    ("list", "method = \"GET / HTTP/1.1\"", "list.method"),
    ("list", "path = \"https://evil.example/x\"", "list.path"),
    ("list", "path = \"//evil.example/x\"", "list.path"),
    ("list", "path = \"/\\\\evil.example/x\"", "list.path"),
    ("list", "path = \"/a/../b\"", "list.path"),
    ("list", "path = \"/a/%2e%2e/b\"", "list.path"),
    ("list", "path = \"/a?b=c\"", "list.path"),
    ("list", "path = \"/a#b\"", "list.path"),
    ("list", "path = \"/a b\"", "list.path"),
    ("list", "path = \"/a\\tb\"", "list.path"),
    ("list", "path = \"/é\"", "list.path"),
    ("list", "path = \"/.{params.p9}\"", "list.path"),
    ("list", "path = \"@evil.example/x\"", "list.path"),
    ("token", "id = \"/a~b\"", "token.id"),
    ("token", "created = { at = \"/a\", time = \"then\" }", "token.created.time"),
    ("token", "state = [{ is = \"gone\", at = \"/a\" }]", "token.state.is"),
    ("auth", "style = \"exec\"", "auth.style"),
    ("auth", "header = \"Transfer-Encoding\"", "auth.header"),
    ("auth", "value = \"{credential}{credential}\"", "auth.value"),
    ("auth", "command = \"cat /etc/passwd\"", "auth.command"),
];

/// What is true of every mistake.
fn is_told_well(text: &str, mistakes: &[Mistake]) {
    assert!(!mistakes.is_empty());
    let lines = text.split('\n').count();
    for mistake in mistakes {
        let shown = mistake.to_string();
        assert!((1..=lines).contains(&mistake.line), "{shown} of {lines} lines");
        assert!(!mistake.message.is_empty() && !mistake.hint.is_empty(), "{shown}");
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        // Only what is no TOML stands under no key.
        let form = mistake.hint == "correct the TOML at this line";
        assert_eq!(mistake.key.is_empty(), form, "{shown}\n{text}");
    }
    assert!(mistakes.is_sorted_by_key(|mistake| mistake.line));
}

#[test]
fn one_wrong_line_anywhere_is_told_with_its_key() {
    for seed in 0..GENERATED {
        let text = generated::lawful(&mut Dice::seeded(seed)).text;
        let mut dice = Dice::seeded(seed + 1);
        let mut picked = dice.pick(WRONG);
        while !text.contains(&format!("[{}]\n", picked.0)) {
            picked = dice.pick(WRONG);
        }
        let (table, wrong, key) = picked;
        let name = wrong.split(' ').next().unwrap_or_default();
        let head = format!("[{table}]");
        let at = text.lines().position(|line| line == head).unwrap_or_else(|| panic!("{head}\n{text}"));
        // The key may be there already; then it is another line that goes.
        let mut lines: Vec<&str> = text.lines().collect();
        let end =
            lines.iter().skip(at + 1).position(|line| line.starts_with('[')).map_or(lines.len(), |end| at + 1 + end);
        let own = (at + 1..end).find(|line| lines[*line].split(' ').next() == Some(name));
        if let Some(own) = own {
            lines.remove(own);
        }
        lines.insert(at + 1, wrong);
        let text = lines.join("\n");
        let Err(mistakes) = Plan::check("changed.toml", &text) else { panic!("it passes with {wrong}\n{text}") };
        is_told_well(&text, &mistakes);
        let told = mistakes.iter().any(|mistake| mistake.line == at + 2 && mistake.key == key);
        assert!(told, "{wrong} {key} at {}: {mistakes:#?}\n{text}", at + 2);
    }
}

/// Changes a text without a thought.
fn mangled(dice: &mut Dice<'_>, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=dice.below(3) {
        let at = dice.below(lines.len());
        let other = lines[dice.below(lines.len())].clone();
        match dice.below(6) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, other),
            2 => lines[at] = other,
            3 => {
                // A value is another text.
                let odd = toml::Value::String(dice.hostile()).to_string();
                if let Some((key, _)) = lines[at].split_once(" = ") {
                    lines[at] = format!("{key} = {odd}");
                }
            }
            4 => {
                let cut = dice.below(lines[at].chars().count() + 1);
                lines[at] = lines[at].chars().take(cut).collect();
            }
            _ => {
                let odd = dice.hostile();
                let cut = dice.below(lines[at].chars().count() + 1);
                lines[at] = lines[at].chars().take(cut).chain(odd.chars()).chain(lines[at].chars().skip(cut)).collect();
            }
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
    }
    lines.join("\n")
}

#[test]
fn a_description_that_was_mangled_is_refused_or_still_keeps_its_bounds() {
    let (mut refused, mut passed) = (0, 0);
    for seed in 0..GENERATED {
        let mut dice = Dice::seeded(seed);
        let made = generated::lawful(&mut Dice::seeded(seed + 7));
        let text = mangled(&mut dice, &made.text);
        let plan = match Plan::check("mangled.toml", &text) {
            Err(mistakes) => {
                is_told_well(&text, &mistakes);
                refused += 1;
                continue;
            }
            Ok(plan) => plan,
        };
        passed += 1;
        // A parameter may have become one that has to be said.
        if tokendeck::backend::Site::new(&plan, made.base, &made.params).is_err() {
            continue;
        }
        let subject = Subject::new("mangled", &text, made.base, &made.params, &made.inputs);
        let id = dice.hostile();
        for operation in operations::all(&mut dice, &id) {
            let _ = subject.hold(&operation);
        }
    }
    assert!(refused > GENERATED / 2 && passed > GENERATED / 10, "{refused} refused, {passed} passed");
}
