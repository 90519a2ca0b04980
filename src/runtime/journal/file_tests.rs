//! The journal on a real disk, and on one that fails at every point.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::super::entry::tests::samples;
use super::super::format::tests::journal;
use super::*;

fn home() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("state").join("tokendeck");
    (home, dir)
}

/// Puts bytes where the journal is.
fn plant(dir: &Path, bytes: &[u8]) {
    drop(FileJournal::open(dir).expect("opened"));
    std::fs::write(dir.join(NAME), bytes).expect("written");
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("there").permissions().mode() & 0o7777
}

fn numbered(records: Vec<Record>, from: u64) -> Vec<Record> {
    records.into_iter().zip(from..).map(|(record, n)| Record { sequence: Sequence(n), ..record }).collect()
}

#[test]
fn what_was_appended_is_there_at_the_next_start() {
    let (_home, dir) = home();
    let (mut journal, records, recovery) = FileJournal::open(&dir).expect("opened");
    assert_eq!((records.len(), recovery), (0, Recovery::Whole));
    let count = samples().len();
    assert_eq!(journal.append_all(samples()), Ok(Numbers { first: Sequence(1), count }));
    assert_eq!(journal.append(samples().remove(3)), Ok(Sequence(count as u64 + 1)));
    drop(journal);
    let (_, records, recovery) = FileJournal::open(&dir).expect("opened");
    assert_eq!(recovery, Recovery::Whole);
    let expected = [samples(), vec![samples().remove(3)]].concat();
    assert_eq!(records, numbered(expected, 1));
    assert_eq!(read(&dir), Ok(records));
}

#[test]
fn nobody_else_can_read_it() {
    let (_home, dir) = home();
    drop(FileJournal::open(&dir).expect("opened"));
    assert_eq!((mode(&dir), mode(&dir.join(NAME)), mode(&dir.join(LOCK))), (0o700, 0o600, 0o600));
    std::fs::set_permissions(dir.join(NAME), PermissionsExt::from_mode(0o666)).expect("set");
    drop(FileJournal::open(&dir).expect("opened"));
    assert_eq!(mode(&dir.join(NAME)), 0o600);
}

#[test]
fn what_is_not_our_own_file_is_refused() {
    for name in [NAME, LOCK] {
        let (home, dir) = home();
        std::fs::create_dir_all(&dir).expect("made");
        let target = home.path().join("target");
        std::fs::write(&target, "precious").expect("written");
        symlink(&target, dir.join(name)).expect("linked");
        assert!(FileJournal::open(&dir).is_err(), "a symbolic link");
        std::fs::remove_file(dir.join(name)).expect("removed");
        std::fs::hard_link(&target, dir.join(name)).expect("linked");
        assert!(FileJournal::open(&dir).is_err(), "a second name");
        std::fs::remove_file(dir.join(name)).expect("removed");
        std::fs::create_dir(dir.join(name)).expect("made");
        assert!(FileJournal::open(&dir).is_err(), "a directory");
        std::fs::remove_dir(dir.join(name)).expect("removed");
        let fifo = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, dir.join(name), fifo).expect("made");
        assert!(FileJournal::open(&dir).is_err(), "a pipe");
        assert_eq!(std::fs::read_to_string(&target).expect("there"), "precious");
    }
}

#[test]
fn a_directory_that_others_may_write_to_is_refused() {
    let (_home, dir) = home();
    std::fs::create_dir_all(&dir).expect("made");
    std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o777)).expect("set");
    assert!(FileJournal::open(&dir).is_err());
}

#[test]
fn the_second_program_is_told_who_has_it_and_can_read() {
    let (_home, dir) = home();
    let (mut journal, ..) = FileJournal::open(&dir).expect("opened");
    journal.append(samples().remove(0)).expect("appended");
    let failure = FileJournal::open(&dir).expect_err("held");
    assert_eq!(failure.summary, format!("another tokendeck has the journal open (pid {})", std::process::id()));
    assert_eq!(read(&dir).map(|records| records.len()), Ok(1));
    drop(journal);
    assert!(FileJournal::open(&dir).is_ok(), "the lock goes with its holder");
}

