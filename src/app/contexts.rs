//! What is known of each context: its credential, its health, its list.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::below::Below;
use super::effect::LoadId;
use super::inventory::Slice;
use super::own::Near;
use crate::domain::{Context, CredentialSource, Cursor, Expiry, Failure, FailureKind, Health, Identity, Progress};

/// A context and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextState {
    /// The context.
    pub context: Context,
    /// The credential.
    pub credential: Asked<CredentialSource>,
    /// Where the credential in force came from, also when it is refused; `None` before one was found.
    pub source: Option<CredentialSource>,
    /// The login that calls are sent with by now.
    pub login: LoginId,
    /// Whose it is.
    pub identity: Asked<Identity>,
    /// Which end of the credential was announced last, and how near it was; `None` for none.
    pub announced: Option<(Timestamp, Near)>,
    /// The end before a renewal whose own is not known yet; `None` for none.
    pub renewed: Option<Expiry>,
    /// How the backend is.
    pub health: Asked<Health>,
    /// How long the last answer took; `None` before the first.
    pub latency: Option<Duration>,
    /// How far the backend's clock is ahead of ours; `None` before the first answer.
    pub skew: Option<SignedDuration>,
    /// The TLS version of the connection; `None` before the first.
    pub tls: Option<String>,
    /// The list.
    pub list: List,
}

/// The number of a login of a context: an answer to a call of an older one says nothing of the credential in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LoginId(pub u64);

/// Something that a backend or an edge is asked for: four states that look different.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked<T> {
    /// Nobody asked yet.
    Not,
    /// An answer is awaited.
    Asking,
    /// It is there.
    There(T),
    /// It could not be had.
    Failed(Failure),
}

impl<T> Asked<T> {
    /// Returns what is there.
    pub const fn there(&self) -> Option<&T> {
        match self {
            Self::There(value) => Some(value),
            Self::Not | Self::Asking | Self::Failed(_) => None,
        }
    }
}

/// The list of a context: what is on screen, and what is being loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// When the rows on screen were complete, or how far they go; `None` while there are none.
    pub data_at: Option<Timestamp>,
    /// How complete they are.
    pub extent: ListExtent,
    /// The loading that is going.
    pub load: Option<Load>,
    /// Why the last loading failed; the rows on screen stay.
    pub failure: Option<Failure>,
    /// How often a token of it was made, changed or revoked from here.
    pub changes: u64,
}

/// How complete the rows on screen are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListExtent {
    /// None has come yet.
    Nothing,
    /// More are coming.
    Loading,
    /// All that the backend lists.
    Complete,
    /// Not all, with the reason.
    Partial(String),
}

/// A loading that is going.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Its number.
    pub id: LoadId,
    /// How far the pages went.
    pub progress: Progress,
    /// Whether rows appear as they come, or all at once beside those on screen.
    pub manner: Manner,
    /// Rows of a refresh, which wait for the rest, with the place of their page in the list.
    pub pages: Vec<(usize, Slice)>,
    /// Where the pages behind the first begin, in the order of the list.
    pub cursors: Vec<Cursor>,
    /// Pages that came and are not decoded yet.
    pub undecoded: usize,
    /// How many rows have come.
    pub rows: usize,
    /// How the fetching ended; `None` while it goes on.
    pub end: Option<LoadEnd>,
    /// The list's count of changes when it began: pages that were read before a change are not news.
    pub changes: u64,
    /// When it began: the rows are at least as fresh as this.
    pub began: Timestamp,
    /// The next page, which is asked for as soon as few enough are on their way; `None` while it is not known.
    pub next: Option<Cursor>,
    /// Pages that are on their way, of which it is known already what follows them.
    pub followed: Vec<Option<Cursor>>,
    /// Pages to be asked for again, and not before these moments.
    pub again: Vec<(Timestamp, Option<Cursor>)>,
    /// What is asked for the rows of a list in two steps.
    pub below: Below,
    /// How often the page was asked for.
    pub attempt: u32,
    /// Whether the refreshed list is being joined with what is on screen.
    pub joining: Joining,
}

impl Load {
    /// Returns the place in the list of the page that begins at a cursor.
    pub fn place(&self, page: Option<&Cursor>) -> usize {
        page.and_then(|page| self.cursors.iter().rposition(|cursor| cursor == page)).map_or(0, |place| place + 1)
    }

