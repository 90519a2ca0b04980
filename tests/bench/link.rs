//! What a key costs over a link of 150 ms and 256 kbit/s: the program itself in a terminal of 120x40, at 100,000 rows.
//!
//! Every frame has to be complete within one round trip, 16 ms, and its bytes on the wire; a move may take 150 bytes, a
//! page 4 KiB. The link is worked out: what is measured is the time from a key to the last byte of each frame, which is
//! what is left when round trip and wire are taken off. What the machine takes by itself to wake a program up and pass bytes
//! on is measured beside it, with `cat` in the place of the program: an idle virtual machine may take longer than the
//! program does. Behind `--` a program of one's own can be named, and `awake` keeps the processors from going to sleep.

mod terminal;

use std::time::{Duration, Instant};

use terminal::{Awake, Echo, Frame, Terminal, Usage};

/// What a frame may take besides the round trip and the wire.
const ALLOWED: Duration = Duration::from_millis(16);
/// How long nothing comes once a step is over.
const QUIET: Duration = Duration::from_millis(250);

/// What is typed, one key after the other.
struct Kind {
    name: &'static str,
    keys: Vec<&'static str>,
    /// How long after a key the next one follows; `None` when its frames have come.
    every: Option<Duration>,
    /// How many bytes a step may take; `None` for no limit.
    most: Option<usize>,
}

/// A frame with what asked for it.
struct Measured {
    key: String,
    frame: Frame,
    took: Duration,
    usage: Usage,
}

