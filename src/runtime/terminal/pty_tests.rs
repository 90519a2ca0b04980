//! The terminal in a real pseudo-terminal: each test runs this program again as a child inside of one.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal as Kill, kill_process};
use rustix::termios::{LocalModes, Termios, tcgetattr};

use super::*;
use crate::runtime::hangup::Watchdog;
use crate::runtime::input::{self, Input};
use crate::runtime::signals::{Signal, Signals};

/// The variable that tells a child what to play.
const PLAY: &str = "TOKENDECK_TEST_PLAY";

/// The test that is the child.
const CHILD: &str = "runtime::terminal::pty_tests::child";

/// A child in a pseudo-terminal.
struct Play {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    tty: PathBuf,
    before: Termios,
    output: Option<mpsc::Receiver<Vec<u8>>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
    started: Instant,
}

/// How a child is started.
enum Through {
    /// By itself.
    Nothing,
    /// By a shell, with this before the command; `$0` and the arguments are the command.
    Shell(&'static str),
}

impl Play {
    fn start(play: &str, through: &Through) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let tty = pair.master.tty_name().expect("a name");
        let before = attributes(&tty);
        let ourselves = std::env::current_exe().expect("a path");
        let mut command = match through {
            Through::Nothing => CommandBuilder::new(&ourselves),
            Through::Shell(script) => {
                let mut shell = CommandBuilder::new("bash");
                shell.args(["-c", script]);
                shell.arg(&ourselves);
                shell
            }
        };
        command.args(["--exact", CHILD, "--nocapture", "--test-threads=1"]);
        command.env(PLAY, play);
        command.env("TERM", "xterm-256color");
        command.env("RUST_BACKTRACE", "0");
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("started");
        let cells = |count: u16| count.try_into().expect("not zero");
        let screen = vt100::Parser::new(cells(24), cells(80), 1000);
        Self { child, master: pair.master, tty, before, output: None, screen, raw: Vec::new(), started }
    }

    /// Begins to read what the child writes.
    fn read(&mut self) {
        let (sender, receiver) = mpsc::channel();
        let mut reader = self.master.try_clone_reader().expect("a reader");
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        self.output = Some(receiver);
    }

    /// Takes output in until the child has said this.
    fn wait_for(&mut self, text: &str) {
        while !self.said(text) {
            assert!(self.take(), "{text:?} never came: {}", self.text());
        }
    }

    fn said(&self, text: &str) -> bool {
        self.raw.windows(text.len()).any(|window| window == text.as_bytes())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).escape_debug().to_string()
    }

    fn take(&mut self) -> bool {
        let limit = Duration::from_secs(20);
        let Some(bytes) = self.output.as_ref().and_then(|output| output.recv_timeout(limit).ok()) else { return false };
        self.screen.process(&bytes);
        self.raw.extend(bytes);
        true
    }

    fn kill(&self, signal: Kill) {
        let id = self.child.process_id().and_then(|id| Pid::from_raw(id.cast_signed())).expect("an id");
        kill_process(id, signal).expect("sent");
    }

    /// Waits for the end, and proves that the terminal is as it was.
    fn assert_restored(&mut self) -> u32 {
        let code = self.child.wait().expect("ended").exit_code();
        assert_same(&self.before, &attributes(&self.tty));
        // The bytes that the child wrote last are still on their way; they end with its last line.
        self.wait_for("test result");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "{}", self.text());
        assert_eq!(self.raw.windows(8).filter(|window| window == b"\x1b[?1049l").count(), 1 + self.stops());
        code
    }

    /// How often the child gave the terminal back before its end.
    fn stops(&self) -> usize {
        usize::from(self.said("STOPPED"))
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        // It has usually ended.
        let _ = self.child.kill();
    }
}

fn attributes(tty: &std::path::Path) -> Termios {
    tcgetattr(std::fs::File::open(tty).expect("open")).expect("a terminal")
}

fn assert_same(before: &Termios, after: &Termios) {
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
}

