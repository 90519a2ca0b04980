//! Whether a short word is in a row: all of the row at once, without a branch that depends on the text.

use std::ops::Range;

/// How many bytes are looked at together, in words of eight.
const WINDOW: usize = 64;
const WORDS: usize = WINDOW / 8;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = LOW << 7;

/// For each length, the highest bit of each byte within it.
const WITHIN: [[u64; WORDS]; WINDOW + 1] = {
    let mut table = [[0; WORDS]; WINDOW + 1];
    let mut length = 1;
    while length <= WINDOW {
        table[length] = table[length - 1];
        table[length][(length - 1) / 8] |= 0x80 << ((length - 1) % 8 * 8);
        length += 1;
    }
    table
};

/// Tells whether a word is in a row of a buffer. `None` close to the end of the buffer: look in another way.
///
/// A word that begins in the row cannot go on behind it, since a separator is there.
#[inline]
pub(super) fn has<const N: usize>(bytes: &[u8], row: Range<usize>, word: [u8; N]) -> Option<bool> {
    let mut found = 0;
    let mut at = row.start;
    while at < row.end {
        let window = bytes.get(at..at + WINDOW + N - 1)?;
        found |= in_window(window, &WITHIN[(row.end - at).min(WINDOW)], word)?;
        at += WINDOW;
    }
    Some(found != 0)
}

/// Returns whether a word begins at one of the places that `within` has, as a number that is then not 0.
#[inline]
fn in_window<const N: usize>(window: &[u8], within: &[u64; WORDS], word: [u8; N]) -> Option<u64> {
    // A byte of this is 0 where each byte of the word is what stands there.
    let mut differs = [0; WORDS];
    for (step, byte) in word.into_iter().enumerate() {
        let bytes: &[u8; WINDOW] = window.get(step..)?.first_chunk()?;
        let (words, _) = bytes.as_chunks::<8>();
        for (differs, word) in differs.iter_mut().zip(words) {
            *differs |= u64::from_le_bytes(*word) ^ (LOW * u64::from(byte));
        }
    }
    // The lowest byte that is 0 is found exactly; what the borrow makes of those above it does not matter, since
    // places outside are above those within.
    let zeros =
        differs.iter().zip(within).map(|(differs, within)| differs.wrapping_sub(LOW) & !differs & HIGH & within);
    Some(zeros.fold(0, |all, zeros| all | zeros))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whole_rows_say_the_same_as_single_places(
            before in "[ab]{0,9}", row in "[abc]{0,20}|[b-e]{60,140}a?b?", behind in "[ab]{0,80}", word in "[abc]{1,4}",
        ) {
            let mut bytes = [before.as_bytes(), &[0xff], row.as_bytes(), &[0xff], behind.as_bytes()].concat();
            let place = before.len() + 1..before.len() + 1 + row.len();
            for _ in 0..2 {
                let found = match *word.as_bytes() {
                    [a] => has(&bytes, place.clone(), [a]),
                    [a, b] => has(&bytes, place.clone(), [a, b]),
                    [a, b, c] => has(&bytes, place.clone(), [a, b, c]),
                    [a, b, c, d] => has(&bytes, place.clone(), [a, b, c, d]),
                    _ => None,
                };
                prop_assert!(found.is_none() || found == Some(row.contains(&word)));
                bytes.extend([0xff; WINDOW + 4]);
            }
            prop_assert!(has(&bytes, place, [b'a']).is_some());
        }
    }
}
