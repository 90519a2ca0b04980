//! Where the next page begins.

use percent_encoding::percent_decode_str;

use super::body::{self, Unreadable};
use crate::backend::plan::Next;
use crate::backend::request::Response;
use crate::domain::Cursor;

/// The longest cursor taken, in bytes.
const MAX_BYTES: usize = 4096;

/// Returns the cursor of the next page; `None` on the last one.
///
/// A header saves reading the body. Where it is not there the body is asked too: a proxy that drops the header
/// must not make a list look whole.
pub(super) fn cursor(next: &Next, response: &Response) -> Result<Option<Cursor>, Unreadable> {
    let from_header = next.header.as_ref().and_then(|name| response.header(name)).map(str::to_owned);
    let from_link = || link_parameter(response.header("link")?, next.link.as_ref()?);
    let found = match from_header.filter(|text| !text.is_empty()).or_else(from_link) {
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
