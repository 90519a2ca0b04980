//! Where the next page begins.

use percent_encoding::percent_decode_str;

use super::body::{self, Unreadable};
use crate::backend::plan::Next;
use crate::backend::pointer::Pointer;
use crate::backend::request::{Head, Response};
use crate::domain::Cursor;

/// The longest cursor taken, in bytes.
const MAX_BYTES: usize = 4096;

/// Returns the cursor of the page after the one at `asked`, which holds `rows` rows; `None` on the last one.
///
/// A header saves reading the body. Where it is not there the body is asked too: a proxy that drops the header
/// must not make a list look whole.
pub(super) fn cursor(
    next: &Next,
    response: &Response,
    asked: Option<&Cursor>,
    rows: impl FnOnce() -> Result<u64, Unreadable>,
) -> Result<Option<Cursor>, Unreadable> {
    let before = asked.map_or(0, Cursor::before);
    let number = |at: &Option<Pointer>| -> Result<Option<u64>, Unreadable> {
        let Some(pointer) = at else { return Ok(None) };
        Ok(body::find(&response.body, pointer)?.text().and_then(|text| text.parse().ok()))
    };
    let (word, before) = match next {
        Next::None => return Ok(None),
        Next::Word { header, link, body, url } => {
            match word(response, header.as_deref(), link.as_deref(), body.as_ref(), url.as_ref())? {
                Some(word) => (word, before),
                None => return Ok(None),
            }
        }
        // A page may be shorter than was asked for and not be the last: what counts is how many rows there are, or
        // else that a page is empty.
        Next::Page { first, total, pages } => {
            let page = asked.and_then(|asked| asked.raw().parse().ok()).unwrap_or(*first);
            let rows = rows()?;
            let seen = before.saturating_add(rows);
            let is_last = match (number(pages)?, number(total)?) {
                (Some(pages), _) => page.saturating_add(1) >= pages.saturating_add(*first),
                (None, Some(total)) => seen >= total,
                (None, None) => false,
            };
            if is_last || rows == 0 {
                return Ok(None);
            }
            (page.saturating_add(1).to_string(), seen)
        }
        Next::Offset { total } => {
            let rows = rows()?;
            let seen = before.saturating_add(rows);
            if rows == 0 || number(total)?.is_some_and(|total| seen >= total) {
                return Ok(None);
            }
            (seen.to_string(), seen)
        }
    };
    if word.len() > MAX_BYTES {
        return Err(Unreadable("names the next page in over 4,096 bytes".to_owned()));
    }
    Ok(Some(Cursor::onward(asked, &word, before)))
}

/// Returns the backend's own word for the next page; nothing for an empty one.
fn word(
    response: &Response,
    header: Option<&str>,
    link: Option<&str>,
    body: Option<&Pointer>,
    url: Option<&(Pointer, Box<str>)>,
) -> Result<Option<String>, Unreadable> {
    if let Some(word) = in_headers(header, link, &response.headers) {
        return Ok(Some(word));
    }
    if let Some(pointer) = body
        && let Some(word) = body::find(&response.body, pointer)?.text()
    {
        return Ok((!word.is_empty()).then(|| word.into_owned()));
    }
    // A next page that cannot be asked for must not pass for the end.
    let nameless = || Unreadable("names a next page without the parameter that the description names".to_owned());
    if link.is_some() && next_link(&response.headers).is_some() {
        return Err(nameless());
    }
    let Some((pointer, parameter)) = url else { return Ok(None) };
    let target = body::find(&response.body, pointer)?;
    let Some(target) = target.text().filter(|target| !target.is_empty()) else { return Ok(None) };
    query_parameter(&target, parameter).map(Some).ok_or_else(nameless)
}

/// Returns the cursor of the next page as far as the head of an answer tells it.
pub(super) fn cursor_in_head(next: &Next, head: &Head, asked: Option<&Cursor>) -> Option<Cursor> {
    let Next::Word { header, link, .. } = next else { return None };
    let found = in_headers(header.as_deref(), link.as_deref(), &head.headers);
    let found = found.filter(|text| text.len() <= MAX_BYTES)?;
    Some(Cursor::onward(asked, &found, asked.map_or(0, Cursor::before)))
}

