//! Where descriptions come from: the built-in ones, and the user's own files beside the configuration.

use std::fs;
use std::io;
use std::path::Path;

use crate::backend::{Plan, catalog};
use crate::domain::{Failure, Offer, escape};

/// The description that stands before all others: the embedded backend's.
const FIRST: &str = "tokendeck";

/// Returns the file and the text of a user's own description; `None` where there is none of that name, or a built-in
/// one bears it.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn own(name: &str, folder: &Path) -> Result<Option<(String, String)>, Failure> {
    if catalog::builtin(name).is_some() || name.contains(['/', '\\']) {
        return Ok(None);
    }
    let path = folder.join(format!("{name}.toml"));
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path.display().to_string(), text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let summary = format!("{} cannot be read", path.display());
            Err(Failure::local(summary, "check the file").with_detail(error.to_string()))
        }
    }
}

/// Returns every backend that there is a description of: the embedded one, the user's own, the others by name.
pub fn offers(folder: Option<&Path>) -> Vec<Offer> {
    let built_in = |name: &&str| catalog::builtin(name).map(|text| offer(name, text));
    let mut offers: Vec<Offer> = [FIRST].iter().filter_map(built_in).collect();
    for name in folder.map(names).unwrap_or_default() {
        match folder.map(|folder| own(&name, folder)) {
            Some(Ok(Some((_, text)))) => offers.push(offer(&name, &text)),
            Some(Err(failure)) => offers.push(closed(&name, &failure.to_string())),
            Some(Ok(None)) | None => {}
        }
    }
    let others: Vec<&str> = catalog::names().filter(|name| *name != FIRST).collect();
    offers.extend(others.iter().filter_map(built_in));
    offers
}

fn offer(name: &str, text: &str) -> Offer {
    match Plan::check(name, text) {
        Ok(plan) => plan.offer(name),
        Err(mistakes) => {
            let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
            closed(name, &format!("the description is wrong: {first}"))
        }
    }
}

fn closed(name: &str, why: &str) -> Offer {
    Offer {
        name: name.to_owned(),
        title: "a description of your own".to_owned(),
        docs: String::new(),
        closed: Some(escape(why).into_owned()),
        params: Vec::new(),
        inputs: Vec::new(),
    }
}

/// Returns the names of the files in the folder; none where it is not there.
fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let name = |file: fs::DirEntry| Some(file.file_name().to_str()?.strip_suffix(".toml")?.to_owned());
    let mut names: Vec<String> = files.filter_map(name).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = r#"
name = "lockbox"
title = "Lockbox"
docs = "https://lockbox.example.org"
checked = "2026-11-22"
extent = "own"
auth = { style = "header", header = "X-Lockbox", value = "{credential}" }
token = { id = "/id" }
list = { path = "/keys", items = "" }
params.team = { about = "The team", required = true }
"#;

    #[test]
    fn every_description_is_offered_once_and_one_with_a_mistake_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("lockbox.toml"), OWN).expect("written");
        fs::write(folder.path().join("broken.toml"), "name = 3").expect("written");
        fs::write(folder.path().join("openbao.toml"), OWN).expect("written");
        fs::write(folder.path().join("notes.txt"), "none").expect("written");
        let offers = offers(Some(folder.path()));
        let names: Vec<&str> = offers.iter().map(|offer| offer.name.as_str()).collect();
        assert_eq!(names[..4], ["tokendeck", "broken", "lockbox", "appetize"]);
        assert_eq!(names.len(), catalog::names().count() + 2);
        assert_eq!(names.iter().filter(|name| **name == "openbao").count(), 1, "the built-in one");
        assert!(
            offers[1].closed.as_ref().is_some_and(|why| why.contains("the description is wrong: broken:1: ")),
            "{:?}",
            offers[1]
        );
        assert!(offers[2].closed.is_none() && offers[2].params[0].required);
        let defender = offers.iter().find(|offer| offer.name == "defender").expect("it is there");
        assert!(defender.closed.is_some());
        assert_eq!(super::offers(None).len(), catalog::names().count());
        assert!(own("../lockbox", folder.path()).is_ok_and(|found| found.is_none()));
    }
}
