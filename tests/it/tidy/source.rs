//! A source file as tokens, with the code of tests told from the rest.

use std::collections::HashMap;

/// A source file.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Where it is, from the top of the repository, with forward slashes.
    pub(super) path: String,
    /// What stands in it.
    pub(super) text: String,
    /// The same without comments and white space.
    pub(super) tokens: Vec<Token>,
    /// Where each word stands.
    index: HashMap<String, Vec<usize>>,
}

/// A word, a sign, or a string (whose text begins with a quotation mark).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Its text.
    pub(super) text: String,
    /// Its line, counted from 1.
    pub(super) line: usize,
    /// Whose code it is.
    pub(super) code: Code,
}

/// Whose code something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// The program's.
    Program,
    /// A test's.
    Test,
}

impl Source {
    /// Reads a file. `code` says whose it is as a whole; what is compiled for tests only is a test's in any case.
    pub(super) fn new(path: &str, text: &str, code: Code) -> Self {
        let mut tokens = lex(text);
        for token in &mut tokens {
            token.code = code;
        }
        for at in 0..tokens.len() {
            if is_test_only(&tokens, at) {
                let end = end_of_item(&tokens, at);
                for token in tokens.iter_mut().take(end).skip(at) {
                    token.code = Code::Test;
                }
            }
        }
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, token) in tokens.iter().enumerate() {
            index.entry(token.text.clone()).or_default().push(at);
        }
        Self { path: path.to_owned(), text: text.to_owned(), tokens, index }
    }

    /// Returns the places where `pattern`, words and signs with blanks between them, stands. A first word that
    /// ends with `*` stands for all that begin so.
    pub(super) fn places(&self, pattern: &str) -> Vec<usize> {
        let mut wanted = pattern.split(' ');
        let first = wanted.next().unwrap_or_default();
        let rest: Vec<&str> = wanted.collect();
        let follows = |at: &usize| rest.iter().enumerate().all(|(after, word)| self.word(at + 1 + after) == *word);
        let begins = first.strip_suffix('*').filter(|begin| !begin.is_empty());
        let mut places: Vec<usize> = match begins {
            Some(begin) => {
                self.index.iter().filter(|(word, _)| word.starts_with(begin)).flat_map(|(_, at)| at).copied().collect()
            }
            None => self.index.get(first).cloned().unwrap_or_default(),
        };
        places.retain(follows);
        places.sort_unstable();
        places
    }

    /// Returns the text of a token; nothing beyond the end.
    pub(super) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    /// Counts the lines that are not a test's.
    pub(super) fn lines_of_program(&self) -> usize {
        let mut lines = self.text.lines().count();
        let mut run: Option<(usize, usize)> = None;
        for token in &self.tokens {
            run = match (token.code, run) {
                (Code::Test, None) => Some((token.line, token.line)),
                (Code::Test, Some((first, _))) => Some((first, token.line)),
                (Code::Program, Some((first, last))) => {
                    lines -= last + 1 - first;
                    None
                }
                (Code::Program, None) => None,
            };
        }
        lines - run.map_or(0, |(first, last)| last + 1 - first)
    }

    /// Returns the modules that are declared here in files of their own: name, file where one is named, whose.
    pub(super) fn modules(&self) -> Vec<(String, Option<String>, Code)> {
        let mut modules = Vec::new();
        for at in self.places("mod") {
            if self.word(at + 2) != ";" {
                continue;
            }
            let before = at.saturating_sub(5);
            let named = (before..at).find(|at| self.word(*at) == "path" && self.word(at + 1) == "=");
            let file = named.map(|at| self.word(at + 2).trim_matches('"').to_owned());
            modules.push((self.word(at + 1).to_owned(), file, self.tokens[at].code));
        }
        modules
    }
}

/// Tells whether something begins here that is compiled for tests only.
fn is_test_only(tokens: &[Token], at: usize) -> bool {
    let starts = |words: &[&str]| {
        tokens.get(at..at + words.len()).is_some_and(|there| there.iter().zip(words).all(|(t, w)| t.text == **w))
    };
    starts(&["#", "[", "cfg", "(", "test", ")", "]"]) || starts(&["#", "[", "cfg", "(", "all", "(", "test", ","])
}