fn in_headers(named: Option<&str>, link: Option<&str>, headers: &[(Box<str>, Box<str>)]) -> Option<String> {
    let found = named.and_then(|name| all(headers, name).next()).filter(|text| !text.is_empty()).map(str::to_owned);
    let linked = |parameter| query_parameter(next_link(headers)?, parameter);
    found.or_else(|| link.and_then(linked)).filter(|text| !text.is_empty())
}

/// Returns every header of a name: some services write one Link header for each relation.
fn all<'h>(headers: &'h [(Box<str>, Box<str>)], name: &str) -> impl Iterator<Item = &'h str> {
    headers.iter().filter(move |(found, _)| **found == *name).map(|(_, value)| &**value)
}

/// Returns the target of the Link header's `rel="next"` (RFC 8288).
///
/// Only a parameter of it is taken, never the whole: where a request goes is the plan's to say.
fn next_link(headers: &[(Box<str>, Box<str>)]) -> Option<&str> {
    for header in all(headers, "link") {
        let mut rest = header;
        while let Some((target, after)) = rest.split_once('<').and_then(|(_, after)| after.split_once('>')) {
            let (about, others) = after.split_at(end_of_link(after));
            let is_next = about.split(';').filter_map(|part| part.split_once('=')).any(|(name, value)| {
                let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
                name.trim().eq_ignore_ascii_case("rel") && relations.any(|word| word.eq_ignore_ascii_case("next"))
            });
            if is_next {
                return Some(target);
            }
            rest = others;
        }
    }
    None
}

/// Returns where a link's parameters end: at a comma that is not quoted.
fn end_of_link(text: &str) -> usize {
    let mut quoted = false;
    let end = text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    end.unwrap_or(text.len())
}

/// Returns a query parameter of a URL, or of a part of one.
fn query_parameter(target: &str, parameter: &str) -> Option<String> {
    let query = target.split_once('?')?.1;
    let pairs = query.split('#').next()?.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| *name == parameter)?;
    percent_decode_str(value).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_tells_the_next_page_without_the_body() {
        let next = Next::Word { header: Some("x-next".into()), link: Some("cursor".into()), body: None, url: None };
        for (name, value, found) in [
            ("x-next", "c7", Some("c7")),
            ("x-next", "", None),
            ("link", "</p?cursor=3>; rel=next", Some("3")),
            ("link", "</p?cursor=3>; rel=prev", None),
            ("etag", "c7", None),
        ] {
            let head = Head { status: 200, headers: vec![(name.into(), value.into())] };
            let cursor = cursor_in_head(&next, &head, None);
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
            (r#"</p?cursor=3>; rel="next", </p?cursor=9>; rel="last""#, Some("3")),
            (r#"</p?cursor=1>; rel="self"; title="a, <b>", </p?cursor=3>; rel="up next""#, Some("3")),
            (r#"</p?cursor=1>; rel="prev""#, None),
            (r#"</p>; rel="next""#, None),
            ("", None),
            ("<", None),
            ("<?cursor=%ff>; rel=next", None),
        ] {
            let found = found.map(str::to_owned);
            let next = |headers: &[_]| query_parameter(next_link(headers)?, "cursor");
            assert_eq!(next(&[("link".into(), header.into())]), found, "{header}");
            let two = ["</p?cursor=1>; rel=\"self\"", header].map(|header| ("link".into(), header.into()));
            assert_eq!(next(&two), found, "{header}, as the second one");
        }
    }

    #[test]
    fn a_next_link_that_cannot_be_followed_is_not_the_end() {
        let next = Next::Word { header: None, link: Some("cursor".into()), body: None, url: None };
        for (header, is_end) in [(r#"</p?page=2>; rel="next""#, false), (r#"</p?page=2>; rel="prev""#, true)] {
            let response = Response {
                status: 200,
                headers: vec![("link".into(), header.into())],
                body: b"[]".to_vec().into(),
                latency: std::time::Duration::ZERO,
                date: None,
                tls: None,
            };
            assert_eq!(cursor(&next, &response, None, || Ok(0)) == Ok(None), is_end, "{header}");
        }
    }
}