    /// Returns the rows that have come, in the order of the list.
    pub fn slices(&self) -> Vec<Slice> {
        let mut pages = self.pages.clone();
        pages.sort_by_key(|(place, _)| *place);
        pages.into_iter().map(|(_, slice)| slice).collect()
    }

    /// Returns the moment at which a page is asked for again; `None` while nothing failed.
    pub fn next_again(&self) -> Option<Timestamp> {
        self.again.iter().map(|(moment, _)| *moment).chain(self.below.next_batch()).min()
    }
}

/// Whether a refreshed list is being joined with what is on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// Not yet, or not any more.
    Not,
    /// Off the loop.
    Going,
}

/// How the rows of a loading reach the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// The first time: as they come.
    First,
    /// A refresh: all at once, so that nothing jumps.
    Refresh,
}

/// How the fetching of pages ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadEnd {
    /// With the last page.
    Complete,
    /// Before it, with the reason.
    Partial(String),
    /// With a failure.
    Failed(Failure),
}

impl List {
    /// Says that no more rows are coming where a first reading was given up for another one, which failed.
    pub(super) fn cut_short(&mut self, reason: &str) {
        if self.extent == ListExtent::Loading {
            self.extent = match self.data_at {
                Some(_) => ListExtent::Partial(reason.to_owned()),
                None => ListExtent::Nothing,
            };
        }
    }
}

impl ContextState {
    /// Makes the state of a context of which nothing is known.
    pub fn new(context: Context) -> Self {
        Self {
            context,
            credential: Asked::Not,
            source: None,
            login: LoginId::default(),
            identity: Asked::Not,
            announced: None,
            renewed: None,
            health: Asked::Not,
            latency: None,
            skew: None,
            tls: None,
            list: List { data_at: None, extent: ListExtent::Nothing, load: None, failure: None, changes: 0 },
        }
    }

    /// Returns why nothing can be asked of the backend; `None` where something can.
    pub fn closed(&self) -> Option<Failure> {
        let capabilities = &self.context.capabilities;
        let why = capabilities.closed.as_ref()?;
        let summary = format!("{} cannot be asked about its tokens", capabilities.title);
        Some(Failure::new(FailureKind::NotOffered, summary, why.trim_end_matches('.')))
    }

    /// Returns why the backend has no list; `None` where it has one, or cannot be asked at all.
    pub fn unlisted(&self) -> Option<Failure> {
        let capabilities = &self.context.capabilities;
        capabilities.unlisted.as_ref().map(|why| Failure::unlisted(&capabilities.title, why))
    }

    /// Tells whether there is a list to wait for.
    pub fn has_list(&self) -> bool {
        let capabilities = &self.context.capabilities;
        capabilities.closed.is_none() && capabilities.unlisted.is_none()
    }

    /// Tells whether the rows on screen can no longer be relied on, with the reason.
    pub fn stale(&self) -> Option<&Failure> {
        match (&self.list.failure, &self.credential) {
            (Some(failure), _) | (None, Asked::Failed(failure)) => Some(failure),
            (None, _) => None,
        }
    }

    /// Tells whether the operator's credential is missing or dead.
    pub fn needs_login(&self) -> bool {
        matches!(&self.credential, Asked::Failed(_))
            || matches!(&self.list.failure, Some(failure) if failure.kind == FailureKind::Credential)
    }

    /// Returns the step of the data's age at `now`: 0 under 1 min, then 1, 2, 3, 4 from 1, 5, 15 and 60 min.
    pub fn age_step(&self, now: Timestamp) -> usize {
        let age = self.list.data_at.map_or(SignedDuration::ZERO, |at| now.duration_since(at));
        AGE_STEPS.iter().filter(|step| age >= **step).count()
    }

    /// Returns the next moment at which the age of the data is restyled.
    pub fn next_age_step(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.list.data_at?;
        AGE_STEPS.iter().filter_map(|step| at.checked_add(*step).ok()).find(|moment| *moment > now)
    }
}

/// The ages of data at which the header is restyled.
const AGE_STEPS: [SignedDuration; 4] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_mins(60),
];
