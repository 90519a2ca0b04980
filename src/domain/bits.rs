//! A set of row numbers, one bit each.

/// A set of the numbers below `len`, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// Returns the empty set.
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Returns the set of all numbers below `len`.
    pub fn all(len: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        bits.trim();
        bits
    }

    /// Returns the set of those below `len` that `test` holds for.
    #[inline]
    pub fn from_fn(len: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let mut bits = Self::none(len);
        for (at, word) in bits.words.iter_mut().enumerate() {
            let from = at * 64;
            let mut value = 0;
            for bit in 0..64.min(len - from) {
                value |= u64::from(test(from + bit)) << bit;
            }
            *word = value;
        }
        bits
    }

    /// Returns how many numbers could be in it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether no number could be in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns how many numbers are in it.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| usize::try_from(word.count_ones()).unwrap_or(0)).sum()
    }

    /// Tells whether a number is in it.
    #[inline]
    pub fn get(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Puts a number in; one that is too large is left out.
    #[inline]
    pub fn set(&mut self, number: usize) {
        if number < self.len {
            self.words[number / 64] |= 1 << (number % 64);
        }
    }

    /// Takes a number out.
    #[inline]
    pub fn clear(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Keeps what is in `other` too.
    pub fn and(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Adds what is in `other`.
    pub fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
        self.trim();
    }

    /// Returns the numbers that are not in it.
    #[must_use]
    pub fn inverse(mut self) -> Self {
        for word in &mut self.words {
            *word = !*word;
        }
        self.trim();
        self
    }

    /// Keeps those that `test` holds for; only the members are tested.
    #[inline]
    pub fn retain(&mut self, mut test: impl FnMut(usize) -> bool) {
        for (at, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                let keeps = test(at * 64 + usize::try_from(bit).unwrap_or(0));
                *word &= !(u64::from(!keeps) << bit);
            }
        }
    }

    /// Calls `visit` with every member, the smallest first.
    #[inline]
    pub fn for_each(&self, mut visit: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            let mut left = *word;
            if left == u64::MAX {
                (at * 64..at * 64 + 64).for_each(&mut visit);
                continue;
            }
            while left != 0 {
                visit(at * 64 + usize::try_from(left.trailing_zeros()).unwrap_or(0));
                left &= left - 1;
            }
        }
    }

    /// Appends another set behind the last number of this one.
    pub fn append(&mut self, other: &Self) {
        let shift = self.len % 64;
        self.len += other.len;
        if shift == 0 {
            self.words.extend_from_slice(&other.words);
            return;
        }
        for word in &other.words {
            if let Some(last) = self.words.last_mut() {
                *last |= word << shift;
            }
            self.words.push(word >> (64 - shift));
        }
        self.words.truncate(self.len.div_ceil(64));
    }

    /// Returns `count` numbers from `from` on, as a set that begins at 0; none where this one ends.
    #[must_use]
    pub fn part(&self, from: usize, count: usize) -> Self {
        let word = |at: usize| self.words.get(at).copied().unwrap_or(0);
        let shift = from % 64;
        let words = (0..count.div_ceil(64)).map(|at| {
            let low = word(from / 64 + at) >> shift;
            if shift == 0 { low } else { low | word(from / 64 + at + 1) << (64 - shift) }
        });
        let mut part = Self { words: words.collect(), len: count };
        part.trim();
        part
    }

    /// Clears the bits behind the last number.
    fn trim(&mut self) {
        if let (Some(last), used @ 1..) = (self.words.last_mut(), self.len % 64) {
            *last &= (1 << used) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_appends_agree_with_one_number_at_a_time() {
        let whole = Bits::from_fn(300, |number| number % 3 == 0 || number % 7 == 1);
        for cut in [0, 1, 63, 64, 65, 128, 200, 299, 300] {
            let mut joined = whole.part(0, cut);
            joined.append(&whole.part(cut, 300 - cut));
            assert_eq!(joined, whole, "{cut}");
        }
        assert_eq!(whole.part(290, 100).count(), (290..300).filter(|number| whole.get(*number)).count());
    }

    #[test]
    fn the_inverse_ends_where_the_set_does() {
        assert_eq!(Bits::none(70).inverse(), Bits::all(70));
        assert_eq!(Bits::all(70).count(), 70);
        assert_eq!(Bits::all(70).inverse().count(), 0);
    }

    #[test]
    fn retain_and_for_each_visit_members_in_order() {
        let mut bits = Bits::all(200);
        bits.retain(|number| number % 2 == 0);
        bits.clear(4);
        bits.set(5);
        bits.set(500);
        let mut seen = Vec::new();
        bits.for_each(|number| seen.push(number));
        let expected: Vec<usize> = (0..200).filter(|n| (n % 2 == 0 && *n != 4) || *n == 5).collect();
        assert_eq!(seen, expected);
    }
}
