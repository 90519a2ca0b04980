//! Keys as people write them, as the bytes that a terminal sends for them.

/// The keys with a name, and what xterm sends for them.
const NAMED: [(&str, &[u8]); 16] = [
    ("enter", b"\r"),
    ("esc", b"\x1b"),
    ("tab", b"\t"),
    ("shift-tab", b"\x1b[Z"),
    ("space", b" "),
    ("backspace", b"\x7f"),
    ("delete", b"\x1b[3~"),
    ("up", b"\x1b[A"),
    ("down", b"\x1b[B"),
    ("right", b"\x1b[C"),
    ("left", b"\x1b[D"),
    ("home", b"\x1b[H"),
    ("end", b"\x1b[F"),
    ("pgup", b"\x1b[5~"),
    ("pgdn", b"\x1b[6~"),
    ("f12", b"\x1b[24~"),
];

/// The bytes of keys written like `xy<enter><ctrl-d>`; a `<` that begins no name is itself.
pub(crate) fn bytes(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some(character) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
        if let Some((key, tail)) = named.and_then(|(name, tail)| Some((self::named(name)?, tail))) {
            // Esc and another key in one read are Alt and that key.
            assert!(key != *b"\x1b" || tail.is_empty(), "<esc> ends what is pressed at once: {keys}");
            bytes.extend(key);
            rest = tail;
        } else {
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            rest = &rest[character.len_utf8()..];
        }
    }
    bytes
}

fn named(name: &str) -> Option<Vec<u8>> {
    let letter = name.strip_prefix("ctrl-").filter(|letter| letter.len() == 1);
    let control = letter.map(|letter| letter.bytes().map(|byte| byte & 0x1f).collect());
    control.or_else(|| NAMED.iter().find(|(known, _)| *known == name).map(|(_, bytes)| bytes.to_vec()))
}

/// A paste, as a terminal marks it.
pub(crate) fn pasted(text: &str) -> Vec<u8> {
    format!("\x1b[200~{text}\x1b[201~").into_bytes()
}

#[test]
fn keys_become_what_a_terminal_sends() {
    assert_eq!(bytes("x<down><ctrl-c>< <foo>ü<enter>"), "x\x1b[B\x03< <foo>ü\r".as_bytes());
}
