//! Events and notices from rows.

use super::body::{self, Unreadable};
use super::fill::Keep;
use crate::backend::plan::fields::EventFields;
use crate::backend::pointer::Pointer;
use crate::domain::{Event, EventKind, Untrusted};

/// Reads a page of events.
pub(super) fn rows(
    body: &[u8],
    items: &Pointer,
    fields: &EventFields,
    kind: EventKind,
) -> Result<Vec<Event>, Unreadable> {
    let mut events = Vec::new();
    let count = body::each_row(body, items, &fields.matcher, Keep::FieldsOnly, |row| {
        let text = |source| row.text(source).filter(|text| !text.is_empty()).map(|text| Untrusted::from(&*text));
        events.push(Event {
            kind,
            at: fields.at.as_ref().and_then(|when| when.form.read(row.first(&when.at))),
            actor: text(&fields.actor),
            action: text(&fields.action).unwrap_or_default(),
            subject: text(&fields.subject),
        });
        Ok(())
    })?;
    count.ok_or_else(|| Unreadable("has no rows where the description points".to_owned()))?;
    Ok(events)
}
