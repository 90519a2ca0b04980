//! This host and this session.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use super::{Line, Verdict};
use crate::cli::dashboard::{self, Configured};
use crate::config::Environment;
use crate::domain::Secret;
use crate::runtime::clipboard::{Clipboard as _, Multiplexer, Remote, Road, Session, Switch, road};
use crate::runtime::examine;
use crate::runtime::terminal::{self, Synchronised};
use crate::ui::Depth;

/// What is copied to try the clipboard: it says itself what it is.
const TRIAL: &str = "a trial by tokendeck doctor";

/// The longest that tmux may hold an `Esc` before it counts as late, in ms.
const LATE_ESC: u64 = 50;

/// The program, and what keeps others out of its memory.
pub(super) fn program() -> Vec<Line> {
    let version = env!("CARGO_PKG_VERSION");
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let tested = if system == "linux" { "" } else { " (built for, not tested)" };
    let memory = match examine::is_undumpable() {
        Some(true) => Line::ok("memory", "no core dump, and nobody but root may read it"),
        Some(false) => Line::note(
            "memory",
            "it may be dumped, and read by your other processes",
            "start it by itself, not under a debugger",
        ),
        None => Line::note(
            "memory",
            "whether others may read it is not known on this system",
            "use it on Linux where that matters",
        ),
    };
    vec![Line::ok("tokendeck", format!("{version}, {system} {machine}{tested}")), memory]
}

/// Where files are, and their modes.
pub(super) fn paths(configured: &Configured) -> Vec<Line> {
    let paths = configured.paths();
    let mut lines = vec![place("configuration", &paths.config, 0o022, "tokendeck without a command makes one")];
    let mistakes = configured.mistakes().iter();
    lines
        .extend(mistakes.map(|mistake| {
            Line::note("configuration", mistake, "assets/config.toml of the source shows every option")
        }));
    lines.push(place("descriptions of your own", &paths.backends, 0o022, "put description files there"));
    lines.push(place("journal and log", &paths.state, 0o077, "it is made at the first start"));
    lines
}

/// Looks at one place; `forbidden` are the permission bits that it must not have.
pub(super) fn place(about: &str, path: &Path, forbidden: u32, absent: &str) -> Line {
    let shown = path.display();
    match examine::file(path) {
        Ok(None) => Line::new(about, Verdict::Ok, format!("{shown}: none yet; {absent}")),
        Ok(Some(facts)) => match facts.mode {
            Some(mode) if mode & forbidden != 0 && !facts.is_link => {
                let cure = format!("chmod {:o} {shown}", mode & !forbidden);
                Line::note(about, format!("{shown}: mode {mode:04o}, which lets others in"), cure)
            }
            Some(mode) => Line::ok(about, format!("{shown}: mode {mode:04o}")),
            None => Line::ok(about, format!("{shown}")),
        },
        Err(error) => {
            Line::fail(about, format!("{shown}: {error}"), "see that you may read it, and the folders above it")
        }
    }
}

/// The terminal, and what is between it and the program.
pub(super) fn terminal() -> Vec<Line> {
    let environment = Environment;
    let term = environment.filled("TERM");
    let name = term.as_deref().unwrap_or("not set");
    let colours = match dashboard::depth(environment) {
        Depth::None => "no colours",
        Depth::Sixteen => "16 colours",
        Depth::Indexed => "256 colours",
        Depth::True => "24-bit colours",
    };
    let mut lines = vec![match (examine::terminal_size(), name) {
        (None, _) => {
            Line::note("terminal", format!("none here (TERM {name})"), "the dashboard needs one; the commands do not")
        }
        (Some(_), "not set" | "dumb") => {
            let cure = "set TERM to the terminal's name, such as xterm-256color; until then it goes line by line";
            Line::note("terminal", format!("TERM {name}"), cure)
        }
        (Some((columns, rows)), _) if columns < 44 || rows < 12 => {
            let finding = format!("TERM {name}, {colours}, {columns}x{rows}");
            Line::note("terminal", finding, "make it at least 44x12; 80x24 shows everything")
        }
        (Some((columns, rows)), _) => Line::ok("terminal", format!("TERM {name}, {colours}, {columns}x{rows}")),
    }];
    lines.extend(synchronised(name));
    lines.push(if environment.is_utf8() {
        Line::ok("characters", "UTF-8")
    } else {
        let cure = "set LANG to a UTF-8 locale such as C.UTF-8, where the terminal shows it";
        Line::note("characters", "the locale is not UTF-8: everything else is shown as \\u{…}", cure)
    });
    let session = session();
    let place = match session.remote {
        Remote::No => "at this machine",
        Remote::Ssh => "over SSH",
    };
    let within = match session.multiplexer {
        Multiplexer::None => "",
        Multiplexer::Tmux => ", in tmux",
        Multiplexer::Screen => ", in GNU screen",
    };
    lines.push(Line::ok("session", format!("{place}{within}")));
    if session.multiplexer == Multiplexer::Tmux {
        lines.extend(tmux());
    }
    lines
}

