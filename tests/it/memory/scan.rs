//! Looks for what is left of a secret in all the memory that a process can write to.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use base64::Engine as _;
use ratatui::buffer::Cell;
use rustix::process::Pid;

/// How many characters of a secret in a row are a copy of it.
const WINDOW: usize = 12;
/// Pages of nothing but zeros are passed over.
const PAGE: usize = 4096;
/// How much of the text in front of a copy is looked at: more than the head of a request has there.
const BEFORE: usize = 200;

/// The steps from one character of a copy to the next: text, characters as numbers, records that hold one each.
fn strides() -> impl Iterator<Item = usize> {
    [1, 2].into_iter().chain((4..=128).step_by(4)).chain([size_of::<Cell>()].into_iter().filter(|cell| cell % 4 != 0))
}

/// A process whose memory may be read.
pub(super) struct Process {
    pid: Pid,
    memory: File,
}

/// What is looked for: the part of a token that nobody else may know.
pub(super) struct Needle {
    forms: [Vec<u8>; 2],
}

/// A copy of a secret, or of some of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Copy {
    /// How far each character is from the one before, in bytes.
    pub(super) stride: usize,
    /// What kind of memory it is in, as the system calls it.
    pub(super) place: String,
    address: u64,
    characters: usize,
    before: String,
}

impl Copy {
    /// Tells whether it is in the head of a request, or left behind a shorter one that was written over it.
    ///
    /// A connection that is kept has the bytes of what it sent, until it sends as many again.
    pub(super) fn is_of_a_request(&self) -> bool {
        self.before.contains("orization: Bearer tdk_") || self.before.contains("user-agent: tokendeck/")
    }
}

impl fmt::Debug for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stride, place, address, characters, before } = self;
        write!(f, "{characters} characters, {stride} bytes apart, at {address:#x} in {place}, behind \"{before}\"")
    }
}

impl Needle {
    /// Takes the secret part of a token of the embedded backend: what stands before it is its id, which is shown.
    pub(super) fn of(token: &str) -> Self {
        let from = token.rfind('_').expect("a token of the embedded backend") + 1;
        // Base64 of the whole, as it is sent to a clipboard, from the first group that is of the secret alone.
        let group = from.next_multiple_of(3);
        let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&token[group..]);
        Self { forms: [token.as_bytes()[from..].to_vec(), encoded.into_bytes()] }
    }
}

impl Process {
    /// Opens the memory of a process; `None` where this one may not.
    pub(super) fn open(pid: Pid) -> Option<Self> {
        let memory = File::open(format!("/proc/{}/mem", pid.as_raw_nonzero())).ok()?;
        Some(Self { pid, memory })
    }

    /// Returns every copy of a secret.
    pub(super) fn copies(&self, needle: &Needle) -> Vec<Copy> {
        let mut found = Vec::new();
        for (start, length, place) in self.writable() {
            let mut bytes = vec![0; length];
            // What was given back since the list was read is not there any more.
            let read = self.read(start, &mut bytes);
            for form in &needle.forms {
                search(&bytes[..read], form, start, &place, &mut found);
            }
        }
        found
    }

    fn read(&self, start: u64, bytes: &mut [u8]) -> usize {
        let mut read = 0;
        while let Ok(more @ 1..) = self.memory.read_at(&mut bytes[read..], start + read as u64) {
            read += more;
        }
        read
    }

    /// Returns start, length and name of every mapping that can be written to.
    fn writable(&self) -> Vec<(u64, usize, String)> {
        let maps = format!("/proc/{}/maps", self.pid.as_raw_nonzero());
        let maps = std::fs::read_to_string(maps).expect("the mappings");
        let mapping = |line: &str| {
            let mut words = line.split_whitespace();
            let (range, modes) = (words.next()?, words.next()?);
            let (start, end) = range.split_once('-')?;
            let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
            let name = words.nth(3).unwrap_or("unnamed").to_owned();
            modes.contains('w').then(|| (start, usize::try_from(end - start).expect("a length"), name))
        };
        let found: Vec<_> = maps.lines().filter_map(mapping).collect();
        assert!(found.iter().any(|(_, _, name)| name == "[heap]"), "no heap: {maps}");
        found
    }
}