#[test]
fn an_unfinished_write_is_cut_off_and_said() {
    let (bytes, records) = journal();
    let (_home, dir) = home();
    plant(&dir, &bytes[..bytes.len() - 3]);
    let (mut journal, found, recovery) = FileJournal::open(&dir).expect("opened");
    assert!(matches!(recovery, Recovery::Cut { bytes: 1.. }) && recovery.failure().is_some());
    assert_eq!(found, records[..records.len() - 1]);
    journal.append(records[records.len() - 1].clone()).expect("appended");
    drop(journal);
    let (_, found, recovery) = FileJournal::open(&dir).expect("opened");
    assert_eq!((found, recovery), (records, Recovery::Whole));
}

#[test]
fn a_damaged_journal_is_set_aside_whole() {
    let (mut bytes, _) = journal();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let (_home, dir) = home();
    for number in 1..=2 {
        plant(&dir, &bytes);
        assert!(read(&dir).is_err());
        let (mut journal, found, recovery) = FileJournal::open(&dir).expect("opened");
        let Recovery::SetAside { name, .. } = &recovery else { panic!("{recovery:?}") };
        assert_eq!((found.len(), name.as_str()), (0, format!("journal.damaged-{number}").as_str()));
        assert_eq!(std::fs::read(dir.join(name)).expect("there"), bytes, "nothing of it is lost");
        assert_eq!(journal.append(samples().remove(0)), Ok(Sequence(1)));
    }
}

#[test]
fn a_newer_journal_is_not_touched() {
    let mut bytes = b"tkdjrnl\n\x02\0\0\0".to_vec();
    bytes.extend(crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(&bytes).to_le_bytes());
    bytes.extend_from_slice(b"what a later program wrote");
    let (_home, dir) = home();
    plant(&dir, &bytes);
    let failure = FileJournal::open(&dir).expect_err("newer");
    assert!(failure.summary.contains("newer tokendeck (format 2)"));
    assert_eq!(std::fs::read(dir.join(NAME)).expect("there"), bytes);
}

/// A disk with this many bytes, that a test can look at. Like a real one it takes what fits.
#[derive(Debug, Clone)]
struct SmallDisk {
    bytes: Arc<Mutex<Vec<u8>>>,
    most: usize,
    syncs: Arc<Mutex<SyncPlan>>,
}

/// How many more syncs succeed, and whether cutting off succeeds after that.
#[derive(Debug)]
struct SyncPlan {
    left: usize,
    truncates: bool,
}

impl SmallDisk {
    fn new(most: usize) -> Self {
        let plan = SyncPlan { left: usize::MAX, truncates: true };
        Self { bytes: Arc::default(), most, syncs: Arc::new(Mutex::new(plan)) }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().expect("whole").clone()
    }
}

impl Disk for SmallDisk {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let offset = usize::try_from(offset).expect("small");
        let fits = self.most.saturating_sub(offset).min(bytes.len()).min(7);
        if fits == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut held = self.bytes.lock().expect("whole");
        let length = held.len().max(offset + fits);
        held.resize(length, 0);
        held[offset..offset + fits].copy_from_slice(&bytes[..fits]);
        Ok(fits)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut plan = self.syncs.lock().expect("whole");
        plan.left = plan.left.checked_sub(1).ok_or(io::ErrorKind::Other)?;
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        if !self.syncs.lock().expect("whole").truncates {
            return Err(io::ErrorKind::Other.into());
        }
        self.bytes.lock().expect("whole").truncate(usize::try_from(length).expect("small"));
        Ok(())
    }
}

#[test]
fn a_full_disk_at_any_byte_leaves_a_valid_journal() {
    let (whole, records) = journal();
    for most in 0..=whole.len() {
        let disk = SmallDisk::new(most);
        let Ok(mut log) = Log::begin(disk.clone(), 0, 1, true) else {
            assert!(most < format::FILE_HEAD && disk.bytes().is_empty());
            continue;
        };
        let mut durable = 0;
        for record in samples() {
            let before = disk.bytes();
            match log.append(&[record]) {
                Ok(_) => durable += 1,
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
                    assert_eq!(disk.bytes(), before, "at {most}");
                }
            }
        }
        // A later record that fits may follow one that did not: numbers stay without gaps.
        let content = format::decode(&disk.bytes()).expect("valid");
        assert_eq!((content.records.len(), content.length), (durable, disk.bytes().len()));
        assert!(most < whole.len() || content.records == records);
    }
}

