//! Records as bytes, and back: nothing that is not exactly as it was written is taken.
//!
//! A file begins with a magic word, a version and the checksum of both, and then a random number, which no other journal
//! has, with its own. Each record follows as
//!
//! ```text
//! length of the payload   u32      all numbers little endian
//! sequence                u64
//! CRC-32C of the payload  u32
//! number of the key       u64      0 for none
//! link                    32 bytes
//! CRC-32C of the above    u32
//! payload                 JSON in UTF-8, so never a zero byte
//! ```
//!
//! The head has a checksum of its own, so that a damaged length is damage, and is not taken for an end that
//! was not finished: the records behind it would be cut off without a word. Checksums are against accidents; links
//! (`chain.rs`) are against hands. Version 1 had neither the random number nor links, and is still read.

use crc::{CRC_32_ISCSI, Crc, Table};

use super::chain::{Chain, Hash, LENGTH, Link};
use super::entry;
use crate::domain::{Record, Sequence};

const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

const MAGIC: [u8; 8] = *b"tkdjrnl\n";

/// Goes up with every change that an older program could not read.
pub(super) const VERSION: u32 = 2;

/// What every version begins with, so that an older program sees that a newer one wrote it.
const COMMON_HEAD: usize = 16;

/// The length of the file's own head.
pub(super) const FILE_HEAD: usize = 36;

/// The longest payload that is written or believed.
const MOST_PAYLOAD: u32 = 1 << 20;

/// What the bytes of a journal hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// The version that wrote them.
    pub(super) version: u32,
    /// The records, in order.
    pub(super) records: Vec<Record>,
    /// How many bytes they take, with the file's head. What is behind is an unfinished write.
    pub(super) length: usize,
    /// The hash of the last record.
    pub(super) hash: Hash,
}

impl Default for Content {
    /// Nothing at all, not even a head.
    fn default() -> Self {
        Self { version: VERSION, records: Vec::new(), length: 0, hash: Hash::begin(&[]) }
    }
}

/// Why bytes are not a journal that can be gone on with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Something in it is not as it was written.
    Damaged(String),
    /// A newer program wrote it.
    Newer(u32),
}

/// Returns the head of a new file.
pub(super) fn file_head(random: [u8; 16]) -> [u8; FILE_HEAD] {
    let mut head = [0; FILE_HEAD];
    head[..COMMON_HEAD].copy_from_slice(&common_head(VERSION));
    head[16..32].copy_from_slice(&random);
    head[32..].copy_from_slice(&CRC.checksum(&random).to_le_bytes());
    head
}

fn common_head(version: u32) -> [u8; COMMON_HEAD] {
    let mut head = [0; COMMON_HEAD];
    head[..8].copy_from_slice(&MAGIC);
    head[8..12].copy_from_slice(&version.to_le_bytes());
    let checksum = CRC.checksum(&head[..12]);
    head[12..].copy_from_slice(&checksum.to_le_bytes());
    head
}

/// Appends a record, and moves the chain on; `None` when it is too long to be written.
pub(super) fn encode(record: &Record, sequence: Sequence, chain: &mut Chain, out: &mut Vec<u8>) -> Option<()> {
    append(&entry::to_json(record)?, sequence.0, chain, out)
}

/// The same with a payload as it stands in a file.
fn append(payload: &[u8], sequence: u64, chain: &mut Chain, out: &mut Vec<u8>) -> Option<()> {
    let length = u32::try_from(payload.len()).ok().filter(|length| *length <= MOST_PAYLOAD)?;
    let hash = chain.hash.after(sequence, payload);
    let link = Link::new(&hash, chain.key.as_ref());
    let mut head = [0; Layout::LINKED.0];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..12].copy_from_slice(&sequence.to_le_bytes());
    head[12..16].copy_from_slice(&CRC.checksum(payload).to_le_bytes());
    head[16..24].copy_from_slice(&link.key.to_le_bytes());
    head[24..56].copy_from_slice(&link.bytes);
    let checksum = CRC.checksum(&head[..56]);
    head[56..].copy_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(payload);
    chain.hash = hash;
    Some(())
}

/// Returns a journal of an older version as one of this version, with the same payloads; `None` for bytes that hold
/// more than can be read.
pub(super) fn renew(bytes: &[u8], random: [u8; 16]) -> Option<(Vec<u8>, Hash)> {
    let mut out = file_head(random).to_vec();
    let mut chain = Chain { hash: Hash::begin(&out), key: None };
    let mut frames = Frames::open(bytes).ok()??;
    while let Some(frame) = frames.next().ok()? {
        append(frame.payload, frame.sequence, &mut chain, &mut out)?;
    }
    Some((out, chain.hash))
}

/// Reads all there is.
pub(super) fn decode(bytes: &[u8]) -> Result<Content, Unreadable> {
    let Some(mut frames) = Frames::open(bytes)? else { return Ok(Content::default()) };
    let mut records = Vec::new();
    while let Some(frame) = frames.next()? {
        records.push(frame.record()?);
    }
    Ok(Content { version: frames.version, records, length: bytes.len() - frames.rest.len(), hash: frames.hash })
}

