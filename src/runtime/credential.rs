//! The chain of places where a credential is looked for, in its order, each bounded in time.

use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::app::effect::Inputs;
use crate::domain::{Context, CredentialSource, Failure, FailureKind, Secret};
use crate::runtime::vault::Places;

use super::child;

/// What was given at the start, before the chain asks any place.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Read from standard input.
    pub stdin: Option<Arc<Secret>>,
    /// Taken from the variable that the context names.
    pub environment: Option<Arc<Secret>>,
    /// Made by the embedded backend of the demo.
    pub demo: Option<Arc<Secret>>,
    /// Taken from the variables that the context names for what is asked besides.
    pub inputs: Inputs,
    /// The context's command; empty for none.
    pub command: Vec<String>,
    /// Out of the file that keeps it, since somebody gave the passphrase.
    pub file: Option<Arc<Secret>>,
}

impl Given {
    /// Tells whether the places that keep credentials are asked at all.
    pub fn is_none(&self) -> bool {
        self.stdin.is_none() && self.environment.is_none() && self.demo.is_none() && self.command.is_empty()
    }
}

/// Looks for a credential. Blocks, for a few seconds at most.
///
/// # Errors
/// When no place has one, or one that may have it does not answer: a locked keyring is not passed over.
pub fn find(given: &Given, context: &Context, places: &Places) -> Result<(CredentialSource, Arc<Secret>), Failure> {
    let handed = [
        (CredentialSource::Stdin, &given.stdin),
        (CredentialSource::Environment, &given.environment),
        (CredentialSource::Demo, &given.demo),
    ];
    for (source, secret) in handed {
        if let Some(secret) = secret {
            return Ok((source, secret.clone()));
        }
    }
    if !given.command.is_empty() {
        return ask(&given.command).map(|secret| (CredentialSource::Command, secret));
    }
    if let Some(secret) = &given.file {
        return Ok((CredentialSource::File, secret.clone()));
    }
    match places.get(&context.origin, &context.name) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(absent("no credential is kept for this context")),
        Err(failure) => Err(of_credential(failure)),
    }
}

/// Opens the file that keeps a credential. Blocks, for about a second.
///
/// # Errors
/// As [`find`]; a wrong passphrase leaves the file locked.
pub fn open(
    passphrase: &Secret,
    context: &Context,
    places: &Places,
) -> Result<(CredentialSource, Arc<Secret>), Failure> {
    let opened = places.open_file(&context.origin, &context.name, passphrase).map_err(of_credential)?;
    Ok((CredentialSource::File, opened))
}

/// Says that there is no credential for now; where it is locked, what opens it is another matter.
fn of_credential(failure: Failure) -> Failure {
    let kind = if failure.kind == FailureKind::Sealed { FailureKind::Sealed } else { FailureKind::Credential };
    Failure { kind, ..failure }
}

fn absent(summary: &str) -> Failure {
    Failure::new(FailureKind::Credential, summary, "type it here; :login asks again")
}

/// Runs the context's command and takes the first line that it prints, or the whole of a key as PEM.
fn ask(argv: &[String]) -> Result<Arc<Secret>, Failure> {
    let hint = "check `credential_command` of the context";
    let failed =
        |why: String| Failure::new(FailureKind::Credential, "the credential command failed", hint).with_detail(why);
    let (program, arguments) = argv.split_first().ok_or_else(|| absent("there is no credential command"))?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = child::run(command, None).map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said: String = said.trim().chars().take(300).collect();
        return Err(failed(if said.is_empty() { output.status.to_string() } else { said }));
    }
    let printed = std::str::from_utf8(&output.stdout).map_err(|_| failed("it printed no text".to_owned()))?;
    let is_key = printed.trim_start().starts_with("-----BEGIN ");
    let said = if is_key { Some(printed.trim()) } else { printed.lines().next().map(str::trim) };
    match said {
        // A key has lines; nothing that can be a credential has other signs that are none.
        Some(line) if !is_key && line.chars().any(char::is_control) => Err(failed("it printed no text".to_owned())),
        Some(line) if !line.is_empty() => Ok(Arc::new(Secret::new(line.into()))),
        _ => Err(failed("it printed nothing".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_command_prints_the_first_line_is_taken_and_a_key_whole() {
        for (printed, taken) in [
            ("one\\ntwo\\n", "one"),
            (" one \\n", "one"),
            ("-----BEGIN A KEY-----\\nabc\\n-----END A KEY-----\\n", "-----BEGIN A KEY-----\nabc\n-----END A KEY-----"),
        ] {
            let argv = ["printf", "%b", printed].map(str::to_owned);
            let secret = ask(&argv).expect("a credential");
            assert_eq!(*secret, Secret::new(taken.into()), "{printed}");
        }
        assert!(ask(&["printf", "%b", "\\n"].map(str::to_owned)).is_err());
    }
}
