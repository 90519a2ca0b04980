//! Choices, from a number or from bytes that somebody else chose; and text that means harm.

/// A source of choices.
pub(crate) struct Dice<'d> {
    bytes: &'d [u8],
    state: u64,
    endless: bool,
}

impl<'d> Dice<'d> {
    /// Throws for ever; the same seed throws the same.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { bytes: &[], state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), endless: true }
    }

    /// Takes choices from bytes, and the first of everything once they are at their end.
    pub(crate) fn of_bytes(bytes: &'d [u8]) -> Self {
        Self { bytes, state: 0, endless: false }
    }

    fn byte(&mut self) -> u8 {
        if !self.endless {
            let Some((first, rest)) = self.bytes.split_first() else { return 0 };
            self.bytes = rest;
            return *first;
        }
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_le_bytes()[3]
    }

    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let wide = if end > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (wide | usize::from(self.byte())) % end.max(1)
    }

    /// Holds once in so many times.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }

    /// Returns one of some.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Returns text that has moved requests before, in pieces, or is one of a kind by itself.
    pub(crate) fn hostile(&mut self) -> String {
        match self.below(8) {
            0 => self.pick(WHOLE).to_owned(),
            1 => self.pick(PIECES).repeat(1 + self.below(300)),
            2 => (0..=self.below(12)).map(|_| self.character()).collect(),
            _ => (0..=self.below(10)).map(|_| self.piece()).collect(),
        }
    }

    fn piece(&mut self) -> String {
        if self.one_in(4) { self.character().to_string() } else { self.pick(PIECES).to_owned() }
    }

    fn character(&mut self) -> char {
        let number = match self.below(4) {
            0 => self.below(0x80),
            1 => self.below(0x800),
            2 => self.below(0x1_0000),
            _ => 0x1_0000 + self.below(0x1_0000) * 16,
        };
        u32::try_from(number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
    }
}

/// Text that is harmful as a whole.
const WHOLE: &[&str] = &[
    "",
    ".",
    "..",
    "...",
    "/",
    "//",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "https://evil.example/x",
    "@evil.example",
    ":443",
    "../../v1/users",
    "..%2f..%2fusers",
    "%2e%2e",
    "%2E.",
    "%252e%252e%252f",
    "..;/admin",
    "..\\..\\x",
    "a/",
    "/a",
    "a//b",
    "a/..",
    "a/%2e%2e",
    "?all=true",
    "#",
    "a?x=1&y=2#z",
    "a&b=c",
    "a;b=c",
    "a=b",
    "a+b c",
    "\0",
    "a\r\nX-Evil: 1",
    "a\nGET /x HTTP/1.1",
    "\u{85}",
    "\u{2028}",
    "\",\"admin\":true,\"x\":\"",
    "\"}",
    "\\",
    "\\u0022",
    "{id}",
    "{params.org}",
    "}{",
    "null",
    "[]",
    "*",
    "~1",
    "-1",
    "__proto__",
    "\u{ff0e}\u{ff0e}\u{ff0f}",
    "\u{202e}gnp",
    "\u{feff}a",
    "xn--80ak6aa92e.com",
    "a%00b",
    "%",
    "%%",
    "%zz",
    "%ff",
    "<script>",
    "'; DROP TABLE tokens; --",
    "${jndi:ldap://x}",
    " ",
    "\t",
    "4fJq0aZc91LmN",
    "7",
];

/// What harmful text is made of.
const PIECES: &[&str] = &[
    ".", "..", "/", "\\", "%", "%2e", "%2E%2E", "%2f", "%5c", "%25", "%00", "%0d%0a", "?", "#", "@", ":", ";", "&",
    "=", "+", " ", "//", "../", "..\\", "\u{ff0e}", "\u{2215}", "\u{202e}", "\u{200d}", "é", "日", "😀", "http://",
    "|", "<", ">", "\"", "'", "`", "{", "}", "^", "[", "]", "~", "*", "\u{feff}", "\u{a0}", ",", "$", "!", "(", ")",
    "\0", "\r", "\n", "\t", "\u{7f}", "\u{85}", "a", "Z", "0", "-", "_", "users", "admin",
];
