//! What is written is read as it was; what is read otherwise is refused in words.

use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::*;

use super::*;
use crate::domain::revocation_plan::tests::plan;
use crate::domain::{FailureKind, Owner, State, TokenId};

/// A plan in which every text is hostile.
fn hostile() -> RevocationPlan {
    let mut plan = plan(&["1", "t\u{202e}k/é \u{1f511}"]);
    plan.incident = Some("INC-42".to_owned());
    plan.reason = Some("laptop\n\u{1b}[31m stolen \u{e0041}".into());
    plan.contexts[0].principal = Some("op\u{200b}erator".into());
    let token = &mut plan.tokens[0];
    token.target.label = "pr\u{202e}od\u{7f}\u{9b}m \"q\" \\ \u{301}e\u{301}".into();
    token.target.owner = Owner::Removed("a\tna".into());
    token.target.roles = Some(vec!["admin".into(), "\u{feff}".into()]);
    token.target.state = State::Disabled;
    (token.admin, token.parent, token.children) = (true, Some(TokenId::parse("root").expect("lawful")), Some(3));
    let other = &mut plan.tokens[1];
    (other.target.owner, other.target.roles, other.target.created) = (Owner::Unknown, None, None);
    (other.target.state, other.children) = (State::Expired, None);
    plan
}

fn text(plan: &RevocationPlan) -> String {
    format::text(plan).expect("a text").0
}

#[test]
fn what_is_written_is_read_as_it_was() {
    for plan in [plan(&["1"]), hostile()] {
        let (text, sha256) = format::text(&plan).expect("a text");
        assert_eq!(parse(text.as_bytes()), Ok(Plan { plan, sha256 }));
    }
}