fn search(bytes: &[u8], form: &[u8], start: u64, place: &str, found: &mut Vec<Copy>) {
    let cell = size_of::<Cell>();
    // The windows that begin with each byte.
    let mut windows = vec![Vec::new(); 256];
    for at in 0..=form.len() - WINDOW {
        windows[usize::from(form[at])].push(at);
    }
    let mut copies: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let zeros = [0; PAGE];
    for (page, content) in bytes.chunks(PAGE).enumerate() {
        if *content == zeros[..content.len()] {
            continue;
        }
        for (offset, byte) in content.iter().enumerate() {
            let here = page * PAGE + offset;
            for window in &windows[usize::from(*byte)] {
                for stride in strides() {
                    // Steps that nothing is known to make: a whole copy is found by one of a few windows.
                    let likely = stride == 1 || stride == cell || window % WINDOW == 0;
                    if likely && matches(bytes, here, stride, &form[*window..*window + WINDOW]) {
                        let origin = here.wrapping_sub(window * stride);
                        *copies.entry((stride, origin)).or_insert(WINDOW - 1) += 1;
                    }
                }
            }
        }
    }
    for ((stride, origin), characters) in copies {
        let before = bytes.get(origin.saturating_sub(BEFORE)..origin).unwrap_or_default();
        // Text of the same piece of memory: what is in front of a piece ends with a number of the allocator.
        let before = before.rsplit(|byte| *byte == 0).next().unwrap_or_default().escape_ascii().to_string();
        let address = start.wrapping_add(origin as u64);
        found.push(Copy { stride, place: place.to_owned(), address, characters, before });
    }
}

fn matches(bytes: &[u8], from: usize, stride: usize, window: &[u8]) -> bool {
    bytes.get(from + stride).is_some_and(|second| *second == window[1])
        && window.iter().enumerate().all(|(at, byte)| bytes.get(from + at * stride) == Some(byte))
}

#[test]
fn a_copy_is_found_however_far_apart_its_characters_are_and_part_of_one_too() {
    let token = "tdk_a_0123456789ab_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW";
    let needle = Needle::of(token);
    let secret = &token.as_bytes()[19..];
    for stride in strides() {
        let mut memory = vec![0; 3 * PAGE];
        let from = PAGE - 100;
        for (at, byte) in secret.iter().enumerate() {
            memory[from + at * stride] = *byte;
        }
        let mut found = Vec::new();
        search(&memory, &needle.forms[0], 0, "here", &mut found);
        assert!(found.len() == 1 && found[0].stride == stride, "{stride}: {found:?}");
        // A part of it, as a buffer leaves that was half written over.
        if stride == 1 || stride == size_of::<Cell>() {
            memory[from..from + 20 * stride].fill(b'-');
            memory[from + 33 * stride..].fill(b'-');
            found.clear();
            search(&memory, &needle.forms[0], 0, "here", &mut found);
            assert!(found.len() == 1 && found[0].characters == 13, "{stride}: {found:?}");
        }
    }
    let sent = base64::engine::general_purpose::STANDARD.encode(token);
    let mut found = Vec::new();
    search(sent.as_bytes(), &needle.forms[1], 0, "here", &mut found);
    assert_eq!(found.len(), 1, "{found:?}");
    let mut none = Vec::new();
    search(&[b'a'; 2 * PAGE], &needle.forms[0], 0, "here", &mut none);
    assert!(none.is_empty());
}

#[test]
fn what_a_shorter_request_left_of_a_longer_one_is_told_from_a_copy_elsewhere() {
    let token = "tdk_a_0123456789ab_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW";
    let needle = Needle::of(token);
    let head = "accept: application/json\r\nuser-agent: tokendeck/0.1.0\r\nhost: 127.0.0.1:45671\r\n";
    let long = format!("GET /v1/tokens?limit=1000 HTTP/1.1\r\n{head}authorization: Bearer {token}\r\n\r\n");
    for shorter in 0..=long.len() - 16 {
        // It ends anywhere, up to where less than a copy is left.
        let end = "user-agent: tokendeck/0.1.0\r\nhost: 127.0.0.1:45671\r\n\r\n";
        let mut memory = vec![0; 64];
        memory.extend(long.bytes());
        if let Some(from) = shorter.checked_sub(end.len()) {
            memory[64 + from..64 + shorter].copy_from_slice(end.as_bytes());
        }
        let mut found = Vec::new();
        search(&memory, &needle.forms[0], 0, "here", &mut found);
        assert!(found.len() == 1 && found[0].is_of_a_request(), "{shorter}: {found:?}");
    }
    // A copy by itself, in the piece of memory after that.
    let mut memory = long.into_bytes();
    memory.extend([0, 0, 0x51, 0, 0, 0, 0, 0, 0, 0]);
    memory.extend(token.bytes());
    let mut found = Vec::new();
    search(&memory, &needle.forms[0], 0, "here", &mut found);
    assert_eq!(found.iter().map(Copy::is_of_a_request).collect::<Vec<_>>(), [true, false], "{found:?}");
}
