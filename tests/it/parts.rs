//! Parts of a real system that some tests need: where one is missing a test says so, or fails where all are required.

use std::io::Write;
use std::path::Path;

/// Says that a part is missing; a failure where all are required.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says in the environment what is required")]
pub(crate) fn cannot(part: &str) -> bool {
    let required = std::env::var_os("TOKENDECK_REQUIRE_LIVE").is_some_and(|word| word == "1");
    assert!(!required, "there is no {part}, and TOKENDECK_REQUIRE_LIVE is set");
    // Not eprintln: what a test that passes says that way is shown to nobody.
    writeln!(std::io::stderr(), "CANNOT RUN without {part}; `.ci/run session` installs it").ok();
    false
}

/// Tells whether there are such programs; says which is missing.
pub(crate) fn has(programs: &[&str]) -> bool {
    let found = |program: &str| {
        ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"]
            .iter()
            .any(|folder| Path::new(folder).join(program).exists())
    };
    programs.iter().all(|program| found(program) || cannot(program))
}
