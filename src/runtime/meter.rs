//! The budget of a backend: what would exceed it waits. Changes go first, and lists leave room for them.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::backend::{Keys, Opened, Request, Transport};
use crate::domain::{Access, Budget, Failure, FailureKind};

/// How long a question about a single token, or a change, waits for its turn before it says so: nobody knows of it
/// meanwhile, and the program is not left before a change is over. A list waits as long as it has to.
const PATIENCE: Duration = Duration::from_secs(5);

/// A transport that keeps within a budget.
pub(super) struct Metered {
    inner: Arc<dyn Transport>,
    meter: Arc<Meter>,
}

impl Metered {
    /// Carries by another transport, within a budget.
    pub(super) fn new(inner: Arc<dyn Transport>, budget: Budget) -> Self {
        let window = Duration::from_secs(budget.seconds.into());
        Self { inner, meter: Arc::new(Meter::new(budget.requests as usize, window)) }
    }
}

impl Transport for Metered {
    fn open(&self, request: Request, keys: Keys, access: Access) -> BoxFuture<'_, Result<Opened, Failure>> {
        async move {
            let running = self.meter.admit(Class::of(&request)).await?;
            let opened = self.inner.open(request, keys, access).await;
            drop(running);
            opened
        }
        .boxed()
    }
}

/// What goes first, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// What changes something, and the login that it may need.
    Change,
    /// A question about one token, or about the credential: most are the first or the last step of a change.
    Single,
    /// A list, or what the tabs show.
    List,
}

impl Class {
    fn of(request: &Request) -> Self {
        if request.effect.changes() || request.word == "login" {
            Self::Change
        } else if matches!(request.word, "list" | "events" | "notices" | "health") {
            Self::List
        } else {
            Self::Single
        }
    }
}

/// What was sent, what is on its way, and what waits. Pure: the time is an argument.
#[derive(Debug)]
struct Ledger {
    requests: usize,
    window: Duration,
    /// What is on its way.
    running: usize,
    /// When what is over was: within the window, the oldest first. A request counts from its end, since nobody knows
    /// when the backend met it.
    over: VecDeque<Instant>,
    /// What waits, in the order in which it goes.
    waiting: BTreeSet<(Class, u64)>,
    next: u64,
}

/// What somebody who waits is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Go.
    Go,
    /// Look again then.
    At(Instant),
    /// Look again when something ends or goes.
    Later,
}

impl Ledger {
    fn new(requests: usize, window: Duration) -> Self {
        Self { requests, window, running: 0, over: VecDeque::new(), waiting: BTreeSet::new(), next: 0 }
    }

    /// Returns how many requests a class may use: a fifth is kept from lists, so that what is revoked does not wait
    /// until a list is through, and half of that from questions.
    fn limit(&self, class: Class) -> usize {
        let kept = self.requests.div_ceil(5).min(self.requests - 1);
        match class {
            Class::Change => self.requests,
            Class::Single => self.requests - kept / 2,
            Class::List => self.requests - kept,
        }
    }

    fn join(&mut self, class: Class) -> (Class, u64) {
        self.next += 1;
        self.waiting.insert((class, self.next));
        (class, self.next)
    }

    /// Looks whether it is somebody's turn; who may go is on the way from then on.
    fn look(&mut self, who: (Class, u64), now: Instant) -> Turn {
        while self.over.front().is_some_and(|end| *end + self.window <= now) {
            self.over.pop_front();
        }
        let ahead = self.waiting.range(..who).count();
        let used = self.running + self.over.len() + ahead;
        match used.checked_sub(self.limit(who.0)) {
            None if ahead == 0 => {
                self.waiting.remove(&who);
                self.running += 1;
                Turn::Go
            }
            None => Turn::Later,
            Some(excess) => self.over.get(excess).map_or(Turn::Later, |end| Turn::At(*end + self.window)),
        }
    }

    fn end(&mut self, now: Instant) {
        self.running -= 1;
        self.over.push_back(now);
    }
}

/// The budget of one context.
struct Meter {
    ledger: Mutex<Ledger>,
    turned: Notify,
}

