//! Whether a journal is as it was written: what can be found, and what cannot be known.

use super::chain::Hash;
use super::format::{Frames, Unreadable, VERSION};
use super::keeper::Kept;
use crate::domain::{CredentialSource, Record};

/// What looking through a journal came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Checked {
    /// The version of the file.
    pub version: u32,
    /// The records that can be read, in order.
    pub records: Vec<Record>,
    /// How many bytes are behind the last whole record: a write that is under way, or was not finished.
    pub unfinished: usize,
    /// What is not as it was written; the first record that tells comes first.
    pub changed: Vec<Changed>,
    /// The records that carry the MAC of a key that is at hand.
    pub proved: u64,
    /// The last record of those that were written without any key; with how many there are.
    pub plain: Option<Without>,
    /// The last record of those whose key is not at hand; with how many there are.
    pub foreign: Option<Without>,
    /// Up to which record a keyring knows the journal, and which one; `None` where none does.
    pub kept: Option<(u64, CredentialSource)>,
}

/// Records that no key at hand speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Without {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It cannot be read on from there, with the reason: no accident that a journal is prepared for.
    Damaged(String),
    /// This record was changed, or one was put in, taken out or moved before it.
    Record(u64),
    /// The records up to this one are not those that were there when the keyring was last told: rewritten, with every link.
    Rewritten(u64),
    /// The keyring knows of this many records, and the file holds as many only: its tail was cut, or it is an older copy.
    Cut {
        /// How many there were.
        kept: u64,
        /// How many there are.
        there: u64,
    },
}

/// Looks through the bytes of a journal, with what the keyrings keep of it.
///
/// # Errors
/// When a newer program wrote it: nothing can be said.
pub(super) fn check(bytes: &[u8], kept: &[(CredentialSource, Kept)]) -> Result<Checked, u32> {
    let mut checked = Checked {
        version: VERSION,
        records: Vec::new(),
        unfinished: 0,
        changed: Vec::new(),
        proved: 0,
        plain: None,
        foreign: None,
        kept: None,
    };
    let mut marks = Marks::new(kept);
    let keys = || kept.iter().map(|(_, kept)| &kept.key);
    let mut broken = false;
    let walked = (|| {
        let Some(mut frames) = Frames::open(bytes)? else {
            checked.unfinished = bytes.len();
            return Ok(());
        };
        (checked.version, checked.unfinished) = (frames.version, frames.rest.len());
        marks.pass(0, &frames.hash);
        while let Some(frame) = frames.next()? {
            checked.records.push(frame.record()?);
            checked.unfinished = frames.rest.len();
            marks.pass(frame.sequence, &frame.hash);
            let Some(link) = frame.link else { continue };
            match link.is_of(&frame.hash, keys()) {
                Some(true) if link.key != 0 => checked.proved += 1,
                Some(true) => add(&mut checked.plain, frame.sequence),
                None => add(&mut checked.foreign, frame.sequence),
                // Every link behind it tells too; the first one says where.
                Some(false) if broken => {}
                Some(false) => {
                    broken = true;
                    checked.changed.push(Changed::Record(frame.sequence));
                }
            }
        }
        Ok(())
    })();
    match walked {
        Ok(()) => {}
        Err(Unreadable::Newer(version)) => return Err(version),
        Err(Unreadable::Damaged(why)) => checked.changed.push(Changed::Damaged(why)),
    }
    let there = checked.records.len() as u64;
    let whole = checked.changed.is_empty();
    marks.close(there, whole, &mut checked.changed);
    checked.kept = kept.iter().map(|(source, kept)| (kept.count, *source)).max_by_key(|(count, _)| *count);
    Ok(checked)
}

fn add(without: &mut Option<Without>, sequence: u64) {
    let before = without.unwrap_or(Without { count: 0, first: sequence, last: sequence });
    *without = Some(Without { count: before.count + 1, last: sequence, ..before });
}

/// What the keyrings say of certain records, and what the file says there.
struct Marks<'a> {
    kept: &'a [(CredentialSource, Kept)],
    /// Whether the file was the same there; `None` where it did not come so far.
    same: Vec<Option<bool>>,
}

impl<'a> Marks<'a> {
    fn new(kept: &'a [(CredentialSource, Kept)]) -> Self {
        Self { kept, same: vec![None; kept.len()] }
    }