/// Not a test of its own: what the children play.
#[test]
#[expect(clippy::disallowed_methods, reason = "the one way for a test to tell its child what to do")]
fn child() {
    let Ok(play) = std::env::var(PLAY) else { return };
    let tty = Tty::open().expect("a terminal");
    let (idle, frames) = mpsc::channel();
    let idle = move || idle.send(()).unwrap_or_default();
    let mut screen = Screen::enter(&tty, Kind::Ordinary, idle).expect("entered");
    let frame = |frame: &mut ratatui::Frame| frame.render_widget("ready 日本", frame.area());
    frames.recv().expect("the screen is entered");
    assert!(matches!(screen.draw(frame), Ok(Drawn::Sent { .. })));
    match play.as_str() {
        "drop" => assert_eq!(events(&tty, 1).len(), 1),
        "panic" => {
            let restorer = screen.restorer();
            restore_on_panic(move || restorer.restore());
            panic!("a planted panic");
        }
        "signal" => assert_eq!(next_signal(|| println!("LISTENING")), Signal::Terminate),
        "stop" => {
            frames.recv().expect("written");
            assert_eq!(next_signal(|| drop(screen.suspend(Stop::Group))), Signal::Continue);
            assert!(matches!(screen.draw(frame), Ok(Drawn::Away)));
            screen.resume().expect("entered");
            assert!(screen.flush(Duration::from_secs(5)));
            assert!(matches!(screen.draw(frame), Ok(Drawn::Sent { .. })));
        }
        "no shell" => assert_eq!(screen.suspend(Stop::Group).expect("asked"), Stopped::NoShell),
        "stalled" => stall(&mut screen),
        "input" => {
            let events = events(&tty, 4);
            drop(screen);
            println!("{events:?}");
        }
        "hang-up" => hang_up(tty),
        "stuck" => stuck(tty),
        other => panic!("no such play: {other}"),
    }
}

/// Listens to signals, does something, and returns the first one that comes.
fn next_signal(then: impl FnOnce()) -> Signal {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut signals = Signals::new().expect("signals");
        then();
        signals.next().await
    })
}

/// Draws until nothing more fits on the way, which must not hold us up.
fn stall(screen: &mut Screen) {
    let mut cursor = 0;
    loop {
        let drawn = screen.draw(|frame| {
            cursor += 1;
            for y in 0..frame.area().height {
                let text = format!("{cursor:->80}");
                frame.buffer_mut().set_string(0, y, text, ratatui::style::Style::new());
            }
        });
        match drawn.expect("entered") {
            Drawn::Busy if !screen.flush(Duration::from_millis(100)) => break,
            Drawn::Busy | Drawn::Away | Drawn::Unchanged | Drawn::Sent { .. } => {}
        }
    }
    let asked = Instant::now();
    assert!(screen.writer().submit(vec![b'x'; 1 << 20]), "bytes are taken");
    assert!(asked.elapsed() < Duration::from_millis(50), "and nobody waits");
}

fn events(tty: &Tty, count: usize) -> Vec<Input> {
    let mut receiver = input::start(tty.clone()).expect("a thread");
    println!("LISTENING");
    (0..count).map(|_| receiver.blocking_recv().expect("an event")).collect()
}

/// The loop hears of the hang-up by both ways, and ends by itself.
fn hang_up(tty: Tty) {
    let (sender, told) = mpsc::channel();
    let mut input = input::start(tty.clone()).expect("a thread");
    let watchdog = Watchdog::start(tty, move || sender.send(()).unwrap_or_default()).expect("a thread");
    told.recv().expect("told");
    watchdog.acknowledge();
    assert_eq!(input.blocking_recv(), Some(Input::Closed));
}

/// The loop never answers: only the watchdog can end the process.
fn stuck(tty: Tty) {
    let _watchdog = Watchdog::start(tty, || ()).expect("a thread");
    loop {
        std::thread::park();
    }
}

#[test]
fn dropping_restores() {
    let mut play = Play::start("drop", &Through::Nothing);
    play.read();
    play.wait_for("ready");
    assert!(!attributes(&play.tty).local_modes.contains(LocalModes::ICANON), "raw while it is ours");
    assert!(play.screen.screen().alternate_screen() && play.screen.screen().hide_cursor());
    play.master.take_writer().expect("a writer").write_all(b"q").expect("written");
    assert_eq!(play.assert_restored(), 0);
}