#[test]
fn a_token_is_a_line_and_nothing_in_it_hides() {
    let text = text(&hostile());
    assert!(text.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte) || byte >= 0x80), "{text}");
    let shown: String = text.lines().map(|line| escape(line).into_owned() + "\n").collect();
    assert_eq!(text, shown, "nothing is left that a terminal would not show");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[1]), ("{", "  \"format\": \"tokendeck revocation plan\","));
    assert!(
        lines.iter().any(|line| line.starts_with(r#"    {"context": "prod", "id": "1", "label": "pr\u202eod\u007f"#))
    );
    assert!(lines.iter().any(|line| line.contains(r#""id": "t\u202ek/é 🔑""#)), "{text}");
    assert_eq!(lines.iter().filter(|line| line.contains("\"label\"")).count(), 2);
    assert!(text.ends_with("  ]\n}\n"));
}

#[test]
fn its_sum_does_not_depend_on_how_it_is_laid_out() {
    let plan = hostile();
    let value: serde_json::Value = serde_json::from_str(&text(&plan)).expect("JSON");
    let again = serde_json::to_string_pretty(&value).expect("JSON");
    // The order of the keys is another one by then.
    assert_eq!(parse(again.as_bytes()).map(|read| read.plan), Ok(plan));
}

#[test]
fn an_edit_is_noticed_and_said() {
    let text = text(&hostile());
    for (from, to) in [
        ("\"id\": \"1\"", "\"id\": \"2\""),
        ("\"admin\": true", "\"admin\": false"),
        ("https://prod.example:443", "https://evil.example:443"),
        ("laptop", "nothing"),
        ("1970-01-01T00:00:00Z", "1971-01-01T00:00:00Z"),
        ("\"sha256\": \"", "\"sha256\": \"0"),
    ] {
        assert!(text.contains(from), "{from}");
        let failure = parse(text.replacen(from, to, 1).as_bytes()).expect_err("it was edited");
        assert_eq!(failure.kind, FailureKind::Changed, "{from}: {failure}");
        assert!(failure.summary.contains("was changed after it was made"), "{failure}");
    }
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("sha256")).collect();
    let without = without.join("\n");
    assert_eq!(parse(without.as_bytes()).expect_err("it has no sum").kind, FailureKind::Changed);
}

#[test]
fn what_is_no_plan_says_so_and_what_to_do() {
    let good = text(&plan(&["1"]));
    for (bytes, said) in [
        (String::new(), "is no plan of a revocation"),
        ("\u{0}".to_owned(), "is no plan of a revocation"),
        ("[]".to_owned(), "is no plan of a revocation"),
        (r#"{"format":"something","version":1}"#.to_owned(), "is no plan of a revocation"),
        (good.replacen("\"version\": 1", "\"version\": 2", 1), "is a plan of version 2"),
        (good[..good.len() / 2].to_owned(), "is damaged, at line"),
        (good.replacen("\"made\"", "\"maid\"", 1), "is damaged, at line 5"),
        (good.replacen("\"live\"", "\"lively\"", 1), "is damaged, at line"),
        (format!("{good}{good}"), "is damaged, at line"),
        ("[".repeat(100_000), "is no plan of a revocation"),
    ] {
        let failure = parse(bytes.as_bytes()).expect_err("it is none");
        assert!(failure.summary.starts_with(said), "{said}: {failure}");
        assert!(!failure.hint.is_empty());
        assert_ne!(failure.kind, FailureKind::Changed);
    }
}

#[test]
fn whoever_works_out_the_sum_anew_still_has_to_write_a_plan() {
    let broken = |change: fn(&mut RevocationPlan)| {
        let mut plan = plan(&["1", "2"]);
        change(&mut plan);
        parse(text(&plan).as_bytes()).expect_err("it is none").summary
    };
    assert_eq!(broken(|plan| plan.tokens.clear()), "is damaged: it has no tokens");
    assert_eq!(broken(|plan| plan.tokens[1] = plan.tokens[0].clone()), "is damaged: token 2 is in it twice");
    assert_eq!(broken(|plan| plan.incident = Some("two words".into())), "is damaged: its ticket is none");
    assert_eq!(broken(|plan| plan.incident = Some("x".repeat(41))), "is damaged: its ticket is none");
    let forged = |plan: &mut RevocationPlan| plan.contexts[0].origin = crate::domain::Origin::new("https://a\u{202e}b");
    assert_eq!(broken(forged), "is damaged: an origin is none");
    assert_eq!(
        broken(|plan| plan.tokens[0].target.state = State::Revoked),
        "is damaged: a token of it is revoked already"
    );
}

#[test]
fn a_file_is_new_private_and_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.json");
    let file = write(&path, &hostile()).expect("written");
    assert_eq!((&file.path, file.sha256.len()), (&path, 64));
    assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(read(&path).map(|read| (read.plan, read.sha256)), Ok((hostile(), file.sha256)));

    let failure = write(&path, &plan(&["1"])).expect_err("it is there");
    assert!(failure.summary.contains("is there already, and was left alone"), "{failure}");
    let link = folder.path().join("link");
    symlink(folder.path().join("elsewhere"), &link).expect("a link");
    assert!(write(&link, &plan(&["1"])).is_err() && !folder.path().join("elsewhere").exists());
    assert!(write(&folder.path().join("no/such/folder"), &plan(&["1"])).is_err());
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 2, "nothing half is left: {left:?}");
    assert_eq!(read(&path).map(|read| read.plan), Ok(hostile()));
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pl\u{202e}an");
    let failure = read(&path).expect_err("it is not there");
    assert!(failure.to_string().contains("pl\\u{202e}an cannot be read"), "{failure}");
    assert!(read(folder.path()).is_err());
    std::fs::write(&path, "{}").expect("a file");
    assert!(read(&path).expect_err("it is none").summary.ends_with("is no plan of a revocation"));
    let long = File::create(folder.path().join("long")).expect("a file");
    long.set_len(40 << 20).expect("a long one");
    let failure = read(&folder.path().join("long")).expect_err("it is too long");
    assert!(failure.summary.contains("is over 32 MiB long"), "{failure}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_read_is_a_plan_or_a_failure(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(parse(&bytes).is_err());
    }

    #[test]
    fn a_plan_with_other_bytes_is_refused_or_is_the_same(
        places in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4), cut in 0..40_usize
    ) {
        let good = text(&hostile());
        let mut bytes = good.clone().into_bytes();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len() - cut);
        // What is between its parts counts for nothing.
        if let Ok(read) = parse(&bytes) {
            prop_assert_eq!(read.plan, hostile());
        }
    }

    #[test]
    fn any_texts_come_back(label in any::<String>(), owner in any::<String>(), role in any::<String>(), reason in "\\PC{0,300}") {
        let mut plan = plan(&["1", "2"]);
        plan.reason = Some(reason.into());
        plan.tokens[0].target.label = label.into();
        plan.tokens[0].target.owner = Owner::Known(owner.into());
        plan.tokens[1].target.roles = Some(vec![role.into()]);
        prop_assert_eq!(parse(text(&plan).as_bytes()).map(|read| read.plan), Ok(plan));
    }
}
