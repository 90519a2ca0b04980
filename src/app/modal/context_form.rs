//! The form of a new context: which backend, where it is, and what its description asks for.

use std::path::PathBuf;

use crate::app::effect::NewContext;
use crate::app::field::{Field, HiddenField};
use crate::app::key::{Code, Key, Stroke};
use crate::domain::{ContextName, Offer, Secret, fold};

/// The form of a new context.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextForm {
    /// The backends that there are descriptions of; empty until they have been looked for.
    pub offers: Vec<Offer>,
    /// What narrows them.
    pub filter: Field,
    /// The one that the form is about: an index into `offers`.
    pub chosen: usize,
    /// The context's name.
    pub name: Field,
    /// The base URL.
    pub url: Field,
    /// The file with the certificates of the backend's authority; empty for the system's.
    pub ca_file: Field,
    /// What the description asks for, in its order.
    pub params: Vec<Field>,
    /// The credential, hidden.
    pub credential: HiddenField,
    /// What is typed besides, hidden, in the order of the description.
    pub inputs: Vec<HiddenField>,
    /// The field that keys go to.
    pub focus: FormField,
    /// What is wrong with the form; empty for nothing.
    pub said: String,
}

/// The fields of the form, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormField {
    /// The backend.
    Backend,
    /// The context's name.
    Name,
    /// The base URL.
    Url,
    /// The CA file.
    CaFile,
    /// A parameter of the description, by its place.
    Param(usize),
    /// The credential.
    Credential,
    /// Something that is typed besides, by its place in the description.
    Input(usize),
    /// The button.
    Submit,
}

/// What a key came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    /// It is done with.
    Taken,
    /// The form is to be sent.
    Submitted,
}

impl Default for ContextForm {
    fn default() -> Self {
        Self {
            offers: Vec::new(),
            filter: Field::default(),
            chosen: 0,
            name: Field::with("main"),
            url: Field::with("https://"),
            ca_file: Field::default(),
            params: Vec::new(),
            credential: HiddenField::default(),
            inputs: Vec::new(),
            focus: FormField::Backend,
            said: String::new(),
        }
    }
}

impl ContextForm {
    /// Takes the backends that there are.
    pub fn offer_all(&mut self, offers: Vec<Offer>) {
        self.offers = offers;
        self.choose(0);
    }

    /// Returns the backend that the form is about; `None` before there are any.
    pub fn offer(&self) -> Option<&Offer> {
        self.offers.get(self.chosen)
    }

    /// Returns the backends whose name or title has all words of the filter in it, as indices.
    pub fn shown(&self) -> Vec<usize> {
        let text = fold(self.filter.text());
        let fits = |offer: &Offer| {
            let all = fold(&format!("{} {}", offer.name, offer.title));
            text.split_whitespace().all(|word| all.contains(word))
        };
        (0..self.offers.len()).filter(|index| fits(&self.offers[*index])).collect()
    }

    /// Returns the fields, in order.
    pub fn fields(&self) -> Vec<FormField> {
        let before = [FormField::Backend, FormField::Name, FormField::Url, FormField::CaFile];
        let params = (0..self.params.len()).map(FormField::Param);
        let inputs = (0..self.inputs.len()).map(FormField::Input);
        let between = [FormField::Credential];
        before.into_iter().chain(params).chain(between).chain(inputs).chain([FormField::Submit]).collect()
    }

    /// Takes a key.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text, or nothing")]
    pub(super) fn press(&mut self, key: Key) -> Pressed {
        self.said.clear();
        let is_choice = self.focus == FormField::Backend;
        match key.code {
            Code::Enter if self.focus == FormField::Submit => {
                // A key that is held down went through the fields, and stops here.
                return if key.stroke == Stroke::Press { Pressed::Submitted } else { Pressed::Taken };
            }
            Code::Down if is_choice => self.step(1),
            Code::Up if is_choice => self.step(-1),
            Code::PageDown if is_choice => self.step(5),
            Code::PageUp if is_choice => self.step(-5),
            Code::Tab | Code::Down | Code::Enter => self.turn(1),
            Code::BackTab | Code::Up => self.turn(self.fields().len() - 1),
            _ => self.edit(|place| match place {
                Place::Open(field) => _ = field.press(key),
                Place::Hidden(field) => _ = field.press(key),
                Place::None => {}
            }),
        }
        Pressed::Taken
    }

    /// Takes pasted text into the field that has the keys.
    pub(super) fn paste(&mut self, text: &Secret) {
        self.edit(|place| match place {
            Place::Open(field) => field.paste(text.expose().trim()),
            Place::Hidden(field) => field.paste(text),
            Place::None => {}
        });
    }

