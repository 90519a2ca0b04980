//! One pass over a text and the lists, off the loop.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Finding, Hit, How, Says};
use crate::app::inventory::Inventory;
use crate::domain::shape::{Beginning, Candidate, Digest, FEWEST, Looks, May, Shown, ValueForm, extract, visible};
use crate::domain::{ContextName, Secret, TokenId, TokenKey};

/// How long a word is at least that may be an id.
const ID: usize = 10;
/// The most tokens that are told for one value.
const MOST_HITS: usize = 100;

/// A text that is looked through, and what it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct LookJob {
    /// What was pasted.
    pub text: Arc<Secret>,
    /// The rows of all contexts.
    pub inventory: Inventory,
    /// The contexts.
    pub places: Vec<Place>,
}

/// A context, as far as values are compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: ContextName,
    /// The service, by its own name.
    pub title: String,
    /// What its values look like, and what its list tells of them.
    pub form: ValueForm,
    /// What its list can say of a value that it does not hold.
    pub says: Says,
}

/// What a text held.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Looked {
    /// What may be a secret.
    pub findings: Vec<Finding>,
    /// Whether there was more than is taken.
    pub cut: bool,
}

impl LookJob {
    /// Looks through the text, and compares what it holds.
    pub fn run(&self) -> Looked {
        let of = |place: &Place| {
            let title = place.title.clone();
            place.form.begins.clone().into_iter().map(move |text| Beginning { text, title: title.clone() })
        };
        let beginnings: Vec<Beginning> = self.places.iter().flat_map(of).collect();
        let extract = extract(&self.text, &beginnings);
        let named = extract.candidates.len();
        let mut subjects: Vec<Subject> =
            extract.candidates.into_iter().chain(extract.words).map(Subject::from).collect();
        for place in &self.places {
            self.by_id(place, &mut subjects, named);
            self.by_masked(place, &mut subjects, named);
        }
        // A word that no list knows is nothing.
        let cut = extract.cut || subjects.iter().any(|subject| subject.more);
        let is_finding = |(at, subject): &(usize, Subject)| *at < named || !subject.hits.is_empty();
        let kept = subjects.into_iter().enumerate().filter(is_finding);
        let findings = kept.map(|(at, subject)| self.finding(subject, at < named)).collect();
        Looked { findings, cut }
    }

    fn finding(&self, subject: Subject, is_candidate: bool) -> Finding {
        let Subject { candidate, mut hits, .. } = subject;
        hits.sort_by(|one, other| one.how.cmp(&other.how).then_with(|| one.token.cmp(&other.token)));
        let mut seen: Vec<TokenKey> = Vec::new();
        hits.retain(|hit| {
            !seen.contains(&hit.token) && {
                seen.push(hit.token.clone());
                true
            }
        });
        let mut places: Vec<(May, ContextName, Says)> = Vec::new();
        for place in self.places.iter().filter(|_| is_candidate) {
            places.push((place.form.may_have(&candidate), place.name.clone(), place.says));
        }
        places.retain(|(may, ..)| *may != May::No);
        places.sort_by_key(|(may, ..)| super::rank(*may));
        let places = places.into_iter().map(|(_, name, says)| (name, says)).collect();
        Finding { candidate, hits, places, asked: Vec::new(), ends: Vec::new() }
    }

    /// Finds tokens whose id stands in a value, is its hash, or is what was pasted.
    fn by_id(&self, place: &Place, subjects: &mut [Subject], named: usize) {
        for (at, subject) in subjects.iter_mut().enumerate() {
            let candidate = &subject.candidate;
            let inside = || place.form.id_of(&candidate.value).map(|(id, digest)| (id, how(digest)));
            let inside = if at < named && place.form.may_have(candidate) != May::No { inside() } else { None };
            let web = candidate.jwt_id().map(|id| (id, How::IdInside));
            let is_long = || candidate.value.len() >= ID || named == 1;
            let is_bare = matches!(candidate.looks, Looks::Bare(_) | Looks::Unknown);
            let itself = if is_bare && is_long() { candidate.as_id().map(|id| (id, How::IsId)) } else { None };
            let found: Vec<Hit> = [inside, web, itself]
                .into_iter()
                .flatten()
                .filter_map(|(id, how)| Some(Hit { token: self.key(&place.name, &id)?, how }))
                .collect();
            for hit in found {
                subject.add(hit);
            }
        }
    }

    fn key(&self, name: &ContextName, id: &TokenId) -> Option<TokenKey> {
        let row = self.inventory.find_id(name, id.raw())?;
        self.inventory.key(row)
    }

    /// Finds tokens whose masked value agrees: one pass over the rows, each looked up by what it shows.
    fn by_masked(&self, place: &Place, subjects: &mut [Subject], named: usize) {
        if place.form.shown == Shown::Nothing {
            return;
        }
        let how = if place.form.shown == Shown::Unique { How::Unique } else { How::Masked };
        let may = |at: usize, subject: &Subject| match place.form.may_have(&subject.candidate) {
            May::Yes => true,
            May::Maybe => at < named,
            May::No => false,
        };
        let mut sorted: Vec<usize> = (0..subjects.len()).filter(|at| may(*at, &subjects[*at])).collect();
        if sorted.is_empty() {
            return;
        }
        sorted.sort_by(|one, other| subjects[*one].candidate.order(&subjects[*other].candidate));
        let mut by_end: HashMap<[u8; FEWEST], Vec<usize>> = HashMap::new();
        for at in &sorted {
            if let Some(end) = subjects[*at].candidate.ends() {
                by_end.entry(end).or_default().push(*at);
            }
        }
        let mut found: Vec<(usize, TokenKey)> = Vec::new();
        self.inventory.for_each_of(&place.name, |row| {
            let Some(masked) = row.masked() else { return };
            let Some((begin, end)) = visible(masked.raw()) else { return };
            if begin.len() + end.len() < FEWEST {
                return;
            }
            let fits = |at: &&usize| subjects[**at].candidate.fits(begin, end);
            if let Some(last) = end.as_bytes().last_chunk::<FEWEST>() {
                let alike = by_end.get(last).into_iter().flatten().filter(fits);
                return found.extend(alike.map(|at| (*at, row.key())));
            }
            let from = sorted.partition_point(|at| subjects[*at].candidate.compare(begin).is_lt());
            let alike = sorted[from..].iter().take_while(|at| subjects[**at].candidate.compare(begin).is_eq());
            found.extend(alike.filter(fits).map(|at| (*at, row.key())));
        });
        for (at, token) in found {
            subjects[at].add(Hit { token, how: how.clone() });
        }
    }
}

fn how(digest: Option<Digest>) -> How {
    digest.map_or(How::IdInside, |digest| How::Hash(digest.words()))
}

/// A candidate or a word, with the tokens found for it.
struct Subject {
    candidate: Candidate,
    hits: Vec<Hit>,
    /// Whether there were more.
    more: bool,
}

impl From<Candidate> for Subject {
    fn from(candidate: Candidate) -> Self {
        Self { candidate, hits: Vec::new(), more: false }
    }
}

impl Subject {
    fn add(&mut self, hit: Hit) {
        self.more |= self.hits.len() >= MOST_HITS;
        if self.hits.len() < MOST_HITS {
            self.hits.push(hit);
        }
    }
}