/// Whether frames are shown at once. It is asked only where standard input and output are a terminal: in a script nobody
/// waits for one.
fn synchronised(term: &str) -> Option<Line> {
    let is_whole =
        io::stdin().is_terminal() && io::stdout().is_terminal() && !matches!(term, "not set" | "dumb" | "linux");
    let about = "synchronised output";
    is_whole.then(terminal::synchronised)?.map(|said| match said {
        Synchronised::Yes => Line::ok(about, "the terminal has it: no frame is seen half drawn"),
        Synchronised::No => {
            Line::new(about, Verdict::Note, "the terminal does not have it: frames may be seen half drawn")
        }
        Synchronised::Silent => Line::new(about, Verdict::Note, "the terminal did not answer within 1 s"),
    })
}

fn session() -> Session {
    Session::from_environment(|name| Environment.get(name))
}

/// The settings of tmux that matter here.
fn tmux() -> Vec<Line> {
    let Some(version) = examine::tmux(&["-V"]) else {
        return vec![Line::fail("tmux", "it does not answer", "see that tmux is on the PATH, and its server runs")];
    };
    let option = |name| examine::tmux(&["show-options", "-sv", name]).unwrap_or_else(|| "unknown".to_owned());
    let (clipboard, escape) = (option("set-clipboard"), option("escape-time"));
    let passes = examine::tmux(&["info"]).and_then(|info| {
        let line = info.lines().find(|line| line.contains(" Ms:"))?.to_owned();
        Some(!line.contains("[missing]"))
    });
    let road = match passes {
        Some(true) => {
            Line::ok("tmux clipboard", format!("set-clipboard {clipboard}; tmux passes copies to its terminal"))
        }
        Some(false) => Line::note(
            "tmux clipboard",
            "the terminal that tmux runs in cannot be told to copy: what is sent goes nowhere",
            "set TERM outside tmux to what the terminal is; or write secrets to a file with w",
        ),
        None => Line::note(
            "tmux clipboard",
            format!("set-clipboard {clipboard}; whether copies are passed on is not known"),
            "tmux info, line Ms:",
        ),
    };
    let escape = match escape.parse::<u64>() {
        Ok(time) if time > LATE_ESC => Line::note(
            "tmux escape-time",
            format!("{time} ms: Esc comes late"),
            "tmux set -s escape-time 20; or leave with q or n",
        ),
        _ => Line::ok("tmux escape-time", format!("{escape} ms")),
    };
    vec![Line::ok("tmux", version), road, escape]
}

/// The road to a clipboard, tried where that was asked for.
pub(super) fn clipboard(is_tried: bool) -> Vec<Line> {
    let session = session();
    let mut lines = vec![match road(&session) {
        Road::None => Line::note(
            "clipboard",
            "none",
            "w writes a secret to a file of mode 0600, r shows it to be selected by hand",
        ),
        road @ (Road::Desktop | Road::Terminal | Road::Screen | Road::Tmux) => Line::ok("clipboard", road.words()),
    }];
    if is_tried {
        let send = |bytes: Vec<u8>| {
            let mut out = io::stdout().lock();
            out.is_terminal() && out.write_all(&bytes).and_then(|()| out.flush()).is_ok()
        };
        let mut clipboard = Switch::new(&session, send);
        lines.push(match clipboard.copy(Arc::new(Secret::new(TRIAL.into()))) {
            Ok(copied) => {
                Line::note("clipboard tried", copied.words(), format!("paste somewhere: it should be \"{TRIAL}\""))
            }
            Err(failure) => Line::fail("clipboard tried", failure.to_string(), failure.hint),
        });
    }
    lines
}