/// Returns where the item that begins with an attribute at `at` is over.
fn end_of_item(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut imports = false;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "use" if depth == 0 => imports = true,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !imports {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Splits text into tokens.
fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let (length, keep) = match first {
            _ if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            _ if rest.starts_with("/*") => (comment(rest), false),
            _ if rest.starts_with("::") => (2, true),
            '"' => (string(rest), true),
            '\'' => (character(rest), true),
            _ if raw_string(rest) > 0 => (raw_string(rest), true),
            _ if is_word(first) => (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), true),
            _ => (first.len_utf8(), !first.is_whitespace()),
        };
        let (taken, after) = rest.split_at(length);
        if keep {
            // `r#loop` is the word `loop`; a raw string counts as a string.
            let shown = taken.trim_start_matches(['r', 'b', 'c', '#']);
            let shown = if shown.starts_with('"') { shown.trim_end_matches('#') } else { taken };
            tokens.push(Token { text: shown.to_owned(), line, code: Code::Program });
        }
        line += taken.matches('\n').count();
        rest = after;
    }
    join_raw_words(tokens)
}

/// Makes one word of `r`, `#` and a word.
fn join_raw_words(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let raw = joined.ends_with_words("r", "#") && token.text.starts_with(is_word);
        if raw {
            joined.truncate(joined.len() - 2);
        }
        joined.push(token);
    }
    joined
}

/// What the end of a list of tokens says.
trait Ending {
    fn ends_with_words(&self, first: &str, second: &str) -> bool;
}

impl Ending for Vec<Token> {
    fn ends_with_words(&self, first: &str, second: &str) -> bool {
        matches!(self.as_slice(), [.., one, two] if one.text == first && two.text == second)
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Returns the length of a comment that may hold others.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Returns the length of a string with both its quotation marks.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of a raw string with its prefix; 0 where there is none.
fn raw_string(text: &str) -> usize {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix("cr")).or_else(|| text.strip_prefix('r'));
    let Some(after) = after else { return 0 };
    let hashes = after.len() - after.trim_start_matches('#').len();
    let Some(body) = after[hashes..].strip_prefix('"') else { return 0 };
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = text.len() - body.len();
    body.find(&end).map_or(text.len(), |at| begin + at + end.len())
}

/// Returns the length of a character, or 1 for the sign that begins the name of a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            let escaped = characters.next().map_or(text.len(), |(at, c)| at + c.len_utf8());
            text[escaped..].find('\'').map_or(1, |at| escaped + at + 1)
        }
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        lex(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_go_and_strings_are_one_token_each() {
        let text = "a /* b /* c */ d */ \"e \\\" f\" r#\"g \" h\"# 'i' '\\'' &'j k // l\nr#loop::m";
        let expected = ["a", "\"e \\\" f\"", "\"g \" h\"", "'i'", "'\\''", "&", "'", "j", "k", "loop", "::", "m"];
        assert_eq!(words(text), expected);
    }

    #[test]
    fn code_of_tests_is_told_from_the_rest() {
        let text =
            "use a;\n#[cfg(test)]\nuse b::{c};\nfn d() {}\n#[cfg(test)]\nmod tests {\n  fn e() {}\n}\nfn f() {}\n";
        let source = Source::new("src/x.rs", text, Code::Program);
        let of = |code| source.tokens.iter().filter(move |t| t.code == code).map(|t| t.text.as_str());
        assert!(of(Code::Test).any(|word| word == "c") && of(Code::Test).any(|word| word == "e"));
        assert!(of(Code::Program).all(|word| !["b", "c", "e"].contains(&word)));
        assert_eq!(source.lines_of_program(), 3);
    }

    #[test]
    fn modules_are_found_with_their_files() {
        let text = "pub mod a;\n#[cfg(test)]\n#[path = \"b_tests.rs\"]\nmod tests;\nmod r#loop;\nmod inline {}\n";
        let modules = Source::new("src/x.rs", text, Code::Program).modules();
        let expected = [
            ("a".to_owned(), None, Code::Program),
            ("tests".to_owned(), Some("b_tests.rs".to_owned()), Code::Test),
            ("loop".to_owned(), None, Code::Program),
        ];
        assert_eq!(modules, expected);
    }
}
