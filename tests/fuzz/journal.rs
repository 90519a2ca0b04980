//! The journal: whatever a file holds, reading it is a list of records or a failure in words, and opening it sets
//! aside what is damaged, so that the next opening finds a whole one.

#![no_main]

use std::fs;
use std::path::PathBuf;

use crc::{CRC_32_ISCSI, Crc, Table};
use libfuzzer_sys::fuzz_target;
use tokendeck::domain::Record;
use tokendeck::runtime::journal::{FileJournal, Journal as _, Recovery, read};

const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let file = if first % 4 == 0 { rest.to_vec() } else { framed(rest, first % 4 == 1) };
    let place = place();
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).expect("a folder");
    fs::write(place.join("journal"), &file).expect("a file");
    let alone = read(&place);
    let opened = FileJournal::open(&place).map(|(_, records, recovery)| (records, recovery));
    match (alone, opened) {
        (Ok(read), Ok((records, Recovery::Whole | Recovery::Cut { .. }))) => {
            assert_eq!(read, records);
            let again =
                FileJournal::open(&place).map(|(_, records, recovery)| (records, recovery)).expect("it is whole");
            assert_eq!(again, (records.clone(), Recovery::Whole));
            // What was read can be written, and reads the same.
            let other = place.join("other");
            let (mut journal, ..) = FileJournal::open(&other).expect("a new one");
            if !records.is_empty() {
                journal.append_all(records.clone()).expect("no longer than it was");
            }
            drop(journal);
            assert_eq!(read_whole(&other), records);
        }
        (Err(_), Ok((records, Recovery::SetAside { name, .. }))) => {
            assert!(records.is_empty());
            assert_eq!(fs::read(place.join(name)).expect("the damaged one is kept"), file);
        }
        // A newer program's.
        (Err(_), Err(_)) => assert_eq!(fs::read(place.join("journal")).expect("it is left alone"), file),
        (alone, opened) => panic!("{alone:?} {opened:?}"),
    }
});

fn read_whole(place: &std::path::Path) -> Vec<Record> {
    read(place).expect("it was written by us")
}

/// A folder in memory, for this process alone.
fn place() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let top = if memory.is_dir() { memory } else { std::env::temp_dir() };
    top.join(format!("tokendeck-fuzz-journal-{}", std::process::id()))
}

/// Returns a file whose checksums are right: pieces of the input are its records, cut at zero bytes.
fn framed(input: &[u8], whole: bool) -> Vec<u8> {
    let mut file = b"tkdjrnl\n".to_vec();
    file.extend(1_u32.to_le_bytes());
    file.extend(CRC.checksum(&file).to_le_bytes());
    for (payload, number) in input.split(|byte| *byte == 0).zip(1_u64..) {
        let mut head = (payload.len() as u32).to_le_bytes().to_vec();
        head.extend(number.to_le_bytes());
        head.extend(CRC.checksum(payload).to_le_bytes());
        head.extend(CRC.checksum(&head).to_le_bytes());
        file.extend(head);
        file.extend(payload);
    }
    // The last byte says how much of the end is missing.
    if let (false, Some(last)) = (whole, input.last()) {
        file.truncate(file.len().saturating_sub(usize::from(*last)));
    }
    file
}