    /// Returns what was typed as a context.
    pub(super) fn read(&mut self) -> Result<NewContext, String> {
        let Offer { name: backend, params, inputs, .. } = self.settled()?.clone();
        let name = ContextName::parse(self.name.text().trim()).map_err(|error| error.to_string())?;
        let url = self.url.text().trim().to_owned();
        if !url.starts_with("https://") || url.len() <= "https://".len() {
            return Err("the URL begins with https:// and names a host".to_owned());
        }
        let typed = |field: &Field| Some(field.text().trim().to_owned()).filter(|text| !text.is_empty());
        let values: Vec<Option<String>> = self.params.iter().map(typed).collect();
        for (param, value) in params.iter().zip(&values) {
            if param.required && param.default.is_none() && value.is_none() {
                return Err(format!("{} is needed: {}", param.name, param.about));
            }
        }
        if self.credential.is_empty() {
            return Err("a credential is needed for the test call".to_owned());
        }
        for (input, field) in inputs.iter().zip(&self.inputs) {
            if input.required && field.is_empty() {
                return Err(format!("{} is needed: {}", input.name, input.about));
            }
        }
        let there = inputs.iter().zip(&mut self.inputs).filter(|(_, field)| !field.is_empty());
        Ok(NewContext {
            name,
            backend,
            url,
            ca_file: typed(&self.ca_file).map(PathBuf::from),
            params: params
                .iter()
                .zip(values)
                .filter_map(|(param, value)| Some((param.name.to_string(), value?)))
                .collect(),
            inputs: there.map(|(input, field)| (input.name.clone(), field.take())).collect(),
            credential: self.credential.take(),
        })
    }

    /// Puts back what was hidden in a context that could not be tried out: nothing is wrong with it.
    pub(super) fn type_again(&mut self, new: &NewContext) {
        self.credential.paste(&new.credential);
        let inputs = self.offers.get(self.chosen).map(|offer| offer.inputs.clone()).unwrap_or_default();
        for (input, field) in inputs.iter().zip(&mut self.inputs) {
            if let Some(secret) = new.inputs.get(&input.name) {
                field.paste(secret);
            }
        }
    }

    /// Returns the chosen backend, once it is one that can be used.
    fn settled(&self) -> Result<&Offer, String> {
        let shown = self.shown();
        let offer = self.offer().filter(|_| shown.contains(&self.chosen)).ok_or("no backend has that in its name")?;
        match &offer.closed {
            None => Ok(offer),
            Some(why) => Err(format!("{} cannot be used: {why}", offer.name)),
        }
    }

    /// Goes to another field. From the backend only once there is one, since it says which fields there are.
    fn turn(&mut self, by: usize) {
        if self.focus == FormField::Backend {
            if let Err(said) = self.settled() {
                self.said = said;
                return;
            }
            self.filter.clear();
        }
        let fields = self.fields();
        let at = fields.iter().position(|field| *field == self.focus).unwrap_or(0);
        self.focus = fields[(at + by) % fields.len()];
    }

    /// Changes the text that has the keys. Where it narrows the backends, the first that can be used is chosen.
    fn edit(&mut self, change: impl FnOnce(Place<'_>)) {
        let before = self.filter.text().to_owned();
        change(self.place());
        if before != self.filter.text() {
            let shown = self.shown();
            let open = shown.iter().find(|index| self.offers[**index].closed.is_none());
            if let Some(first) = open.or(shown.first()).filter(|first| **first != self.chosen) {
                self.choose(*first);
            }
        }
    }

    /// Moves the choice among the backends shown.
    fn step(&mut self, by: isize) {
        let shown = self.shown();
        let Some(last) = shown.len().checked_sub(1) else { return };
        let at = shown.iter().position(|index| *index == self.chosen).unwrap_or(0);
        let at = at.saturating_add_signed(by).min(last);
        if shown[at] != self.chosen {
            self.choose(shown[at]);
        }
    }

    /// Makes the form one for another backend: what was typed for the one before is not for it.
    fn choose(&mut self, chosen: usize) {
        self.chosen = chosen;
        let (params, inputs) = self.offer().map_or((0, 0), |offer| (offer.params.len(), offer.inputs.len()));
        self.params = vec![Field::default(); params];
        self.inputs = vec![HiddenField::default(); inputs];
        self.credential.clear();
    }

    fn place(&mut self) -> Place<'_> {
        match self.focus {
            FormField::Backend => Place::Open(&mut self.filter),
            FormField::Name => Place::Open(&mut self.name),
            FormField::Url => Place::Open(&mut self.url),
            FormField::CaFile => Place::Open(&mut self.ca_file),
            FormField::Param(at) => self.params.get_mut(at).map_or(Place::None, Place::Open),
            FormField::Credential => Place::Hidden(&mut self.credential),
            FormField::Input(at) => self.inputs.get_mut(at).map_or(Place::None, Place::Hidden),
            FormField::Submit => Place::None,
        }
    }
}

/// Where text goes.
enum Place<'f> {
    Open(&'f mut Field),
    Hidden(&'f mut HiddenField),
    None,
}
