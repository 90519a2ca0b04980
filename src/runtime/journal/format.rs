//! Records as bytes, and back: nothing that is not exactly as it was written is taken.
//!
//! A file begins with a magic word, a version and the checksum of both. Each record follows as
//!
//! ```text
//! length of the payload   u32      all numbers little endian
//! sequence                u64
//! CRC-32C of the payload  u32
//! CRC-32C of the above    u32
//! payload                 JSON in UTF-8, so never a zero byte
//! ```
//!
//! The head has a checksum of its own, so that a damaged length is damage, and is not taken for an end that
//! was not finished: the records behind it would be cut off without a word.

use crc::{CRC_32_ISCSI, Crc, Table};

use super::entry;
use crate::domain::{Record, Sequence};

const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

const MAGIC: [u8; 8] = *b"tkdjrnl\n";

/// Goes up with every change that an older program could not read.
const VERSION: u32 = 1;

/// The length of the file's own head.
pub(super) const FILE_HEAD: usize = 16;

const RECORD_HEAD: usize = 20;

/// The longest payload that is written or believed.
const MOST_PAYLOAD: u32 = 1 << 20;

/// What the bytes of a journal hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// The records, in order.
    pub(super) records: Vec<Record>,
    /// How many bytes they take, with the file's head. What is behind is an unfinished write.
    pub(super) length: usize,
}

/// Why bytes are not a journal that can be gone on with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Something in it is not as it was written.
    Damaged(String),
    /// A newer program wrote it.
    Newer(u32),
}

/// Returns the file's own head.
pub(super) fn file_head() -> [u8; FILE_HEAD] {
    head_of(VERSION)
}

fn head_of(version: u32) -> [u8; FILE_HEAD] {
    let mut head = [0; FILE_HEAD];
    head[..8].copy_from_slice(&MAGIC);
    head[8..12].copy_from_slice(&version.to_le_bytes());
    let checksum = CRC.checksum(&head[..12]);
    head[12..].copy_from_slice(&checksum.to_le_bytes());
    head
}

/// Appends a record; `None` when it is too long to be written.
pub(super) fn encode(record: &Record, sequence: Sequence, out: &mut Vec<u8>) -> Option<()> {
    let payload = entry::to_json(record)?;
    let length = u32::try_from(payload.len()).ok().filter(|length| *length <= MOST_PAYLOAD)?;
    let mut head = [0; RECORD_HEAD];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..12].copy_from_slice(&sequence.0.to_le_bytes());
    head[12..16].copy_from_slice(&CRC.checksum(&payload).to_le_bytes());
    let checksum = CRC.checksum(&head[..16]);
    head[16..].copy_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(&payload);
    Some(())
}

/// Reads all there is.
pub(super) fn decode(bytes: &[u8]) -> Result<Content, Unreadable> {
    let Some((head, mut rest)) = bytes.split_first_chunk::<FILE_HEAD>() else {
        // A file that was made and not yet given its whole head.
        return if file_head().starts_with(bytes) || is_zero(bytes) {
            Ok(Content { records: Vec::new(), length: 0 })
        } else {
            Err(Unreadable::Damaged("it does not begin like a journal".into()))
        };
    };
    check_file_head(head)?;
    let mut records = Vec::new();
    loop {
        match decode_one(rest, records.len() as u64 + 1)? {
            Some((record, behind)) => {
                records.push(record);
                rest = behind;
            }
            None => return Ok(Content { records, length: bytes.len() - rest.len() }),
        }
    }
}

fn check_file_head(head: &[u8; FILE_HEAD]) -> Result<(), Unreadable> {
    let [.., a, b, c, d, _, _, _, _] = *head;
    let version = u32::from_le_bytes([a, b, c, d]);
    if *head != head_of(version) {
        return Err(Unreadable::Damaged("it does not begin like a journal".into()));
    }
    if version > VERSION { Err(Unreadable::Newer(version)) } else { Ok(()) }
}

/// Reads one record; `None` at the end, finished or not.
fn decode_one(bytes: &[u8], expected: u64) -> Result<Option<(Record, &[u8])>, Unreadable> {
    let damaged = |what: &str| Err(Unreadable::Damaged(format!("record {expected} {what}")));
    let Some((head, rest)) = bytes.split_first_chunk::<RECORD_HEAD>() else { return Ok(None) };
    // After a power failure a file may have its new length and not yet its new bytes.
    if is_zero(bytes) {
        return Ok(None);
    }
    let number = |from: usize| head.get(from..from + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    if number(16) != CRC.checksum(&head[..16]) {
        return damaged("has a wrong checksum");
    }
    let sequence = u64::from(number(4)) | u64::from(number(8)) << 32;
    if sequence != expected {
        return damaged("has another number");
    }
    let length = number(0);
    if length > MOST_PAYLOAD {
        return damaged("is too long");
    }
    let Some((payload, behind)) = rest.split_at_checked(length as usize) else { return Ok(None) };
    if number(12) != CRC.checksum(payload) {
        return if behind.is_empty() && payload.ends_with(&[0]) { Ok(None) } else { damaged("has a wrong checksum") };
    }
    match entry::from_json(payload, Sequence(sequence)) {
        Ok(record) => Ok(Some((record, behind))),
        Err(why) => damaged(&format!("cannot be read: {why}")),
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::entry::tests::samples;
    use super::*;

    /// Returns a journal with every kind of record, and the records with their numbers.
    pub(in crate::runtime::journal) fn journal() -> (Vec<u8>, Vec<Record>) {
        let mut bytes = file_head().to_vec();
        let mut records = samples();
        for (record, number) in records.iter_mut().zip(1..) {
            record.sequence = Sequence(number);
            encode(record, record.sequence, &mut bytes).expect("short enough");
        }
        (bytes, records)
    }

    #[test]
    fn what_was_written_is_read() {
        let (bytes, records) = journal();
        assert_eq!(decode(&bytes), Ok(Content { records, length: bytes.len() }));
    }

    #[test]
    fn every_truncation_leaves_what_was_whole_before() {
        let (bytes, records) = journal();
        for length in 0..bytes.len() {
            let content = decode(&bytes[..length]).expect("a cut is no damage");
            assert!(records.starts_with(&content.records), "at {length}");
            assert!(content.length <= length);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (bytes, records) = journal();
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

    #[test]
    fn a_write_that_the_disk_lost_is_an_unfinished_one() {
        let (bytes, records) = journal();
        let mut longer = bytes.clone();
        longer.extend_from_slice(&[0; 4096]);
        assert_eq!(decode(&longer), Ok(Content { records, length: bytes.len() }));
    }

    #[test]
    fn a_newer_version_is_told_apart_from_damage() {
        assert_eq!(decode(&head_of(7)), Err(Unreadable::Newer(7)));
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), after_head in any::<bool>()) {
            let bytes = if after_head { [&file_head()[..], &bytes].concat() } else { bytes };
            if let Ok(content) = decode(&bytes) {
                prop_assert!(content.records.is_empty());
            }
        }

        #[test]
        fn swapped_or_repeated_records_are_damage(first in 0..6_usize, second in 0..6_usize) {
            prop_assume!(first != second);
            let (_, records) = journal();
            let mut bytes = file_head().to_vec();
            for index in [first, second] {
                encode(&records[index], records[index].sequence, &mut bytes).expect("short enough");
            }
            prop_assert!((first, second) == (0, 1) || decode(&bytes).is_err());
        }
    }
}