    /// Compares after a record; after none, the head of the file.
    fn pass(&mut self, sequence: u64, hash: &Hash) {
        for ((_, kept), same) in self.kept.iter().zip(&mut self.same) {
            if kept.count == sequence {
                *same = Some(kept.hash == *hash);
            }
        }
    }

    /// Tells what differs. Behind something that was found already, another hash is no news, but a missing tail is.
    fn close(self, there: u64, whole: bool, changed: &mut Vec<Changed>) {
        for ((_, kept), same) in self.kept.iter().zip(self.same) {
            match same {
                Some(false) if whole => changed.push(Changed::Rewritten(kept.count)),
                None if whole && kept.count > there => changed.push(Changed::Cut { kept: kept.count, there }),
                _ => {}
            }
        }
        changed.dedup();
    }
}

impl Changed {
    /// Says it.
    pub fn words(&self) -> String {
        match self {
            Self::Damaged(why) => format!("it is damaged: {why}"),
            Self::Record(1) => "record 1 is not as it was written".to_owned(),
            Self::Record(number) => {
                format!("record {number} is not as it was written, or one was put in, taken out or moved before it")
            }
            Self::Rewritten(0) => "it is another file: it was replaced".to_owned(),
            Self::Rewritten(1) => "record 1 is not the one that was written: it was rewritten".to_owned(),
            Self::Rewritten(last) => format!("records 1 to {last} are not those that were written: it was rewritten"),
            Self::Cut { kept, there: 0 } => format!("the {kept} records that it had are gone"),
            Self::Cut { kept, there } => {
                format!("record {} is missing, and all behind it: it had {kept}, and ends with {there}", there + 1)
            }
        }
    }

