//! Where the next page begins.

use percent_encoding::percent_decode_str;

use super::body::{self, Unreadable};
use crate::backend::plan::Next;
use crate::backend::request::{Head, Response};
use crate::domain::Cursor;

/// The longest cursor taken, in bytes.
const MAX_BYTES: usize = 4096;

/// Returns the cursor of the next page; `None` on the last one.
///
/// A header saves reading the body. Where it is not there the body is asked too: a proxy that drops the header
/// must not make a list look whole.
pub(super) fn cursor(next: &Next, response: &Response) -> Result<Option<Cursor>, Unreadable> {
    let found = match in_headers(next, |name| response.header(name)) {
        Some(text) => Some(text),
        None => match &next.body {
            Some(pointer) => body::find(&response.body, pointer)?.text().map(std::borrow::Cow::into_owned),
            None => None,
        },
    };
    match found {
        Some(text) if text.len() > MAX_BYTES => Err(Unreadable("names the next page in over 4,096 bytes".to_owned())),
        Some(text) => Ok(Cursor::new(&text)),
        None => Ok(None),
    }
}

/// Returns the cursor of the next page as far as the head of an answer tells it.
pub(super) fn cursor_in_head(next: &Next, head: &Head) -> Option<Cursor> {
    let found = in_headers(next, |name| head.header(name)).filter(|text| text.len() <= MAX_BYTES)?;
    Cursor::new(&found)
}

fn in_headers<'h>(next: &Next, header: impl Fn(&str) -> Option<&'h str>) -> Option<String> {
    let named = next.header.as_ref().and_then(|name| header(name)).filter(|text| !text.is_empty());
    named.map(str::to_owned).or_else(|| link_parameter(header("link")?, next.link.as_ref()?))
}

/// Returns a query parameter of the target of `rel="next"` in a Link header (RFC 8288).
///
/// Only the parameter is taken, never the target: where a request goes is the plan's to say.
fn link_parameter(header: &str, parameter: &str) -> Option<String> {
    for link in header.split(",<").map(|link| link.trim().trim_start_matches(['<', ','])) {
        let (target, rest) = link.split_once('>')?;
        let is_next = rest.split(';').any(|part| {
            let part: String = part.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
            part.eq_ignore_ascii_case("rel=next")
        });
        if is_next {
            let query = target.split_once('?')?.1;
            let pairs = query.split('#').next()?.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.into_iter().find(|(name, _)| *name == parameter)?;
            return percent_decode_str(value).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_tells_the_next_page_without_the_body() {
        let next = Next { header: Some("x-next".into()), link: Some("cursor".into()), body: None };
        for (name, value, found) in [
            ("x-next", "c7", Some("c7")),
            ("x-next", "", None),
            ("link", "</p?cursor=3>; rel=next", Some("3")),
            ("link", "</p?cursor=3>; rel=prev", None),
            ("etag", "c7", None),
        ] {
            let head = Head { status: 200, headers: vec![(name.into(), value.into())] };
            let cursor = cursor_in_head(&next, &head);
            assert_eq!(cursor.as_ref().map(Cursor::raw), found, "{name}: {value}");
        }
    }

    #[test]
    fn the_parameter_of_the_next_link_is_found() {
        for (header, found) in [
            (r#"</v1/tokens?limit=5&cursor=c2s>; rel="next""#, Some("c2s")),
            ("<https://elsewhere.example/x?cursor=a%2Fb>; rel=next", Some("a/b")),
            (r#"</p?cursor=1>; rel="prev",</p?cursor=3>; rel="next""#, Some("3")),
            (r#"</p?cursor=1>; rel="prev", </p?cursor=3>; rel="next""#, Some("3")),
            (r#"</p?cursor=1>; rel="prev""#, None),
            (r#"</p>; rel="next""#, None),
            ("", None),
            ("<", None),
            ("<?cursor=%ff>; rel=next", None),
        ] {
            let header = header.replace(", <", ",<");
            assert_eq!(link_parameter(&header, "cursor").as_deref(), found, "{header}");
        }
    }
}
