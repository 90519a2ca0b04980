//! The backends that a context can be made for, and what each of them asks for.

/// A backend that a context can be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The name of its description, as in a context's `backend`.
    pub name: String,
    /// The service's own name.
    pub title: String,
    /// Where its interface is documented.
    pub docs: String,
    /// Why no context can be made for it; `None` where one can.
    pub closed: Option<String>,
    /// What a context has to say besides its URL.
    pub params: Vec<Param>,
    /// What the operator types besides the credential.
    pub inputs: Vec<Input>,
}

/// Something a context has to say besides its URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name in the context's `params`.
    pub name: Box<str>,
    /// What it is, in one phrase.
    pub about: Box<str>,
    /// What holds where the context does not say; `None` for nothing.
    pub default: Option<Box<str>>,
    /// Whether there has to be one.
    pub required: bool,
}

/// Something that the operator types besides the credential. It is never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name in templates.
    pub name: Box<str>,
    /// What it is, in one phrase.
    pub about: Box<str>,
    /// Whether nothing works without it.
    pub required: bool,
    /// The words of the operations that do not work without it.
    pub needed_for: Vec<Box<str>>,
}
