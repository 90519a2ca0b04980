//! Work split over threads: the one place where they are started.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Returns what `work` makes of each number below `count`, in their order; each thread takes the next one as soon as
/// it is free.
pub(super) fn each<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = threads.min(count);
    if threads <= 1 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            done.push((at, work(at)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

/// Does `work` on each of some things that nobody else holds.
pub(super) fn each_of<T: Send>(threads: usize, mut things: Vec<T>, work: impl Fn(T) + Sync) {
    let work = &work;
    std::thread::scope(|scope| {
        for part in (1..threads.max(1)).rev() {
            let rest = things.split_off(things.len() * part / (part + 1));
            scope.spawn(move || rest.into_iter().for_each(work));
        }
        things.into_iter().for_each(work);
    });
}

/// Returns `parts` ranges of about the same length that together are `0..len`.
pub(super) fn ranges(len: usize, parts: usize) -> Vec<Range<usize>> {
    (0..parts).map(|part| len * part / parts..len * (part + 1) / parts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_in_order() {
        for threads in [0, 1, 2, 5] {
            assert_eq!(each(threads, 100, |at| at * 2), (0..100).map(|at| at * 2).collect::<Vec<_>>());
        }
        let joined: Vec<usize> = ranges(10, 3).into_iter().flatten().collect();
        assert_eq!(joined, (0..10).collect::<Vec<_>>());
    }
}
