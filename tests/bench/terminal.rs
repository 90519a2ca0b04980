//! The program in a terminal, with the moment at which each of its frames was complete.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
/// How long the list may take to be there.
const BEGINS: Duration = Duration::from_mins(2);
/// Where the header and the counts stand: what changes there alone may have changed by itself.
const COUNTS: [usize; 2] = [3, 4];
const END: &[u8] = b"\x1b[?2026l";

/// A picture that was sent whole.
pub(crate) struct Frame {
    /// When its last byte came.
    pub(crate) at: Instant,
    pub(crate) bytes: usize,
    /// Whether it shows nothing but what changes without a key: the age of the data, and counts that follow from it.
    pub(crate) of_itself: bool,
    /// How much changed.
    pub(crate) changed: String,
}

/// What a process has used of the processors.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) ran: Duration,
    /// How long its threads could have run, and others did.
    pub(crate) waited: Duration,
    /// What the host of a virtual machine gave to others meanwhile.
    pub(crate) stolen: Duration,
}

impl Usage {
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            ran: self.ran.saturating_sub(before.ran),
            waited: self.waited.saturating_sub(before.waited),
            stolen: self.stolen.saturating_sub(before.stolen),
        }
    }
}

/// A terminal with the program in it.
pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    read: Receiver<(Instant, Vec<u8>)>,
    /// What came and was not looked at: nothing is looked at while frames come.
    heard: Vec<(Instant, Vec<u8>)>,
    /// The beginning of a frame whose end has not come.
    part: Vec<u8>,
    parser: vt100::Parser,
    child: Box<dyn Child + Send + Sync>,
    _home: TempDir,
}

impl Terminal {
    pub(crate) fn open(program: &str, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.env("HOME", home.path());
        command.env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let writer = pair.master.take_writer().expect("its input");
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let (send, read) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                let heard = (Instant::now(), buffer.get(..length).unwrap_or_default().to_vec());
                if send.send(heard).is_err() {
                    return;
                }
            }
        });
        let size = |cells| std::num::NonZero::new(cells).expect("cells");
        let parser = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
        Self { master: pair.master, writer, read, heard: Vec::new(), part: Vec::new(), parser, child, _home: home }
    }

    /// Types a key, and returns when.
    pub(crate) fn press(&mut self, key: &str) -> Instant {
        let at = Instant::now();
        self.writer.write_all(key.as_bytes()).and_then(|()| self.writer.flush()).expect("typed");
        at
    }

    /// Waits until a text is on screen, and everything has come.
    pub(crate) fn until(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.parser.screen().contents().contains(text) {
            assert!(begun.elapsed() < BEGINS, "it never showed {text}:\n{}", self.parser.screen().contents());
            self.frames(Duration::from_millis(500));
        }
        self.frames(Duration::from_secs(2));
    }

    /// Keeps what comes until a moment.
    pub(crate) fn listen_until(&mut self, moment: Instant) {
        while let Ok(heard) = self.read.recv_timeout(moment.saturating_duration_since(Instant::now())) {
            self.heard.push(heard);
        }
    }

    /// Waits until nothing has come for so long, and returns the frames since the last look.
    pub(crate) fn frames(&mut self, quiet: Duration) -> Vec<Frame> {
        while let Ok(heard) = self.read.recv_timeout(quiet) {
            self.heard.push(heard);
        }
        let mut frames = Vec::new();
        for (at, bytes) in std::mem::take(&mut self.heard) {
            self.part.extend_from_slice(&bytes);
            while let Some(end) = self.part.windows(END.len()).position(|part| part == END) {
                let rest = self.part.split_off(end + END.len());
                let frame = std::mem::replace(&mut self.part, rest);
                frames.push(self.show(at, &frame));
            }
        }
        frames
    }

    /// Puts a frame on the screen, and says what changed by it.
    fn show(&mut self, at: Instant, frame: &[u8]) -> Frame {
        let before = self.lines();
        self.parser.process(frame);
        let after = self.lines();
        let changed: Vec<usize> = (0..after.len()).filter(|line| before.get(*line) != after.get(*line)).collect();
        // How many rows there are stands in the header, before how old they are: while that is the same, no filter has
        // done it.
        let rows = |lines: &[String]| {
            let words = lines.first().map(|line| line.split_whitespace().take_while(|word| *word != "data"));
            words.map(|words| words.collect::<Vec<_>>().join(" "))
        };
        let counts = |line: &usize| COUNTS.contains(line) || *line == 0;
        let of_itself = !changed.is_empty() && changed.iter().all(counts) && rows(&before) == rows(&after);
        let table = changed.iter().filter(|line| !counts(line)).count();
        Frame { at, bytes: frame.len(), of_itself, changed: format!("{} lines, {table} of the table", changed.len()) }
    }

    fn lines(&self) -> Vec<String> {
        self.parser.screen().rows(0, COLUMNS).collect()
    }

    /// Returns what the program has used so far, all of its threads.
    pub(crate) fn usage(&self) -> Usage {
        let Some(pid) = self.child.process_id() else { return Usage::default() };
        let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Usage::default() };
        let mut usage = Usage { stolen: stolen(), ..Usage::default() };
        for thread in threads.flatten() {
            let told = std::fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let mut numbers =
                told.split_whitespace().filter_map(|number| number.parse().ok().map(Duration::from_nanos));
            usage.ran += numbers.next().unwrap_or_default();
            usage.waited += numbers.next().unwrap_or_default();
        }
        usage
    }

    /// Waits for the program's end.
    pub(crate) fn ended(mut self) {
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "it ended with {status:?}");
        drop(self.master);
    }
}

/// Returns how busy the machine is, as it says itself.
pub(crate) fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}

/// `cat` in a terminal: what it takes to wake a program up, and to hear of it.
pub(crate) struct Echo {
    writer: Box<dyn Write + Send>,
    read: Receiver<Instant>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Echo {
    pub(crate) fn open() -> Self {
        let pair = native_pty_system().openpty(PtySize::default()).expect("a terminal");
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", "stty raw -echo; printf .; exec cat"]);
        let child = pair.slave.spawn_command(command).expect("cat");
        drop(pair.slave);
        let writer = pair.master.take_writer().expect("its input");
        let (send, read) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 64];
            while matches!(reader.read(&mut buffer), Ok(1..)) && send.send(Instant::now()).is_ok() {}
        });
        read.recv_timeout(BEGINS).expect("ready");
        Self { writer, read, child, _master: pair.master }
    }

    /// Sends a byte after a pause, and returns how long it is on its way.
    pub(crate) fn ask(&mut self, pause: Duration) -> Duration {
        // Nobody sends anything here: it is the time that is waited for.
        let _ = self.read.recv_timeout(pause);
        let at = Instant::now();
        self.writer.write_all(b"x").expect("typed");
        self.read.recv_timeout(BEGINS).expect("an echo") - at
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps every processor from sleeping, with what gives way to everything else.
pub(crate) struct Awake(Vec<std::process::Child>);

impl Awake {
    pub(crate) fn start() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let spin = |_| std::process::Command::new("nice").args(["-n", "19", "sh", "-c", "while :; do :; done"]).spawn();
        Self((0..cores).map(spin).map(|child| child.expect("a shell")).collect())
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Returns how much processor time the host of a virtual machine gave to others so far.
pub(crate) fn stolen() -> Duration {
    let told = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks = told.split_whitespace().nth(8).and_then(|ticks| ticks.parse().ok()).unwrap_or(0);
    // In hundredths of a second, as the kernel says everywhere.
    Duration::from_millis(10 * ticks)
}
