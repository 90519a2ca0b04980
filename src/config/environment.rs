//! The environment, read once.

/// The environment as it was at the start. The one place that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Environment;

impl Environment {
    /// Returns a variable; `None` when it is not set or is not text.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// Takes a variable that is set and not empty out of the environment, so that no child inherits it.
    ///
    /// Only before the program has a second thread. What the kernel was given at the start stays readable in
    /// `/proc/self/environ`: the process is made undumpable, so that nobody but root can read that.
    pub fn take(&self, name: &str) -> Option<String> {
        let value = self.filled(name)?;
        #[expect(unsafe_code, reason = "the one place: the standard library has no other way")]
        #[expect(clippy::disallowed_methods, reason = "the one place that changes the environment")]
        // SAFETY: called while the command line is read, before the runtime or anything else has started a thread.
        unsafe {
            std::env::remove_var(name);
        }
        Some(value)
    }

    /// Returns a variable that is set and not empty.
    pub fn filled(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Tells whether the locale is UTF-8.
    pub fn is_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| self.filled(name));
        locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }
}
