//! A secret that is nowhere else, and the forms in which it could get somewhere.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A secret that is looked for.
pub(super) struct Canary {
    pub(super) name: &'static str,
    /// Each form, by what it is called.
    forms: Vec<(&'static str, Vec<u8>)>,
}

/// A place that was looked at, and what is there.
pub(super) struct Sink {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
}

impl Canary {
    /// Takes a token of the embedded backend: what stands before its secret part is shown, and its end may be.
    pub(super) fn of_token(name: &'static str, token: &str) -> Self {
        Self::of(name, &token[token.len() - 49..token.len() - 10])
    }

    /// Takes any text, in every form that programs are known to bring a text into.
    pub(super) fn of(name: &'static str, text: &str) -> Self {
        let each = |write: &dyn Fn(&mut String, u8)| {
            let mut form = String::new();
            text.bytes().for_each(|byte| write(&mut form, byte));
            form.into_bytes()
        };
        let mut forms = vec![
            ("as it is", text.as_bytes().to_vec()),
            ("reversed", text.bytes().rev().collect()),
            ("hexadecimal", each(&|form, byte| write!(form, "{byte:02x}").expect("text"))),
            ("HEXADECIMAL", each(&|form, byte| write!(form, "{byte:02X}").expect("text"))),
            ("percent-encoded", each(&|form, byte| write!(form, "%{byte:02X}").expect("text"))),
            ("escaped as JSON", each(&|form, byte| write!(form, "\\u{byte:04x}").expect("text"))),
            ("as numbers", each(&|form, byte| write!(form, "{byte}, ").expect("text"))),
            ("in UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ];
        // Where it begins in what was encoded is not known: each group of three may begin with it, or in it.
        for skipped in 0..3 {
            let groups = &text[skipped..skipped + (text.len() - skipped) / 3 * 3];
            forms.push(("in Base64", STANDARD_NO_PAD.encode(groups).into_bytes()));
            forms.push(("in Base64 of URLs", URL_SAFE_NO_PAD.encode(groups).into_bytes()));
        }
        Self { name, forms }
    }

    /// Returns each form, to be planted.
    pub(super) fn forms(&self) -> &[(&'static str, Vec<u8>)] {
        &self.forms
    }

    /// Returns what form of it is among some bytes; `None` where none is.
    pub(super) fn form_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let is_in = |form: &Vec<u8>| memchr::memmem::find(bytes, form).is_some();
        self.forms.iter().find(|(_, form)| is_in(form)).map(|(name, _)| *name)
    }
}

impl Sink {
    pub(super) fn new(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: content.into() }
    }
}

/// Holds that no canary is in any place.
#[track_caller]
pub(super) fn none_in(canaries: &[Canary], sinks: &[Sink]) {
    for Sink { name, content } in sinks {
        for canary in canaries {
            let form = canary.form_in(content);
            assert_eq!(form, None, "the {} is in {name}", canary.name);
        }
    }
}