#[test]
fn a_panic_restores_before_it_is_printed() {
    let mut play = Play::start("panic", &Through::Nothing);
    play.read();
    assert_eq!(play.assert_restored(), 101);
    let left = play.raw.windows(8).position(|window| window == b"\x1b[?1049l").expect("left");
    let told = play.raw.windows(15).position(|window| window == b"a planted panic").expect("told");
    assert!(left < told);
}

#[test]
fn a_signal_to_end_restores() {
    let mut play = Play::start("signal", &Through::Nothing);
    play.read();
    play.wait_for("LISTENING");
    play.kill(Kill::TERM);
    assert_eq!(play.assert_restored(), 0);
}

#[test]
fn stopping_gives_the_terminal_to_the_shell_and_takes_it_back() {
    let script = r#"set -m; "$0" "$@"; echo STOPPED; stty -a | head -4; fg >/dev/null"#;
    let mut play = Play::start("stop", &Through::Shell(script));
    play.read();
    assert_eq!(play.assert_restored(), 0);
    let text = play.text();
    assert_eq!(text.matches("[?1049h").count(), 2, "{text}");
    let stopped = text.split("STOPPED").nth(1).expect("it stopped");
    assert!(stopped.contains("ready"), "a whole frame after coming back: {text}");
}

#[test]
fn without_a_shell_nothing_stops() {
    let mut play = Play::start("no shell", &Through::Nothing);
    play.read();
    assert_eq!(play.assert_restored(), 0);
}

#[test]
fn a_terminal_that_does_not_read_holds_nobody_up() {
    // Nor may the test's own words go there.
    let mut play = Play::start("stalled", &Through::Shell(r#"exec "$0" "$@" >/dev/null 2>&1"#));
    let code = play.child.wait().expect("ended").exit_code();
    assert!(play.started.elapsed() < Duration::from_secs(5));
    assert_eq!(code, 0);
    assert_same(&play.before, &attributes(&play.tty));
}

#[test]
fn keys_and_pastes_arrive() {
    let mut play = Play::start("input", &Through::Nothing);
    play.read();
    play.wait_for("LISTENING");
    let mut writer = play.master.take_writer().expect("a writer");
    writer.write_all(b"j\x1b[A\n\x1b[200~two\nlines\x1b[201~").expect("written");
    play.assert_restored();
    for event in ["Char('j')", "code: Up", "Char('j'), modifiers: KeyModifiers(CONTROL)", "Paste(\"two\\nlines\")"] {
        assert!(play.said(event), "{event} is not in {}", play.text());
    }
}

/// Cuts the terminal off, and returns how the child ended and how long that took.
fn cut_off(play: &str, script: &'static str) -> (u32, Duration) {
    let mut play = Play::start(play, &Through::Shell(script));
    // Read here and not on a thread, which would keep the terminal open.
    let mut reader = play.master.try_clone_reader().expect("a reader");
    let mut bytes = [0; 4096];
    while !play.said("ready") {
        let count = reader.read(&mut bytes).expect("output");
        play.raw.extend_from_slice(&bytes[..count]);
    }
    let size = PtySize { rows: 1, cols: 1, pixel_width: 0, pixel_height: 0 };
    let other = native_pty_system().openpty(size).expect("a pseudo-terminal").master;
    let cut = Instant::now();
    drop((reader, std::mem::replace(&mut play.master, other)));
    let code = play.child.wait().expect("ended").exit_code();
    (code, cut.elapsed())
}

#[test]
fn a_hang_up_without_a_signal_is_noticed() {
    let (code, time) = cut_off("hang-up", r#"trap '' HUP; exec "$0" "$@" >/dev/null 2>&1"#);
    assert_eq!(code, 0, "the loop ended by itself");
    assert!(time < Duration::from_secs(2), "{time:?}");
}

#[test]
fn a_loop_that_is_stuck_is_ended_after_a_hang_up() {
    let (code, time) = cut_off("stuck", r#"trap '' HUP; exec "$0" "$@""#);
    assert_eq!(code, 129);
    assert!(time < Duration::from_secs(2), "{time:?}");
}