impl Meter {
    fn new(requests: usize, window: Duration) -> Self {
        Self { ledger: Mutex::new(Ledger::new(requests, window)), turned: Notify::new() }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    async fn admit(&self, class: Class) -> Result<Running<'_>, Failure> {
        let waiting = Waiting { meter: self, who: self.ledger().join(class) };
        let patience = (class != Class::List).then(|| Instant::now() + PATIENCE);
        loop {
            let mut turned = std::pin::pin!(self.turned.notified());
            // From here on nothing is missed that turns before it is waited for.
            turned.as_mut().enable();
            let now = Instant::now();
            let turn = self.ledger().look(waiting.who, now);
            let at = match turn {
                Turn::Go => return Ok(Running { meter: self }),
                Turn::At(at) => Some(at),
                Turn::Later => None,
            };
            if let Some(last) = patience
                && (now >= last || at.is_some_and(|at| at > last))
            {
                return Err(self.used_up(at.map(|at| at - now)));
            }
            match at.into_iter().chain(patience).min() {
                None => turned.await,
                Some(until) => tokio::select! {
                    () = turned => {}
                    () = sleep_until(until) => {}
                },
            }
        }
    }

    fn used_up(&self, wait: Option<Duration>) -> Failure {
        let ledger = self.ledger();
        let (requests, window) = (ledger.requests, ledger.window);
        let wait = wait.unwrap_or(window);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Failure::new(
            FailureKind::Busy(Some(wait)),
            format!(
                "the backend takes {requests} requests in {} s, and they are used up for {seconds} s",
                window.as_secs()
            ),
            "nothing was sent, and nothing is before then",
        )
    }
}

/// A place in the queue, given up with it.
struct Waiting<'m> {
    meter: &'m Meter,
    who: (Class, u64),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.meter.ledger().waiting.remove(&self.who);
        self.meter.turned.notify_waiters();
    }
}

