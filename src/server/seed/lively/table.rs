//! The sample tokens, one a row.

use super::{End, Sample};
use crate::server::role::{Kind, Scope};

const READER: i64 = 1;
const DEVELOPER: i64 = 2;
const ADMIN: i64 = 4;
const READER_ADMIN: i64 = READER | ADMIN;

/// All of them; with the operator's own there are 60.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn samples() -> Vec<Sample> {
    vec![
        token("ci deploy", "ada", DEVELOPER, 200).used(2).expires(60).about("deploys the shop from the main branch"),
        token("ci test runner", "ada", READER, 150).used(1).expires(90),
        token("ci test runner", "grace", READER, 149).used(30).expires(90),
        token("ci test runner", "linus", READER, 3),
        token("prod", "grace", DEVELOPER, 300).used(3).expires(45).about("the real one"),
        token("\u{440}rod", "linus", DEVELOPER, 9).used(5).expires(80),
        token("prod read replica", "barbara", READER, 120).used(26).expires(200),
        token("grafana", "ken", READER, 400).used(1).organization().about("dashboards on the wall"),
        token("prometheus scraper", "ken", READER, 380).used(1).organization(),
        token("nightly backup", "radia", DEVELOPER, 84).used(9).expires(6).about("renew before it ends"),
        token("release bot", "grace", DEVELOPER, 85).used(20).expires(5),
        token("docs preview", "linus", READER, 66).used(50).expires(25),
        token("webhook relay", "barbara", DEVELOPER, 210).used(6).expires(120).organization(),
        token("renovate", "ada", DEVELOPER, 170).used(12),
        token("status page", "margaret", READER, 330).used(1).expires(35).organization(),
        token("terraform plan", "ken", READER, 90).used(100).expires(70),
        token("slack notifier", "dennis", READER, 45).about("never came to be"),
        token("onboarding grace", "grace", READER, 2).expires(30),
        token("staging deploy", "ada", DEVELOPER, 140).used(290).expires(40),
        token("load test 2025", "dennis", READER, 160).used(2280),
        token("old laptop", "dennis", DEVELOPER, 420).used(5040),
        token("日本語のトークン", "ada", READER, 50).used(40).expires(60),
        token("مفتاح النشر", "barbara", READER, 52).used(60).expires(60),
        token("Κλειδί ανάγνωσης", "linus", READER, 54).used(900).expires(60),
        token("🚀 launch pad 👩‍🚀", "margaret", DEVELOPER, 33).used(14).expires(57),
        token("\u{1b}[31mred alert\u{1b}[0m", "ken", READER, 28).used(44).expires(62),
        token("user\u{202e}gnp.exe", "linus", READER, 26).expires(64),
        token("zero\u{200b}width\u{200d}joined", "radia", READER, 24).used(130).expires(66),
        token(" ", "dennis", READER, 21),
        token("a", "ken", READER, 20).used(10).expires(70),
        token("the token that somebody described in its label instead of its description, because the form had only one field at the time and nobody has dared to rename it since, as three jobs look it up by this very name", "barbara", DEVELOPER, 250).used(33).expires(110),
        token("tab\there and\na new line", "radia", READER, 18).used(88).expires(72),
        token("<script>alert(1)</script>", "margaret", READER, 16).expires(74),
        token("Robert'); DROP TABLE tokens;--", "linus", READER, 15).used(200).expires(75),
        token("mallory laptop", "mallory", READER, 190).used(310).expires(170).about("the owner has left"),
        token("mallory ci", "mallory", DEVELOPER, 180).used(2).organization().about("goes on without its owner"),
        token("web session", "ada", DEVELOPER, 6).used(1).expires(1),
        token("web session renewal", "ada", DEVELOPER, 5).expires(24).renews("web session"),
        token("web session worker", "ada", READER, 4).used(3).expires(1).below("web session"),
        token("mobile session", "grace", READER, 11).used(20).expires(2),
        token("mobile session renewal", "grace", READER, 10).expires(19).renews("mobile session"),
        token("break glass", "margaret", ADMIN, 400).about("in the safe on the second floor"),
        token("admin console", "grace", ADMIN, 100).used(4).expires(80),
        token("terraform apply", "ken", ADMIN, 220).used(26).organization(),
        token("root automation", "dennis", ADMIN, 450).used(2900).about("nobody knows what it does"),
        token("security scanner", "radia", READER_ADMIN, 130).used(48).expires(50).organization(),
        token("prod migration", "ada", ADMIN, 27).used(70).expires(3),
        token("legacy admin", "mallory", ADMIN, 430).used(1500),
        token("cluster operator", "radia", ADMIN, 110).used(360).expires(90).organization(),
        token("contractor 2025", "linus", READER, 240).used(1700).expires(-60),
        token("summer intern", "margaret", ADMIN, 140).used(1400).expires(-50),
        token("old pipeline", "dennis", ADMIN, 300).expires(-10).organization(),
        token("paused importer", "barbara", DEVELOPER, 95).used(500).expires(100).ended(End::Disabled(14)),
        token("suspect key", "ken", ADMIN, 88).used(130).expires(40).ended(End::Disabled(4)),
        token("quarantined", "radia", ADMIN, 70).expires(60).ended(End::Disabled(1)),
        token("leaked in a gist", "ada", ADMIN, 155).used(240).expires(90).ended(End::Revoked(9)),
        token("leaked in a build log", "linus", ADMIN, 118).used(100).expires(90).organization().ended(End::Revoked(2)),
        token("rotated away", "grace", DEVELOPER, 205).used(1000).ended(End::Revoked(40)),
        token("rotated away renewal", "grace", DEVELOPER, 204).renews("rotated away").ended(End::Revoked(40)),
    ]
}

/// A token that was made so many days ago, never used, and never expires.
const fn token(label: &'static str, owner: &'static str, roles: i64, made_days_ago: i64) -> Sample {
    Sample {
        label,
        owner,
        roles,
        scope: Scope::User,
        kind: Kind::Access,
        made_days_ago,
        used_hours_ago: None,
        expires_in_days: None,
        end: End::None,
        parent: None,
        description: "",
    }
}

impl Sample {
    const fn used(self, hours_ago: i64) -> Self {
        Self { used_hours_ago: Some(hours_ago), ..self }
    }

    const fn expires(self, in_days: i64) -> Self {
        Self { expires_in_days: Some(in_days), ..self }
    }

    const fn organization(self) -> Self {
        Self { scope: Scope::Organization, ..self }
    }

    const fn below(self, parent: &'static str) -> Self {
        Self { parent: Some(parent), ..self }
    }

    const fn renews(self, parent: &'static str) -> Self {
        Self { kind: Kind::Refresh, ..self.below(parent) }
    }

    const fn ended(self, end: End) -> Self {
        Self { end, ..self }
    }

    const fn about(self, description: &'static str) -> Self {
        Self { description, ..self }
    }
}