/// How long the head of a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout(usize);

impl Layout {
    const PLAIN: Self = Self(20);
    const LINKED: Self = Self(60);
}

/// The records of a journal as they stand there, one after the other.
pub(super) struct Frames<'a> {
    /// The version of the file.
    pub(super) version: u32,
    /// What is not read yet; at the end what is behind the last whole record.
    pub(super) rest: &'a [u8],
    /// The hash of the last record that was read.
    pub(super) hash: Hash,
    layout: Layout,
    next: u64,
}

/// A record as it stands in the file.
pub(super) struct Frame<'a> {
    pub(super) sequence: u64,
    pub(super) payload: &'a [u8],
    /// Its hash, worked out.
    pub(super) hash: Hash,
    /// What stands there for it; `None` in a file of version 1.
    pub(super) link: Option<Link>,
}

impl Frame<'_> {
    /// Reads what it says.
    pub(super) fn record(&self) -> Result<Record, Unreadable> {
        let why = |why| Unreadable::Damaged(format!("record {} cannot be read: {why}", self.sequence));
        entry::from_json(self.payload, Sequence(self.sequence)).map_err(why)
    }
}

impl<'a> Frames<'a> {
    /// Reads the file's own head; `None` for a file that was made and not yet given it whole.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Option<Self>, Unreadable> {
        let damaged = || Unreadable::Damaged("it does not begin like a journal".into());
        let Some((common, behind)) = bytes.split_first_chunk::<COMMON_HEAD>() else {
            let begun = common_head(VERSION).starts_with(bytes) || common_head(1).starts_with(bytes);
            return if begun || is_zero(bytes) { Ok(None) } else { Err(damaged()) };
        };
        let version = u32::from_le_bytes(array(common, 8));
        if *common != common_head(version) || version == 0 {
            return Err(damaged());
        }
        let (layout, rest) = match version {
            1 => (Layout::PLAIN, behind),
            VERSION => {
                let Some((own, rest)) = behind.split_first_chunk::<{ FILE_HEAD - COMMON_HEAD }>() else {
                    return Ok(None);
                };
                if CRC.checksum(&own[..16]) != u32::from_le_bytes(array(own, 16)) {
                    return if is_zero(behind) { Ok(None) } else { Err(damaged()) };
                }
                (Layout::LINKED, rest)
            }
            _ => return Err(Unreadable::Newer(version)),
        };
        let hash = Hash::begin(&bytes[..bytes.len() - rest.len()]);
        Ok(Some(Self { version, rest, hash, layout, next: 1 }))
    }

    /// Reads one record; `None` at the end, finished or not.
    pub(super) fn next(&mut self) -> Result<Option<Frame<'a>>, Unreadable> {
        let Some((head, payload, rest)) = self.parts()? else { return Ok(None) };
        let sequence = self.next;
        let hash = self.hash.after(sequence, payload);
        let link = (self.layout == Layout::LINKED)
            .then(|| Link { key: u64::from_le_bytes(array(head, 16)), bytes: array::<LENGTH>(head, 24) });
        (self.rest, self.hash, self.next) = (rest, hash, sequence + 1);
        Ok(Some(Frame { sequence, payload, hash, link }))
    }

    /// Returns the head and the payload of the next record, and what is behind.
    #[expect(clippy::type_complexity, reason = "three pieces of the same bytes")]
    fn parts(&self) -> Result<Option<(&'a [u8], &'a [u8], &'a [u8])>, Unreadable> {
        let (bytes, Layout(long)) = (self.rest, self.layout);
        let damaged = |what: &str| Err(Unreadable::Damaged(format!("record {} {what}", self.next)));
        let Some((head, rest)) = bytes.split_at_checked(long) else { return Ok(None) };
        // After a power failure a file may have its new length and not yet its new bytes.
        if is_zero(bytes) {
            return Ok(None);
        }
        if u32::from_le_bytes(array(head, long - 4)) != CRC.checksum(&head[..long - 4]) {
            return damaged("has a wrong checksum");
        }
        if u64::from_le_bytes(array(head, 4)) != self.next {
            return damaged("has another number");
        }
        let length = u32::from_le_bytes(array(head, 0));
        if length > MOST_PAYLOAD {
            return damaged("is too long");
        }
        let Some((payload, behind)) = rest.split_at_checked(length as usize) else { return Ok(None) };
        if u32::from_le_bytes(array(head, 12)) != CRC.checksum(payload) {
            return if behind.is_empty() && payload.ends_with(&[0]) {
                Ok(None)
            } else {
                damaged("has a wrong checksum")
            };
        }
        Ok(Some((head, payload, behind)))
    }
}

