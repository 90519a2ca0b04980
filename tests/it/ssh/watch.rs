//! A process that is no child of the test: when it ends, and how much it does until then.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};
use std::{
    fs,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

/// Ticks of the processor's time in a second, as Linux tells them on every machine.
const TICKS: u32 = 100;

/// A process that is looked at until it ends, and ended with the test.
pub(super) struct Watched {
    pid: Pid,
    end: OwnedFd,
}

/// How a process went on until its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) after: Duration,
    /// The processor's time that it took meanwhile.
    pub(super) busy: Duration,
}

impl Watched {
    pub(super) fn new(pid: Pid) -> Self {
        Self { pid, end: pidfd_open(pid, PidfdFlags::empty()).expect("a process") }
    }

    /// Tells whether it ends within this time.
    pub(super) fn ends_within(&self, time: Duration) -> bool {
        let time = Timespec::try_from(time).expect("short");
        let mut polled = [PollFd::new(&self.end, PollFlags::IN)];
        poll(&mut polled, Some(&time)).expect("waited") > 0
    }

    pub(super) fn signal(&self, signal: Signal) {
        pidfd_send_signal(&self.end, signal).expect("a signal");
    }

    /// Waits for its end since a moment.
    #[track_caller]
    pub(super) fn ended(&self, since: Instant, limit: Duration) -> Ended {
        let before = self.busy().unwrap_or_default();
        let mut busy = before;
        while !self.ends_within(Duration::from_millis(20)) {
            busy = self.busy().unwrap_or(busy);
            assert!(since.elapsed() < limit, "it goes on {limit:?} after the end of its terminal");
        }
        let after = since.elapsed();
        Ended { after, busy: self.busy().unwrap_or(busy).saturating_sub(before) }
    }

    /// The processor's time that it took so far; nothing once it is gone.
    fn busy(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        // The name, in brackets, may hold blanks. The fields behind it begin with the third.
        let (_, fields) = stat.rsplit_once(") ")?;
        let ticks: u32 = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
        Some(Duration::from_secs(1) * ticks / TICKS)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It has usually ended.
        if !self.ends_within(Duration::ZERO) {
            let _ = pidfd_send_signal(&self.end, Signal::KILL);
        }
    }
}
