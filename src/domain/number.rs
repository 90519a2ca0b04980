//! Row numbers are 32 bits wide where they are kept, and as wide as the machine where they are used.

/// Returns a kept number as an index.
#[inline]
pub(crate) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns an index as it is kept. What does not fit is the largest number, which is no row's.
#[inline]
pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