/// Returns the bytes of a field.
fn array<const N: usize>(bytes: &[u8], from: usize) -> [u8; N] {
    bytes.get(from..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or([0; N])
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::chain::Key;
    use super::super::entry::tests::samples;
    use super::*;

    /// Returns a journal with every kind of record, and the records with their numbers.
    pub(in crate::runtime::journal) fn journal() -> (Vec<u8>, Vec<Record>) {
        journal_under(None)
    }

    /// The same, written under a key.
    pub(in crate::runtime::journal) fn journal_under(key: Option<Key>) -> (Vec<u8>, Vec<Record>) {
        let records: Vec<Record> =
            samples().into_iter().zip(1..).map(|(r, n)| Record { sequence: Sequence(n), ..r }).collect();
        (written(&records, key), records)
    }

    /// Returns a journal of these records.
    pub(in crate::runtime::journal) fn written(records: &[Record], key: Option<Key>) -> Vec<u8> {
        let mut bytes = file_head([7; 16]).to_vec();
        let mut chain = Chain { hash: Hash::begin(&bytes), key };
        for record in records {
            encode(record, record.sequence, &mut chain, &mut bytes).expect("short enough");
        }
        bytes
    }

    /// Returns a journal as version 1 wrote it.
    pub(in crate::runtime::journal) fn old_journal() -> (Vec<u8>, Vec<Record>) {
        let (_, records) = journal();
        let mut bytes = common_head(1).to_vec();
        for record in &records {
            let payload = entry::to_json(record).expect("JSON");
            let mut head = u32::try_from(payload.len()).expect("short").to_le_bytes().to_vec();
            head.extend(record.sequence.0.to_le_bytes());
            head.extend(CRC.checksum(&payload).to_le_bytes());
            head.extend(CRC.checksum(&head).to_le_bytes());
            bytes.extend(head);
            bytes.extend(payload);
        }
        (bytes, records)
    }

    fn read(bytes: &[u8]) -> (Vec<Record>, usize) {
        let content = decode(bytes).expect("whole");
        (content.records, content.length)
    }

    #[test]
    fn what_was_written_is_read() {
        for (bytes, records) in [journal(), journal_under(Key::new()), old_journal()] {
            assert_eq!(read(&bytes), (records, bytes.len()));
        }
    }

    #[test]
    fn every_truncation_leaves_what_was_whole_before() {
        for (bytes, records) in [journal(), journal_under(Key::new()), old_journal()] {
            for length in 0..bytes.len() {
                let content = decode(&bytes[..length]).expect("a cut is no damage");
                assert!(records.starts_with(&content.records), "at {length}");
                assert!(content.length <= length);
            }
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        for (bytes, records) in [journal(), journal_under(Key::new()), old_journal()] {
            for at in 0..bytes.len() {
                for change in [0x01, 0x80, 0xff, bytes[at]] {
                    let mut changed = bytes.clone();
                    changed[at] ^= change;
                    if changed == bytes {
                        continue;
                    }
                    match decode(&changed) {
                        Err(_) => {}
                        // Only the last record can be taken for unfinished.
                        Ok(content) => assert_eq!(content.records, records[..records.len() - 1], "{change:x} at {at}"),
                    }
                }
            }
        }
    }

    #[test]
    fn a_head_that_the_disk_lost_is_an_unfinished_one() {
        let mut bytes = common_head(VERSION).to_vec();
        bytes.extend([0; 200]);
        assert_eq!(read(&bytes), (Vec::new(), 0));
        bytes[150] = 1;
        assert!(decode(&bytes).is_err());
    }

    #[test]
    fn an_old_journal_is_renewed_with_the_same_payloads() {
        let (old, records) = old_journal();
        let (new, hash) = renew(&old, [7; 16]).expect("whole");
        assert_eq!(new, journal().0);
        let content = decode(&new).expect("whole");
        assert_eq!((content.version, content.records, content.hash), (VERSION, records, hash));
    }

    #[test]
    fn a_write_that_the_disk_lost_is_an_unfinished_one() {
        let (bytes, records) = journal();
        let mut longer = bytes.clone();
        longer.extend_from_slice(&[0; 4096]);
        assert_eq!(read(&longer), (records, bytes.len()));
    }

    #[test]
    fn a_newer_version_is_told_apart_from_damage() {
        assert_eq!(decode(&common_head(7)), Err(Unreadable::Newer(7)));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), after_head in any::<bool>()) {
            let bytes = if after_head { [&file_head([7; 16])[..], &bytes].concat() } else { bytes };
            if let Ok(content) = decode(&bytes) {
                prop_assert!(content.records.is_empty());
            }
        }

        #[test]
        fn swapped_or_repeated_records_are_damage(first in 0..6_usize, second in 0..6_usize) {
            prop_assume!(first != second);
            let (_, records) = journal();
            let bytes = written(&[records[first].clone(), records[second].clone()], None);
            prop_assert!((first, second) == (0, 1) || decode(&bytes).is_err());
        }
    }
}
