//! As much of JSON Schema (2020-12) as `assets/backends/schema.json` uses.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use regex::Regex;
use serde_json::Value;

/// The words of a schema that are known here, besides those that only explain.
const KNOWN: [&str; 26] = [
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "default",
    "dependentRequired",
    "else",
    "enum",
    "if",
    "items",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "propertyNames",
    "required",
    "then",
    "type",
];

/// A schema, and where its definitions stand.
#[derive(Clone, Copy)]
pub(super) struct Schema<'s> {
    root: &'s Value,
    at: &'s Value,
}

impl<'s> Schema<'s> {
    pub(super) fn new(root: &'s Value) -> Self {
        Self { root, at: root }
    }

    fn to(self, at: &'s Value) -> Self {
        Self { at, ..self }
    }

    fn word(self, word: &str) -> Option<Self> {
        Some(self.to(self.at.get(word)?))
    }

    fn each(self, word: &str) -> impl Iterator<Item = Self> {
        self.at.get(word).and_then(Value::as_array).into_iter().flatten().map(move |at| self.to(at))
    }

    /// Follows a reference.
    fn resolved(self) -> Self {
        match self.at.get("$ref").and_then(Value::as_str) {
            None => self,
            Some(target) => {
                let pointer = target.strip_prefix('#').expect("within this file");
                self.to(self.root.pointer(pointer).expect(target)).resolved()
            }
        }
    }

    /// Tells whether a value is as described.
    pub(super) fn takes(self, value: &Value) -> bool {
        let this = self.resolved();
        let Value::Object(words) = this.at else { return this.at == &Value::Bool(true) };
        words.iter().all(|(word, rule)| this.holds(word, rule, value))
    }

    fn holds(self, word: &str, rule: &Value, value: &Value) -> bool {
        let count = |found: usize| rule.as_u64().is_some_and(|limit| found as u64 >= limit);
        let most = |found: usize| rule.as_u64().is_some_and(|limit| found as u64 <= limit);
        let object = value.as_object();
        match word {
            "type" => is_of_type(rule.as_str().expect("a type"), value),
            "const" => value == rule,
            "enum" => rule.as_array().expect("a list").contains(value),
            "pattern" => value.as_str().is_none_or(|text| fits(rule.as_str().expect("a pattern"), text)),
            "minLength" => value.as_str().is_none_or(|text| count(text.chars().count())),
            "maxLength" => value.as_str().is_none_or(|text| most(text.chars().count())),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().expect("a number")),
            "minItems" => value.as_array().is_none_or(|items| count(items.len())),
            "minProperties" => object.is_none_or(|members| count(members.len())),
            "maxProperties" => object.is_none_or(|members| most(members.len())),
            "items" => value.as_array().is_none_or(|items| items.iter().all(|item| self.to(rule).takes(item))),
            "required" => object.is_none_or(|members| names(rule).all(|name| members.contains_key(name))),
            "dependentRequired" => object.is_none_or(|members| {
                let there = rule.as_object().expect("an object").iter().filter(|(name, _)| members.contains_key(*name));
                there.flat_map(|(_, needed)| names(needed)).all(|name| members.contains_key(name))
            }),
            "propertyNames" => {
                object.is_none_or(|members| members.keys().all(|name| self.to(rule).takes(&Value::from(name.as_str()))))
            }
            "properties" | "additionalProperties" => {
                object.is_none_or(|members| members.iter().all(|(name, value)| self.member_fits(word, name, value)))
            }
            "anyOf" => self.each(word).any(|part| part.takes(value)),
            "oneOf" => self.each(word).filter(|part| part.takes(value)).count() == 1,
            "not" => !self.to(rule).takes(value),
            "if" => {
                let branch = if self.to(rule).takes(value) { "then" } else { "else" };
                self.word(branch).is_none_or(|part| part.takes(value))
            }
            "then" | "else" | "default" | "$defs" | "$schema" | "$id" | "title" | "description" => true,
            other => unreachable!("the schema has {other}, which is not known here"),
        }
    }

    fn member_fits(self, word: &str, name: &str, value: &Value) -> bool {
        let described = self.word("properties").and_then(|properties| properties.word(name));
        match (word, described) {
            ("properties", Some(part)) => part.takes(value),
            ("properties", None) | (_, Some(_)) => true,
            (_, None) => self.word("additionalProperties").is_none_or(|part| part.takes(value)),
        }
    }

    /// Returns the keys of a table, of all its forms where it has several; `None` where any may stand.
    pub(super) fn keys(self) -> Option<BTreeSet<String>> {
        let this = self.resolved();
        if this.at.get("additionalProperties") == Some(&Value::Bool(false)) {
            let keys = this.at["properties"].as_object().expect("an object").keys();
            return Some(keys.cloned().collect());
        }
        let forms: Vec<_> = this.each("oneOf").chain(this.each("anyOf")).filter_map(Self::keys).collect();
        (!forms.is_empty()).then(|| forms.into_iter().flatten().collect())
    }

    /// Returns what describes a member or an element.
    pub(super) fn inside(self, step: &Step, value: &Value) -> Option<Self> {
        let this = self.resolved();
        let found = match step {
            Step::Key(name) => {
                let named = this.word("properties").and_then(|properties| properties.word(name));
                named.or_else(|| this.word("additionalProperties").filter(|part| part.at.is_object()))
            }
            Step::Index(_) => this.word("items"),
        };
        let forms = || this.each("oneOf").chain(this.each("anyOf"));
        found.or_else(|| forms().filter(|form| form.takes(value)).find_map(|form| form.inside(step, value)))
    }
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn is_of_type(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        other => unreachable!("the schema has the type {other}, which is not known here"),
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    thread_local! {
        /// Reading a pattern takes longer than using it.
        static READ: RefCell<HashMap<String, Regex>> = RefCell::default();
    }
    READ.with_borrow_mut(|read| {
        let found = read.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).expect(pattern));
        found.is_match(text)
    })
}

