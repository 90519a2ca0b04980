//! How a moment is written into a request.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Filling;
use crate::backend::mistake::Wrong;
use crate::domain::Expiry;

/// How a moment is written, and how "never" is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Moment {
    form: Form,
    /// The spelling of "never"; `None` for `null` in JSON, and nothing elsewhere.
    never: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `2026-01-31T14:00:00Z`.
    Rfc3339,
    /// `2026-01-31T14:00:00`, in UTC.
    Utc,
    /// `2026-01-31`.
    Date,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMillis,
    /// Seconds from now.
    Seconds,
    /// Whole days from now.
    Days,
    /// Seconds from now, as `3600s`.
    Duration,
}

impl Form {
    const NAMES: [(&'static str, Self); 8] = [
        ("rfc3339", Self::Rfc3339),
        ("utc", Self::Utc),
        ("date", Self::Date),
        ("unix", Self::Unix),
        ("unix_ms", Self::UnixMillis),
        ("seconds", Self::Seconds),
        ("days", Self::Days),
        ("duration", Self::Duration),
    ];
}

impl Moment {
    /// Reads `FORM` or `FORM|NEVER`; RFC 3339 where the form is empty.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let (form, never) = text.split_once('|').map_or((text, None), |(form, never)| (form, Some(never.into())));
        let name = if form.is_empty() { "rfc3339" } else { form };
        let names = Form::NAMES.iter().map(|(name, _)| *name);
        let found = Form::NAMES.iter().find(|(known, _)| *known == name).map(|(_, form)| *form);
        let form = found.ok_or_else(|| {
            let lawful = names.collect::<Vec<_>>().join(", ");
            Wrong::new(format!("\"{name}\" is no way to write a moment"), format!("write one of {lawful}"))
        })?;
        Ok(Self { form, never })
    }

    /// Writes an expiry that is asked for at `now`; `None` where nothing is known of it.
    pub(super) fn fill<'o>(&self, expires: Expiry, now: Timestamp) -> Option<Filling<'o>> {
        match expires {
            Expiry::NotReported => None,
            Expiry::Never => Some(match &self.never {
                None => Filling::Null,
                Some(word) => word.parse().map_or_else(|_| Filling::Text(word.to_string().into()), Filling::Number),
            }),
            Expiry::At(moment) => Some(self.form.write(moment, now)),
        }
    }
}

impl Form {
    fn write<'o>(self, moment: Timestamp, now: Timestamp) -> Filling<'o> {
        // Rounded down, so that nothing lives longer than was asked for; but never to nothing, which may mean "never".
        let seconds = moment.duration_since(now).as_secs().max(1);
        match self {
            Self::Rfc3339 => Filling::Text(format!("{moment:.0}").into()),
            Self::Utc => Filling::Text(format!("{moment:.0}").trim_end_matches('Z').to_owned().into()),
            Self::Date => Filling::Text(moment.to_zoned(TimeZone::UTC).date().to_string().into()),
            Self::Unix => Filling::Number(moment.as_second()),
            Self::UnixMillis => Filling::Number(moment.as_millisecond()),
            Self::Seconds => Filling::Number(seconds),
            Self::Days => Filling::Number((seconds / 86_400).max(1)),
            Self::Duration => Filling::Text(Cow::Owned(format!("{seconds}s"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_backend_wants_them() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a moment");
        let at = Expiry::At("2026-11-24T00:00:00.9Z".parse().expect("a moment"));
        let text = |text: &'static str| Some(Filling::Text(text.into()));
        for (form, expires, written) in [
            ("", at, text("2026-11-24T00:00:00Z")),
            ("utc", at, text("2026-11-24T00:00:00")),
            ("date", at, text("2026-11-24")),
            ("unix", at, Some(Filling::Number(1_795_478_400))),
            ("unix_ms", at, Some(Filling::Number(1_795_478_400_900))),
            ("seconds", at, Some(Filling::Number(129_600))),
            ("days", at, Some(Filling::Number(1))),
            ("duration", at, text("129600s")),
            ("seconds", Expiry::At(now), Some(Filling::Number(1))),
            ("seconds", Expiry::Never, Some(Filling::Null)),
            ("seconds|0", Expiry::Never, Some(Filling::Number(0))),
            ("unix|-1", Expiry::Never, Some(Filling::Number(-1))),
            ("date|", Expiry::Never, text("")),
            ("date", Expiry::NotReported, None),
        ] {
            let moment = Moment::parse(form).expect("lawful");
            assert_eq!(moment.fill(expires, now), written, "{form} {expires:?}");
        }
        assert!(Moment::parse("soon").is_err());
    }
}