#[test]
fn a_batch_is_written_whole_or_not_at_all() {
    let (whole, records) = journal();
    let disk = SmallDisk::new(whole.len() - 1);
    let mut log = Log::begin(disk.clone(), 0, 1, true).expect("begun");
    assert!(log.append(&records).is_err());
    assert_eq!(disk.bytes().len(), format::FILE_HEAD);
    assert_eq!(log.append(&records[..3]).expect("it fits").first, Sequence(1));
    assert_eq!(disk.syncs.lock().expect("whole").left, usize::MAX - 2, "one for the head, one for the batch");
}

/// A disk on which some calls in a row fail, whatever they are.
struct Failing {
    disk: SmallDisk,
    calls: usize,
    at: std::ops::Range<usize>,
    kind: io::ErrorKind,
}

impl Failing {
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.at.contains(&(self.calls - 1)) { Err(self.kind.into()) } else { Ok(()) }
    }
}

impl Disk for Failing {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.call().and_then(|()| self.disk.write_at(bytes, offset))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.call().and_then(|()| self.disk.sync())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.call().and_then(|()| self.disk.truncate(length))
    }
}

#[test]
fn whichever_call_fails_what_was_said_to_be_durable_is_what_is_read() {
    let mut failed = 0;
    for first in 0.. {
        let kind = [io::ErrorKind::StorageFull, io::ErrorKind::Other][first % 2];
        let mut calls = 0;
        // One call, one and its taking back, everything from then on.
        for last in [first + 1, first + 2, usize::MAX] {
            let disk = SmallDisk::new(1 << 20);
            let failing = Failing { disk: disk.clone(), calls: 0, at: first..last, kind };
            let Ok(mut log) = Log::begin(failing, 0, 1, true) else { continue };
            let mut durable = Vec::new();
            for record in samples() {
                match log.append(std::slice::from_ref(&record)) {
                    Ok(numbers) => durable.push(Record { sequence: numbers.first, ..record }),
                    Err(_) => failed += 1,
                }
            }
            let found = format::decode(&disk.bytes()).expect("valid").records;
            assert!(found.starts_with(&durable), "{first}..{last}");
            assert!(log.broken || found == durable, "{first}..{last}: what is not durable is not there");
            calls = calls.max(log.disk.calls);
        }
        if first > calls && calls > 0 {
            break;
        }
    }
    assert!(failed > 1_000, "{failed}");
}

#[test]
fn what_cannot_be_taken_back_stops_all_writing() {
    let disk = SmallDisk::new(1 << 20);
    let mut log = Log::begin(disk.clone(), 0, 1, true).expect("begun");
    *disk.syncs.lock().expect("whole") = SyncPlan { left: 0, truncates: false };
    assert!(log.append(&samples()).is_err());
    *disk.syncs.lock().expect("whole") = SyncPlan { left: 9, truncates: true };
    let error = log.append(&samples()).expect_err("broken");
    assert!(error.to_string().contains("anew"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_damage_is_ever_acted_upon(at in 0..1_000_000_usize, change in 1..=255_u8, cut in 0..1_000_000_usize) {
        let (mut bytes, records) = journal();
        let (at, cut) = (at % bytes.len(), cut % (bytes.len() + 1));
        bytes[at] ^= change;
        bytes.truncate(cut);
        let (_home, dir) = home();
        plant(&dir, &bytes);
        match FileJournal::open(&dir) {
            Ok((_, found, recovery)) => {
                prop_assert!(records.starts_with(&found));
                let told = !matches!(recovery, Recovery::Whole);
                prop_assert!(told || at >= cut || found.is_empty(), "{recovery:?}");
            }
            Err(failure) => prop_assert!(failure.summary.contains("newer"), "{failure}"),
        }
    }
}