/// A request on its way; over with it, whatever came of it.
struct Running<'m> {
    meter: &'m Meter,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.meter.ledger().end(Instant::now());
        self.meter.turned.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Plan, Site, catalog, encode};
    use crate::domain::{Operation, TokenId};

    const SECOND: Duration = Duration::from_secs(1);

    /// Lets whoever may go, go; returns them.
    fn go(ledger: &mut Ledger, now: Instant) -> Vec<(Class, u64)> {
        let all: Vec<_> = ledger.waiting.iter().copied().collect();
        all.into_iter().take_while(|who| ledger.look(*who, now) == Turn::Go).collect()
    }

    #[test]
    fn no_window_holds_more_than_the_budget_whoever_asks_when() {
        let start = Instant::now();
        for (requests, window) in [(1, 3), (2, 5), (5, 10), (40, 7)] {
            let mut ledger = Ledger::new(requests, SECOND * window);
            // Each request as it began and ended, by a clock that moves in tenths of a second.
            let (mut under_way, mut done) = (Vec::new(), Vec::new());
            let mut chance = 12_345_u64;
            let mut random = |most: usize| {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from(chance >> 33).unwrap_or_default() % most
            };
            for tick in 0..2000_u32 {
                let now = start + Duration::from_millis(100) * tick;
                for _ in 0..random(4) {
                    ledger.join([Class::Change, Class::Single, Class::List][random(3)]);
                }
                under_way.extend(go(&mut ledger, now).into_iter().map(|_| now));
                while !under_way.is_empty() && random(3) > 0 {
                    let begun = under_way.swap_remove(random(under_way.len()));
                    ledger.end(now);
                    done.push((begun, now));
                }
                let from = now.checked_sub(SECOND * window).unwrap_or(start);
                let met = done.iter().filter(|(_, end)| *end > from).count() + under_way.len();
                assert!(met <= requests, "{met} within {window} s, and {requests} may be");
            }
            assert!(done.len() > requests * 10, "{} went", done.len());
        }
    }

    #[test]
    fn a_change_goes_before_all_that_waits_and_finds_room_that_lists_left() {
        let start = Instant::now();
        let mut ledger = Ledger::new(10, SECOND * 60);
        for _ in 0..1000 {
            ledger.join(Class::List);
        }
        assert_eq!(go(&mut ledger, start).len(), 8, "a fifth is kept");
        let question = ledger.join(Class::Single);
        assert_eq!(go(&mut ledger, start), [question]);
        let change = ledger.join(Class::Change);
        assert_eq!(go(&mut ledger, start), [change]);
        // All is used up, and nothing ended: nobody knows when the next may go.
        let change = ledger.join(Class::Change);
        assert_eq!(ledger.look(change, start), Turn::Later);
        for _ in 0..10 {
            ledger.end(start + SECOND);
        }
        assert_eq!(ledger.look(change, start + SECOND * 2), Turn::At(start + SECOND * 61));
        assert!(go(&mut ledger, start + SECOND * 60).is_empty(), "a window after its end, not after its beginning");
        let gone = go(&mut ledger, start + SECOND * 61);
        assert_eq!((gone.first(), gone.len()), (Some(&change), 8), "first, and the lists after it");
    }

    #[test]
    fn the_smallest_budgets_let_everything_through_in_turn() {
        let start = Instant::now();
        for requests in 1..4 {
            for class in [Class::Change, Class::Single, Class::List] {
                let mut ledger = Ledger::new(requests, SECOND);
                let who = ledger.join(class);
                assert_eq!(ledger.look(who, start), Turn::Go, "{class:?} of {requests}");
            }
        }
    }

    #[test]
    fn requests_are_of_the_class_that_they_serve() {
        let plan = Plan::check("openbao", catalog::builtin("openbao").expect("built in")).expect("no mistakes");
        let site = Site::new(&plan, "https://example.org", &std::collections::BTreeMap::new()).expect("lawful");
        let class = |operation: &Operation| Class::of(&encode(&plan, &site, operation).expect("offered"));
        let id = || TokenId::parse("a").expect("lawful");
        assert_eq!(class(&Operation::Revoke(id())), Class::Change);
        assert_eq!(class(&Operation::Renew(id())), Class::Change);
        assert_eq!(class(&Operation::Get(id())), Class::Single);
        assert_eq!(class(&Operation::Whoami), Class::Single);
        assert_eq!(class(&Operation::List(None)), Class::List);
        assert_eq!(class(&Operation::List(Some(crate::domain::Cursor::of_parent("a")))), Class::List);
        assert_eq!(class(&Operation::Health), Class::List);
    }

    #[tokio::test]
    async fn who_waits_goes_when_the_window_has_moved_on() {
        let window = Duration::from_millis(20);
        let meter = Meter::new(1, window);
        let first = meter.admit(Class::List).await.expect("its turn");
        drop(first);
        let ended = Instant::now();
        let second = meter.admit(Class::List).await.expect("its turn");
        assert!(ended.elapsed() + Duration::from_millis(1) >= window, "{:?}", ended.elapsed());
        // Nobody knows when this one ends. Who gives up makes way.
        let mut given_up = Box::pin(meter.admit(Class::Change));
        assert!(given_up.as_mut().now_or_never().is_none());
        let mut third = Box::pin(meter.admit(Class::List));
        assert!(third.as_mut().now_or_never().is_none());
        drop(given_up);
        drop(second);
        assert!(third.await.is_ok());
        assert!(meter.ledger().waiting.is_empty());
    }

    #[tokio::test]
    async fn a_change_that_would_wait_long_says_so_and_is_not_sent() {
        let meter = Meter::new(1, SECOND * 300);
        drop(meter.admit(Class::List).await.expect("its turn"));
        for class in [Class::Change, Class::Single] {
            let Err(failure) = meter.admit(class).await else { panic!("it went") };
            let FailureKind::Busy(Some(wait)) = failure.kind else { panic!("{failure}") };
            assert!(wait > SECOND * 290 && wait <= SECOND * 300, "{wait:?}");
        }
        assert!(meter.ledger().waiting.is_empty());
        assert!(meter.admit(Class::List).now_or_never().is_none(), "a list waits");
    }
}
