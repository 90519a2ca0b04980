//! Which road to a clipboard a session has: decided once, by kind of session.

use crate::app::clipboard::Road;

/// What the environment says about a session. The caller reads it; nothing here does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    /// Whether `SSH_CONNECTION` or `SSH_TTY` is set.
    pub remote: Remote,
    /// Which multiplexer the terminal belongs to.
    pub multiplexer: Multiplexer,
    /// Whether there is a desktop: `DISPLAY` is set, or `WAYLAND_DISPLAY` where the program can speak to that, or the
    /// system always has one.
    pub desktop: Desktop,
    /// `TERM`; empty when it is not set.
    pub term: String,
}

/// Where the person sits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Remote {
    /// At this machine.
    #[default]
    No,
    /// At the other end of an SSH connection.
    Ssh,
}

/// What is between the program and the terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Multiplexer {
    /// Nothing.
    #[default]
    None,
    /// tmux: `TMUX` is set.
    Tmux,
    /// GNU screen: `STY` is set.
    Screen,
}

/// Whether there is a clipboard of a desktop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Desktop {
    /// None.
    #[default]
    No,
    /// There is one.
    Yes,
}

/// Whether the program was built with what speaks to a Wayland compositor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wayland {
    Spoken,
    NotSpoken,
}

impl Session {
    /// Tells the kind of session from environment variables: `lookup` returns one that is set and not empty.
    pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Self {
        Self::told(lookup, if cfg!(feature = "wayland") { Wayland::Spoken } else { Wayland::NotSpoken })
    }

    fn told(lookup: impl Fn(&str) -> Option<String>, wayland: Wayland) -> Self {
        let is_set = |name| lookup(name).is_some_and(|value| !value.is_empty());
        let remote = if is_set("SSH_CONNECTION") || is_set("SSH_TTY") { Remote::Ssh } else { Remote::No };
        let multiplexer = match (is_set("TMUX"), is_set("STY")) {
            (true, _) => Multiplexer::Tmux,
            (false, true) => Multiplexer::Screen,
            (false, false) => Multiplexer::None,
        };
        let always = cfg!(any(target_os = "macos", windows));
        // A compositor that lends its clipboard to nobody says so at the first copy, and then nothing is claimed.
        let by_wayland = wayland == Wayland::Spoken && is_set("WAYLAND_DISPLAY");
        let desktop = if always || by_wayland || is_set("DISPLAY") { Desktop::Yes } else { Desktop::No };
        Self { remote, multiplexer, desktop, term: lookup("TERM").unwrap_or_default() }
    }
}

/// Chooses the road of a session.
///
/// Over SSH the native clipboard would be that of the wrong machine. In tmux raw OSC 52 is dropped with the
/// default settings, and kept in a paste buffer with the others. GNU screen takes it only in pieces.
pub fn road(session: &Session) -> Road {
    match session {
        Session { multiplexer: Multiplexer::Tmux, .. } => Road::Tmux,
        Session { remote: Remote::No, desktop: Desktop::Yes, .. } => Road::Desktop,
        Session { multiplexer: Multiplexer::Screen, .. } => Road::Screen,
        Session { term, .. } if matches!(term.as_str(), "" | "dumb" | "linux") => Road::None,
        Session { .. } => Road::Terminal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_session_decides() {
        let ssh = ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22");
        let (term, display) = (("TERM", "xterm-256color"), ("DISPLAY", ":0"));
        for (environment, road) in [
            (vec![ssh, term], Road::Terminal),
            (vec![ssh, term, display], Road::Terminal),
            (vec![("SSH_TTY", "/dev/pts/1"), term, display], Road::Terminal),
            (vec![ssh, term, ("TMUX", "/tmp/tmux-0/default,1,0")], Road::Tmux),
            (vec![term, display, ("TMUX", "/tmp/tmux-0/default,1,0")], Road::Tmux),
            (vec![term, display], Road::Desktop),
            (vec![term, display, ("STY", "1.pts-0")], Road::Desktop),
            (vec![ssh, term, ("STY", "1.pts-0")], Road::Screen),
            (vec![ssh, ("TERM", "dumb")], Road::None),
            (vec![("TERM", "linux")], Road::None),
            (vec![], Road::None),
            (vec![term, ("DISPLAY", "")], Road::Terminal),
        ] {
            let lookup = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            let session = Session::from_environment(lookup);
            if cfg!(target_os = "linux") {
                assert_eq!(super::road(&session), road, "{environment:?}");
            }
        }
    }

    #[test]
    fn a_wayland_without_x11_is_a_desktop_where_the_program_speaks_to_it() {
        let (term, wayland) = (("TERM", "foot"), ("WAYLAND_DISPLAY", "wayland-0"));
        let ssh = ("SSH_TTY", "/dev/pts/1");
        for (environment, with, without) in [
            (vec![term, wayland], Road::Desktop, Road::Terminal),
            (vec![term, wayland, ("DISPLAY", ":0")], Road::Desktop, Road::Desktop),
            (vec![term, wayland, ssh], Road::Terminal, Road::Terminal),
            (vec![term, wayland, ("TMUX", "/tmp/tmux-0/default,1,0")], Road::Tmux, Road::Tmux),
            (vec![term, ("WAYLAND_DISPLAY", "")], Road::Terminal, Road::Terminal),
        ] {
            let lookup = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            for (spoken, expected) in [(Wayland::Spoken, with), (Wayland::NotSpoken, without)] {
                if cfg!(target_os = "linux") {
                    assert_eq!(road(&Session::told(lookup, spoken)), expected, "{environment:?} {spoken:?}");
                }
            }
        }
    }

    #[test]
    fn over_ssh_it_is_never_the_native_one() {
        for multiplexer in [Multiplexer::None, Multiplexer::Tmux, Multiplexer::Screen] {
            for term in ["", "dumb", "linux", "xterm"] {
                let (remote, desktop) = (Remote::Ssh, Desktop::Yes);
                let session = Session { remote, multiplexer, desktop, term: term.into() };
                assert_ne!(road(&session), Road::Desktop);
            }
        }
    }
}
