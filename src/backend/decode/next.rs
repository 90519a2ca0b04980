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
    if let Some(word) = in_headers(header, link, |name| response.header(name)) {
        return Ok(Some(word));
    }
    if let Some(pointer) = body
        && let Some(word) = body::find(&response.body, pointer)?.text()
    {
        return Ok((!word.is_empty()).then(|| word.into_owned()));
    }
    let Some((pointer, parameter)) = url else { return Ok(None) };
    let target = body::find(&response.body, pointer)?;
    let Some(target) = target.text().filter(|target| !target.is_empty()) else { return Ok(None) };
    // A next page that cannot be asked for must not pass for the end.
    let found = query_parameter(&target, parameter);
    found
        .map(Some)
        .ok_or_else(|| Unreadable("names a next page without the parameter that the description names".to_owned()))
}

/// Returns the cursor of the next page as far as the head of an answer tells it.
pub(super) fn cursor_in_head(next: &Next, head: &Head, asked: Option<&Cursor>) -> Option<Cursor> {
    let Next::Word { header, link, .. } = next else { return None };
    let found = in_headers(header.as_deref(), link.as_deref(), |name| head.header(name));
    let found = found.filter(|text| text.len() <= MAX_BYTES)?;
    Some(Cursor::onward(asked, &found, asked.map_or(0, Cursor::before)))
}

fn in_headers<'h>(named: Option<&str>, link: Option<&str>, header: impl Fn(&str) -> Option<&'h str>) -> Option<String> {
    let found = named.and_then(&header).filter(|text| !text.is_empty());
    let found = found.map(str::to_owned).or_else(|| link_parameter(header("link")?, link?));
    found.filter(|text| !text.is_empty())
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
            return query_parameter(target, parameter);
        }
    }
    None
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
