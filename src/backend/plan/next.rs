//! How a list goes on.

use crate::backend::description::Section;
use crate::backend::mistake::Wrong;
use crate::backend::pointer::Pointer;

use super::answer::{Next, pointer};
use super::auth::header_name;
use super::fields;

/// Reads the table `next`: exactly one way.
pub(super) fn read(section: &mut Section<'_, '_>) -> Next {
    let ways = [
        ("a word", ["header", "link", "body", "url"].iter().any(|key| section.has(key))),
        ("page", section.has("page")),
        ("offset", section.has("offset")),
    ];
    let named: Vec<_> = ways.iter().filter(|(_, there)| *there).map(|(way, _)| *way).collect();
    if named.len() != 1 {
        let found = if named.is_empty() { "none".to_owned() } else { named.join(" and ") };
        section.mistake(
            "",
            Wrong::new(
                format!("has to say one way to the next page, and says {found}"),
                "write one: { header }, { link }, { body }, { url, parameter }, { page = 1 } or { offset = 0 }",
            ),
        );
    }
    let total = section.parse("total", Pointer::parse);
    let pages = section.parse("pages", Pointer::parse);
    let counted = |section: &mut Section<'_, '_>, key: &str, at: &Option<Pointer>| {
        if at.is_some() {
            section.mistake(key, Wrong::new("has no meaning here", "it belongs to page or offset"));
        }
    };
    if section.has("page") {
        let first = section.number("page", 0..=1).unwrap_or(1);
        return Next::Page { first, total, pages };
    }
    counted(section, "pages", &pages);
    if section.has("offset") {
        section.number("offset", 0..=0);
        return Next::Offset { total };
    }
    counted(section, "total", &total);
    let url = section.has("url").then(|| pointer(section, "url"));
    let parameter: Option<Box<str>> =
        if url.is_some() { Some(section.needed("parameter", "\"page\"").into()) } else { None };
    Next::Word {
        header: section.parse("header", header_name),
        link: section.parse("link", fields::named),
        body: section.parse("body", Pointer::parse),
        url: url.zip(parameter),
    }
}