fn repeated(keys: &[&'static str], times: usize) -> Vec<&'static str> {
    keys.iter().copied().cycle().take(keys.len() * times).collect()
}

/// The characters of a query line, and as many that take them back.
fn typed(line: &'static str) -> Vec<&'static str> {
    let characters = (0..line.len()).filter_map(|at| line.get(at..=at));
    characters.chain(repeated(&["\x7f"], line.len())).collect()
}

fn kinds() -> Vec<Kind> {
    let one_by_one = |name, keys, most| Kind { name, keys, every: None, most };
    let held = |name, keys, pause, most| Kind { name, keys, every: Some(Duration::from_millis(pause)), most };
    let lines = ["deploy", "role:admin used>90d", "status:inactive", "grace -prod"];
    let filter: Vec<&str> = lines.into_iter().flat_map(typed).collect();
    vec![
        one_by_one("move", [repeated(&["j"], 25), repeated(&["k", "j"], 75)].concat(), Some(150)),
        one_by_one("move that scrolls", repeated(&["j"], 100), None),
        one_by_one("page", repeated(&["\x1b[6~", "\x1b[6~", "\x1b[5~", "\x04", "\x04", "\x15"], 25), Some(4096)),
        one_by_one("to the ends", repeated(&["G", "g"], 25), Some(4096)),
        one_by_one("filter: open", vec!["/"], None),
        one_by_one("filter", filter.clone(), None),
        held("filter, 8 keys/s", filter, 125, None),
        one_by_one("filter: leave", vec!["\x1b"], None),
        one_by_one("status", repeated(&["s", "S"], 20), None),
        one_by_one("sort", repeated(&[">", "R", "<", "R"], 10), None),
        held("move, held, 30 keys/s", repeated(&["j"], 150), 33, None),
        held("page, held, 5 keys/s", repeated(&["\x1b[6~"], 50), 200, None),
    ]
}

/// Types the keys of a kind, and returns the frames that came of them.
fn measure(terminal: &mut Terminal, kind: &Kind) -> Vec<Measured> {
    let mut measured = Vec::new();
    if let Some(pause) = kind.every {
        let before = terminal.usage();
        let begun = Instant::now();
        let typed: Vec<(&str, Instant)> = (kind.keys.iter().zip(0_u32..))
            .map(|(key, number)| {
                terminal.listen_until(begun + pause * number);
                (*key, terminal.press(key))
            })
            .collect();
        let frames = terminal.frames(QUIET);
        let usage = terminal.usage().since(&before);
        let mut shown = begun;
        for frame in frames {
            // The first key that the frame before cannot have shown, else the last: its answer comes in two.
            let after = typed.iter().find(|(_, at)| *at >= shown && *at <= frame.at);
            let asked = after.or(typed.iter().rev().find(|(_, at)| *at <= frame.at));
            shown = frame.at;
            measured.extend(asked.map(|(key, at)| Measured { key: (*key).into(), took: frame.at - *at, frame, usage }));
        }
        return measured;
    }
    for key in &kind.keys {
        let before = terminal.usage();
        let at = terminal.press(key);
        let frames = terminal.frames(QUIET);
        let usage = terminal.usage().since(&before);
        measured.extend(frames.into_iter().map(|frame| Measured {
            key: (*key).into(),
            took: frame.at - at,
            frame,
            usage,
        }));
    }
    measured
}

/// Returns the value at a share of sorted ones.
fn at<T: Copy + Default>(sorted: &[T], share: (usize, usize)) -> T {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * share.0 / share.1).copied().unwrap_or_default()
}

/// How many of the frames that took too long are told of each kind.
const TOLD: usize = 4;

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn tell(kind: &Kind, measured: &[Measured]) {
    let (own, of_keys): (Vec<&Measured>, Vec<&Measured>) =
        measured.iter().partition(|measured| measured.frame.of_itself && measured.took > ALLOWED);
    let mut took: Vec<Duration> = of_keys.iter().map(|measured| measured.took).collect();
    let mut bytes: Vec<usize> = of_keys.iter().map(|measured| measured.frame.bytes).collect();
    bytes.sort_unstable();
    let most = kind
        .most
        .map_or(String::new(), |most| format!(", {} over {most}", bytes.iter().filter(|bytes| **bytes > most).count()));
    let mut ran: Vec<Duration> = of_keys.iter().map(|measured| measured.usage.ran).collect();
    ran.sort_unstable();
    let ran = match kind.every {
        None => format!("; of processors {:.1} ms, most {:.1}", ms(at(&ran, (1, 2))), ms(at(&ran, (1, 1)))),
        Some(_) => String::new(),
    };
    println!(
        "{:24}{:4} keys {:4} frames | {:5} bytes, most {:5}{most} | {}{ran}",
        kind.name,
        kind.keys.len(),
        of_keys.len(),
        at(&bytes, (1, 2)),
        at(&bytes, (1, 1)),
        times(&mut took),
    );
    let mut over: Vec<_> = of_keys.iter().filter(|measured| measured.took > ALLOWED).collect();
    over.sort_unstable_by_key(|measured| std::cmp::Reverse(measured.took));
    for Measured { key, frame, took, usage } in over.into_iter().take(TOLD) {
        println!(
            "    {key:?}: {:.1} ms, {} bytes, {}; meanwhile it ran {:.1} ms and waited {:.1} ms for a processor",
            ms(*took),
            frame.bytes,
            frame.changed,
            ms(usage.ran),
            ms(usage.waited),
        );
    }
    let alone = |usage: &Usage| usage.stolen.is_zero() && usage.waited < Duration::from_millis(2);
    let mut undisturbed: Vec<Duration> =
        of_keys.iter().filter(|measured| alone(&measured.usage)).map(|measured| measured.took).collect();
    if kind.every.is_none() {
        println!("    {} of these frames while nobody else ran: {}", undisturbed.len(), times(&mut undisturbed));
    }
    if !own.is_empty() {
        println!("    and {} frames of what changes by itself: ages, and counts that follow from them", own.len());
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Median, all but one in a hundred, and the longest.
fn times(took: &mut [Duration]) -> String {
    took.sort_unstable();
    let over = took.iter().filter(|took| **took > ALLOWED).count();
    let [median, most_of_them, longest] = [(1, 2), (99, 100), (1, 1)].map(|share| ms(at(took, share)));
    format!("{median:.1} ms, p99 {most_of_them:.1}, most {longest:.1}; {over} over 16")
}

/// What the machine takes for itself: a byte to `cat` and back.
#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn tell_machine(cat: &mut Echo, pause: Duration) {
    let mut took: Vec<Duration> = (0..100).map(|_| cat.ask(pause)).collect();
    println!("the machine alone, every {:3} ms: {}; load {}", pause.as_millis(), times(&mut took), terminal::load());
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let program = named.iter().find(|word| *word != "awake").map_or(env!("CARGO_BIN_EXE_tokendeck"), String::as_str);
    let awake = named.iter().any(|word| word == "awake").then(Awake::start);
    let mut cat = Echo::open();
    tell_machine(&mut cat, QUIET);
    let mut terminal = Terminal::open(program, &["demo", "--rows", "100000"]);
    terminal.until("100000 of 100000");
    for kind in kinds() {
        let stolen = terminal::stolen();
        let measured = measure(&mut terminal, &kind);
        tell(&kind, &measured);
        let stolen = terminal::stolen().saturating_sub(stolen);
        if !stolen.is_zero() {
            println!("    the host gave {stolen:?} of processor time to others");
        }
    }
    tell_machine(&mut cat, QUIET);
    tell_machine(&mut cat, Duration::from_millis(33));
    terminal.press("q");
    terminal.ended();
    drop(awake);
}
