//! Ids of tokens that belong to a parent: `PARENT/ID`, as they stand on screen and in the journal.

use std::borrow::Cow;

/// Joins a parent and the id of one of its tokens. A parent's own slashes are escaped, so that it ends at the first.
pub(super) fn join(parent: &str, id: &str) -> String {
    format!("{}/{id}", parent.replace('%', "%25").replace('/', "%2F"))
}

/// Splits what [`join`] made; `None` for an id without a parent.
pub(super) fn split(joined: &str) -> Option<(Cow<'_, str>, &str)> {
    let (parent, id) = joined.split_once('/')?;
    let parent = if parent.contains('%') {
        Cow::Owned(parent.replace("%2F", "/").replace("%25", "%"))
    } else {
        Cow::Borrowed(parent)
    };
    Some((parent, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_splits_again() {
        for (parent, id) in [("ada", "a62"), ("a/b", "1/2"), ("%2F", ""), ("", "x"), ("100%", "%2F"), ("@u:h.org", "D")]
        {
            let joined = join(parent, id);
            assert_eq!(split(&joined), Some((parent.into(), id)), "{joined}");
        }
        assert_eq!(split("alone"), None);
    }
}
