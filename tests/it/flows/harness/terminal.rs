//! The real binary in a pseudo-terminal, and what a terminal would show of its output.

use super::keys;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::{
    fs::{Mode, OFlags, open},
    process::{Pid, Signal, kill_process},
    termios::{Action, OptionalActions, SpecialCodeIndex, Termios, tcflow, tcgetattr, tcsetattr},
};
use std::{
    io::{Read, Write},
    num::NonZero,
    os::fd::OwnedFd,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

/// How long something may take that happens at once on an idle machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Held from before a terminal is made until its child has it: a child started meanwhile would inherit the
/// descriptors before they are marked, and keep a terminal alive that another test closes.
pub(crate) static SPAWN: Mutex<()> = Mutex::new(());

/// A terminal with the program in it.
pub(crate) struct Terminal {
    seen: Arc<Watched>,
    writer: Option<Box<dyn Write + Send>>,
    master: Option<Box<dyn MasterPty + Send>>,
    reader: Option<JoinHandle<()>>,
    ended: Receiver<u32>,
    pid: Pid,
    before: Modes,
}

/// What the program has put out so far, and a bell for those who wait for more.
struct Watched {
    seen: Mutex<Seen>,
    more: Condvar,
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    open: bool,
    /// Whether the reader is to let go of the terminal after the next output.
    leave: bool,
}

/// The modes of a terminal, in a form that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Modes(String);

impl Modes {
    /// Everything that a terminal can be set to: flags, special characters, speeds.
    fn of(termios: &Termios) -> Self {
        Self(format!("{termios:?}"))
    }
}

impl Terminal {
    /// Starts a program in a new terminal.
    pub(crate) fn open(command: CommandBuilder, (columns, rows): (u16, u16)) -> Self {
        let spawning = SPAWN.lock().unwrap_or_else(PoisonError::into_inner);
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let reader = pair.master.try_clone_reader().expect("its output");
        let writer = pair.master.take_writer().expect("its input");
        let before = modes(&*pair.master);
        let mut child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        drop(spawning);
        let pid = child.process_id().and_then(|pid| Pid::from_raw(pid.cast_signed())).expect("its number");
        let (send, ended) = channel();
        std::thread::spawn(move || {
            let code = child.wait().map_or(u32::MAX, |status| status.exit_code());
            let _ = send.send(code);
        });
        let seen = Seen { parser: parser(columns, rows), raw: Vec::new(), open: true, leave: false };
        let seen = Arc::new(Watched { seen: Mutex::new(seen), more: Condvar::new() });
        let watched = seen.clone();
        let reader = Some(std::thread::spawn(move || watched.read(reader)));
        Self { seen, writer: Some(writer), master: Some(pair.master), reader, ended, pid, before }
    }

    /// Types keys, all at once.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        // What opened by itself, or asks, takes no keys before it was seen for a moment: a person waits too.
        if self.screen().contains("One moment: ") {
            self.until_gone("One moment: ");
        }
        self.send(&keys::bytes(keys))
    }

    /// Pastes text.
    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.send(&keys::pasted(text))
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let writer = self.writer.as_mut().expect("an open terminal");
        writer.write_all(bytes).and_then(|()| writer.flush()).expect("typed");
        self
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> &mut Self {
        self.until_shown(text, |screen| screen.contains(text))
    }

    /// Waits until the screen shows a text no more.
    #[track_caller]
    pub(crate) fn until_gone(&mut self, text: &str) -> &mut Self {
        self.until_shown(&format!("anything but {text}"), |screen| !screen.contains(text))
    }

    /// Waits until the screen satisfies a condition; `what` is for the message when it does not.
    #[track_caller]
    pub(crate) fn until_shown(&mut self, what: &str, test: impl Fn(&str) -> bool) -> &mut Self {
        let waiting = |seen: &mut Seen| seen.open && !(is_whole(&seen.raw) && test(&contents(seen)));
        let (seen, _) =
            self.seen.more.wait_timeout_while(self.seen.lock(), SOON, waiting).unwrap_or_else(PoisonError::into_inner);
        let screen = contents(&seen);
        assert!(test(&screen), "the screen never showed {what}; it shows:\n{screen}");
        drop(seen);
        self
    }

    /// Waits until what was put out behind the first bytes satisfies a condition; `what` is for the message.
    #[track_caller]
    pub(crate) fn until_put_out(&mut self, from: usize, what: &str, test: impl Fn(&str) -> bool) -> &mut Self {
        let said = |seen: &Seen| String::from_utf8_lossy(&seen.raw[from..]).into_owned();
        let waiting = |seen: &mut Seen| seen.open && !test(&said(seen));
        let (seen, _) =
            self.seen.more.wait_timeout_while(self.seen.lock(), SOON, waiting).unwrap_or_else(PoisonError::into_inner);
        let said = said(&seen);
        assert!(test(&said), "{what} was never put out; this was:\n{said}");
        drop(seen);
        self
    }

    /// The text on screen now.
    pub(crate) fn screen(&self) -> String {
        contents(&self.seen.lock())
    }

    /// Everything that was put out so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen.lock().raw.clone()
    }

    /// What the terminal is left in: alternate screen, hidden cursor, bracketed paste.
    pub(crate) fn left_in(&self) -> (bool, bool, bool) {
        let seen = self.seen.lock();
        let screen = seen.parser.screen();
        (screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste())
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.seen.lock().parser.screen_mut().set_size(cells(rows), cells(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("an open terminal").resize(size).expect("resized");
        self
    }

    /// Lets the terminal take no more output, or take it again; output that waits stays where it is.
    pub(crate) fn stall(&mut self, action: Action) -> &mut Self {
        tcflow(slave(&**self.master.as_ref().expect("an open terminal")), action).expect("flow");
        self
    }

    /// The modes before the program was started, and now.
    pub(crate) fn modes(&self) -> (Modes, Modes) {
        (self.before.clone(), modes(&**self.master.as_ref().expect("an open terminal")))
    }

    /// Holds that the terminal is as it was before the program: settings, screen, cursor, paste, mouse, colours.
    #[track_caller]
    pub(crate) fn restored(&self) {
        self.shows_no_trace();
        let (before, after) = self.modes();
        assert_eq!(before, after);
    }

    /// Holds that what the terminal was told is taken back, as far as it can be: its settings are not looked at.
    #[track_caller]
    pub(crate) fn shows_no_trace(&self) {
        assert_eq!(self.left_in(), (false, false, false), "alternate screen, hidden cursor, bracketed paste");
        let seen = self.seen.lock();
        let screen = seen.parser.screen();
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert!(!screen.application_cursor() && !screen.application_keypad());
        assert!(!screen.bold() && !screen.dim() && !screen.italic() && !screen.underline() && !screen.inverse());
        assert_eq!((screen.fgcolor(), screen.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
        assert!(is_whole(&seen.raw), "a frame is left open");
        // What the emulator does not know, a terminal may.
        for mode in ["1000", "1002", "1003", "1006", "1004", "7", "1"] {
            let told = |end: &str| {
                let told = format!("\x1b[?{mode}{end}");
                seen.raw.windows(told.len()).any(|part| part == told.as_bytes())
            };
            assert!(!told("h") && !told("l"), "mode {mode} is none of its business");
        }
    }

    /// The number of the program.
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("a signal");
    }

    /// Closes the terminal under the program, as a connection that breaks does.
    pub(crate) fn hang_up(&mut self) {
        self.seen.lock().leave = true;
        // The reader lets go of the terminal after the next output: this is some, whatever the program does.
        let other = slave(&**self.master.as_ref().expect("an open terminal"));
        // Else the writer types a line and an end of input when it goes, which no connection does that breaks.
        let mut settings = tcgetattr(&other).expect("its modes");
        settings.special_codes[SpecialCodeIndex::VEOF] = 0;
        tcsetattr(&other, OptionalActions::Now, &settings).expect("set");
        rustix::io::write(other, b" ").expect("written");
        self.reader.take().expect("a reader").join().expect("it let go");
        (self.writer, self.master) = (None, None);
    }

    /// Waits until the program has ended, and everything that it put out is seen.
    #[track_caller]
    pub(crate) fn exit_code(&mut self) -> u32 {
        self.exit_code_within(SOON)
    }

    #[track_caller]
    pub(crate) fn exit_code_within(&mut self, time: Duration) -> u32 {
        let ended = self.ended.recv_timeout(time);
        assert!(ended.is_ok(), "the program goes on:\n{}", self.screen());
        let waiting = |seen: &mut Seen| seen.open;
        drop(self.seen.more.wait_timeout_while(self.seen.lock(), SOON, waiting));
        ended.expect("checked")
    }

    /// Quits by key; the program must end well.
    #[track_caller]
    pub(crate) fn quit(&mut self) {
        self.press("q");
        assert_eq!(self.exit_code(), 0);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended long ago; then there is nobody to end.
        if self.ended.try_recv().is_err() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

impl Watched {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads until the terminal is closed on the other side, or this one is to be.
    fn read(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = reader.read(&mut buffer);
            let mut seen = self.lock();
            let leave = seen.leave;
            match read {
                Ok(length @ 1..) => {
                    seen.raw.extend_from_slice(&buffer[..length]);
                    seen.parser.process(&buffer[..length]);
                }
                Ok(0) | Err(_) => seen.open = false,
            }
            seen.open &= !leave;
            let open = seen.open;
            drop(seen);
            self.more.notify_all();
            if !open {
                return;
            }
        }
    }
}

/// Every text that a terminal was told to put into its clipboard, whoever told it. A question for it is none.
pub(crate) fn osc52(raw: &[u8]) -> Vec<String> {
    let begin = b"\x1b]52;";
    let starts = (0..raw.len()).filter(|at| raw[*at..].starts_with(begin));
    let payloads = starts.filter_map(|at| {
        let rest = &raw[at + begin.len()..];
        let from = rest.iter().position(|byte| *byte == b';')? + 1;
        let to = rest.iter().position(|byte| matches!(byte, 0x1b | 0x07))?;
        rest.get(from..to).filter(|payload| *payload != b"?")
    });
    let text = |payload| String::from_utf8(STANDARD.decode(payload).expect("base64")).expect("text");
    payloads.map(text).collect()
}

/// Tells whether a text stands among bytes.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

fn parser(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(columns), 0)
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a terminal with cells")
}

/// Whether the last frame has come to its end: a terminal shows no half of one, and a person answers none.
fn is_whole(raw: &[u8]) -> bool {
    let last = |sign: &[u8]| raw.windows(sign.len()).rposition(|part| part == sign);
    last(b"\x1b[?2026h") <= last(b"\x1b[?2026l")
}

fn contents(seen: &Seen) -> String {
    seen.parser.screen().contents()
}

fn slave(master: &dyn MasterPty) -> OwnedFd {
    let name = master.tty_name().expect("a terminal with a name");
    open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).expect("its other side")
}

fn modes(master: &dyn MasterPty) -> Modes {
    Modes::of(&tcgetattr(slave(master)).expect("its modes"))
}
