//! Writing a new context into the configuration file: whole or not at all, and nothing else in it changes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::effect::NewContext;
use crate::domain::Failure;

/// Adds a context to the file, read-only. The file is made where it is missing, with mode 0600.
///
/// # Errors
/// When the file has the context already, or cannot be written.
pub fn save_context(path: &Path, new: &NewContext) -> Result<PathBuf, Failure> {
    let hint = "the context works until the program ends; write it into the file by hand";
    let wrong =
        |error: &io::Error| Failure::local("the configuration cannot be written", hint).with_detail(error.to_string());
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(wrong(&error)),
    };
    let table: toml::Table = toml::from_str(&before).map_err(|_| {
        Failure::local("the configuration is broken and was left alone", "mend it, then add the context")
    })?;
    let taken = table.get("contexts").and_then(|contexts| contexts.get(new.name.as_str())).is_some();
    if taken {
        let what = format!("the configuration has a context {} already", new.name);
        return Err(Failure::local(what, "choose another name"));
    }
    let gap = if before.is_empty() || before.ends_with("\n\n") { "" } else { "\n" };
    replace(path, &format!("{before}{gap}{}", entry(new))).map_err(|error| wrong(&error))?;
    Ok(path.to_owned())
}

/// Returns the lines of a context. The credential is not among them, nor what is typed besides.
fn entry(new: &NewContext) -> String {
    let mut table = toml::Table::new();
    table.insert("backend".into(), new.backend.clone().into());
    table.insert("url".into(), new.url.clone().into());
    if let Some(file) = &new.ca_file {
        table.insert("ca_file".into(), file.to_string_lossy().into_owned().into());
    }
    table.insert("read_only".into(), true.into());
    // A bare key may not have a dot in it; quoted, any name is one key.
    let text = format!("[contexts.\"{}\"]\n{}", new.name, toml::to_string(&table).unwrap_or_default());
    if new.params.is_empty() {
        return text;
    }
    let params = toml::to_string(&new.params).unwrap_or_default();
    format!("{text}[contexts.\"{}\".params]\n{params}", new.name)
}

/// Writes a file beside the old one and puts it in its place.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".config").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::Config;
    use crate::domain::{Access, ContextName, Secret};

    fn new(name: &str) -> NewContext {
        NewContext {
            name: ContextName::parse(name).expect("a name"),
            backend: "tokendeck".to_owned(),
            url: "https://a \"quoted\"".to_owned(),
            ca_file: Some("/tmp/ca.pem".into()),
            params: [("team".to_owned(), "a \"b\"".to_owned())].into(),
            credential: Arc::new(Secret::new("canary".into())),
            inputs: [("otp".into(), Arc::new(Secret::new("canary".into())))].into(),
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_the_rest_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/config.toml");
        save_context(&path, &new("a.b")).expect("written");
        fs::write(&path, format!("# mine\n{}", fs::read_to_string(&path).expect("there"))).expect("written");
        save_context(&path, &new("second")).expect("written");
        let text = fs::read_to_string(&path).expect("there");
        assert!(text.starts_with("# mine\n") && !text.contains("canary"));
        let config = Config::parse(&text);
        assert_eq!(config.mistakes, Vec::<String>::new());
        assert_eq!(config.contexts.len(), 2);
        assert!(config.contexts.iter().all(|context| context.access == Access::ReadOnly));
        assert!(config.contexts.iter().all(|context| context.params["team"] == "a \"b\""));
        assert!(save_context(&path, &new("second")).is_err());
    }

    #[test]
    fn a_broken_file_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        fs::write(&path, "contexts = [").expect("written");
        assert!(save_context(&path, &new("x")).is_err());
        assert_eq!(fs::read_to_string(&path).expect("there"), "contexts = [");
    }
}