    /// Returns the first record that tells; `None` where that cannot be said.
    pub fn first(&self) -> Option<u64> {
        match self {
            Self::Damaged(_) => None,
            Self::Record(number) => Some(*number),
            Self::Rewritten(_) => Some(1),
            Self::Cut { there, .. } => Some(there + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::chain::Key;
    use super::super::format;
    use super::super::format::tests::{journal, old_journal, written};
    use super::*;
    use crate::domain::Sequence;

    const PLACE: CredentialSource = CredentialSource::Keyring;

    fn key() -> Key {
        Key::new().expect("random")
    }

    /// What a keyring was told of a journal, once it held this many records.
    fn kept(bytes: &[u8], count: u64, key: &Key) -> Vec<(CredentialSource, Kept)> {
        let mut frames = Frames::open(bytes).expect("lawful").expect("a head");
        for _ in 0..count {
            frames.next().expect("lawful").expect("a record");
        }
        vec![(PLACE, Kept { key: key.clone(), count, hash: frames.hash })]
    }

    fn changed(bytes: &[u8], kept: &[(CredentialSource, Kept)]) -> Vec<Changed> {
        check(bytes, kept).expect("this version").changed
    }

    fn numbered(records: impl IntoIterator<Item = Record>) -> Vec<Record> {
        records.into_iter().zip(1..).map(|(record, n)| Record { sequence: Sequence(n), ..record }).collect()
    }

    #[test]
    fn a_healthy_journal_is_quiet_however_far_the_keyring_has_come() {
        let (_, records) = journal();
        let ours = key();
        let bytes = written(&records, Some(ours.clone()));
        let count = records.len() as u64;
        for so_far in 0..=count {
            let checked = check(&bytes, &kept(&bytes, so_far, &ours)).expect("this version");
            assert_eq!((checked.changed, checked.proved), (vec![], count));
            assert_eq!((checked.plain, checked.foreign, checked.kept), (None, None, Some((so_far, PLACE))));
            assert_eq!(checked.records, records);
        }
    }

    #[test]
    fn what_cannot_be_known_is_told() {
        let (_, records) = journal();
        let count = records.len() as u64;
        let all = Some(Without { count, first: 1, last: count });
        let plain = check(&written(&records, None), &[]).expect("this version");
        assert_eq!((plain.plain, plain.kept, plain.changed), (all, None, vec![]));
        let foreign = check(&written(&records, Some(key())), &[]).expect("this version");
        assert_eq!((foreign.foreign, foreign.proved, foreign.changed), (all, 0, vec![]));
        let old = check(&old_journal().0, &[]).expect("an older version");
        assert_eq!((old.version, old.plain, old.records.len() as u64), (1, None, count));
        // Nothing of it shows that it was rewritten: that is what the keyring is for.
        let rewritten = written(&numbered(records.into_iter().skip(1)), None);
        assert_eq!(changed(&rewritten, &[]), []);
    }

    #[test]
    fn a_cut_tail_is_found_to_the_byte() {
        let (_, records) = journal();
        let ours = key();
        let bytes = written(&records, Some(ours.clone()));
        let count = records.len() as u64;
        let told = kept(&bytes, count, &ours);
        for length in 0..bytes.len() {
            let found = changed(&bytes[..length], &told);
            let there = format::decode(&bytes[..length]).expect("a cut").records.len() as u64;
            assert_eq!(found, [Changed::Cut { kept: count, there }], "at {length}");
        }
    }

    #[test]
    fn a_journal_in_place_of_another_is_found() {
        let (_, records) = journal();
        let (ours, other) = (key(), key());
        let bytes = written(&records, Some(ours.clone()));
        let count = records.len() as u64;
        let told = kept(&bytes, count, &ours);
        let whole = [Changed::Rewritten(count)];
        // Without a key, and under one that the keyring does not have.
        let fewer = numbered(records.iter().skip(1).chain(&records[..1]).cloned());
        for bytes in [written(&fewer, None), written(&fewer, Some(other)), old_journal().0] {
            assert_eq!(changed(&bytes, &told), whole);
        }
        // A new file, when the keyring knows of an empty one.
        let empty = kept(&bytes, 0, &ours);
        let new = format::file_head([9; 16]);
        assert_eq!(changed(&new, &empty), [Changed::Rewritten(0)]);
        assert_eq!(changed(&new, &told), [Changed::Cut { kept: count, there: 0 }]);
    }

    #[test]
    fn without_a_key_a_hand_that_leaves_the_links_is_found_too() {
        let (bytes, records) = journal();
        let mut longer = records.clone();
        longer[2] = Record { sequence: Sequence(3), ..records[0].clone() };
        let other = written(&longer, None);
        // The records before are the same; the third is another, the links behind it are those of the first journal.
        let (ours, theirs) = (ends(&bytes), ends(&other));
        let spliced = [&other[..theirs[2]], &bytes[ours[2]..]].concat();
        assert_eq!(changed(&spliced, &[]), [Changed::Record(4)]);
    }

    /// Where each record ends.
    fn ends(bytes: &[u8]) -> Vec<usize> {
        let mut frames = Frames::open(bytes).expect("lawful").expect("a head");
        let mut ends = Vec::new();
        while frames.next().expect("lawful").is_some() {
            ends.push(bytes.len() - frames.rest.len());
        }
        ends
    }

    proptest! {
        /// Whoever does not have the key, and does everything else right, is found out.
        #[test]
        fn every_hand_without_the_key_is_found(
            edit in 0..5_u8, first in 0..8_usize, second in 0..8_usize, which in 0..3_u8,
        ) {
            let (_, records) = journal();
            let ours = key();
            let bytes = written(&records, Some(ours.clone()));
            let told = kept(&bytes, records.len() as u64, &ours);
            let mut other = records.clone();
            match edit {
                0 => other[first] = records[second].clone(),
                1 => other.swap(first, second),
                2 => drop(other.remove(first)),
                3 => other.insert(first, records[second].clone()),
                _ => other.truncate(first),
            }
            let other = numbered(other);
            prop_assume!(other != records);
            let forged = match which {
                0 => written(&other, None),
                1 => written(&other, Some(key())),
                // The links of the first journal, where there are as many.
                _ => relinked(&other, &bytes),
            };
            prop_assert!(!changed(&forged, &told).is_empty());
        }
    }

    /// Writes records with the links of a journal.
    fn relinked(records: &[Record], links: &[u8]) -> Vec<u8> {
        let plain = written(records, None);
        let (theirs, ours) = (ends(links), ends(&plain));
        let mut bytes = plain[..format::FILE_HEAD].to_vec();
        let mut from = format::FILE_HEAD;
        let mut link_at = format::FILE_HEAD;
        for (end, theirs) in ours.iter().zip(theirs.iter().map(Some).chain(std::iter::repeat(None))) {
            let mut record = plain[from..*end].to_vec();
            if let Some(next) = theirs {
                record[16..56].copy_from_slice(&links[link_at + 16..link_at + 56]);
                let checksum = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(&record[..56]);
                record[56..60].copy_from_slice(&checksum.to_le_bytes());
                link_at = *next;
            }
            bytes.extend(record);
            from = *end;
        }
        bytes
    }
}