#[test]
fn the_words_of_a_schema_mean_what_they_do_elsewhere() {
    use serde_json::json;
    for (schema, lawful, unlawful) in [
        (json!({"type": "string", "minLength": 1, "maxLength": 2, "pattern": "^é"}), json!("éa"), json!("éab")),
        (json!({"type": "integer", "minimum": 1, "maximum": 3}), json!(3), json!(4)),
        (json!({"enum": [1, "a"]}), json!("a"), json!("b")),
        (json!({"properties": {"a": {"const": 1}}, "additionalProperties": false}), json!({"a": 1}), json!({"b": 1})),
        (json!({"propertyNames": {"pattern": "^a"}}), json!({"ab": 1}), json!({"b": 1})),
        (json!({"required": ["a"], "dependentRequired": {"b": ["c"]}}), json!({"a": 1}), json!({"a": 1, "b": 1})),
        (json!({"items": {"type": "array", "minItems": 1}}), json!([[1]]), json!([[]])),
        (json!({"oneOf": [{"type": "string"}, {"const": "a"}]}), json!("b"), json!("a")),
        (json!({"anyOf": [{"type": "string"}, {"const": 7}]}), json!(7), json!(8)),
        (json!({"not": {"required": ["a"]}}), json!({}), json!({"a": 1})),
        (json!({"if": {"const": 1}, "then": {"const": 2}, "else": {"type": "boolean"}}), json!(true), json!(1)),
        (json!({"minProperties": 1, "maxProperties": 1}), json!({"a": 1}), json!({"a": 1, "b": 2})),
        (json!({"$defs": {"x": {"type": "boolean"}}, "$ref": "#/$defs/x"}), json!(true), json!("true")),
    ] {
        assert!(Schema::new(&schema).takes(&lawful), "{schema}: {lawful}");
        assert!(!Schema::new(&schema).takes(&unlawful), "{schema}: {unlawful}");
        assert!(schema.as_object().expect("an object").keys().all(|word| KNOWN.contains(&word.as_str())));
    }
}
