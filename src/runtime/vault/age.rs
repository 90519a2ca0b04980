//! Files of the age format (age-encryption.org/v1), as far as a passphrase goes: one scrypt recipient and one chunk.
//!
//! Said here rather than by the crate `age`, which would bring 89 others for recipients, plugins and
//! translations that are not wanted. What matters is not ours: scrypt is of `scrypt`, all else of `ring`. The tests hold
//! it against what the `age` program writes, and that program reads what is written here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use scrypt::Params;
use thiserror::Error;
use zeroize::Zeroizing;

/// The work that a new file asks for, as the power of two that age itself takes: 256 MiB, and about a second.
pub(super) const WORK: u8 = 18;
/// The most that is done for a file: 1 GiB. Whoever can change the file would otherwise choose.
const MOST_WORK: u8 = 20;
/// The longest text, which is one chunk of the format.
const MOST_BYTES: usize = 64 << 10;
/// The longest file.
pub(super) const MOST_FILE: u64 = (MOST_BYTES as u64) + 1024;

const VERSION: &[u8] = b"age-encryption.org/v1";
const SALT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
/// The nonce of a first chunk that is also the last one.
const ONLY_CHUNK: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/// Why there is no text, or no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Fault {
    /// It is none of these files, or was changed, or cut off.
    #[error("{0}")]
    Damaged(&'static str),
    /// It asks for more work than is done for a file.
    #[error("it asks for too much work")]
    Work,
    /// Another passphrase opens it.
    #[error("another passphrase opens it")]
    Passphrase,
    /// This machine cannot do it.
    #[error("{0}")]
    Machine(&'static str),
}

/// What stands before the text.
struct Header<'f> {
    salt: [u8; 16],
    work: u8,
    /// The key of the file, under the passphrase.
    wrapped: [u8; 32],
    /// What the MAC is of.
    signed: &'f [u8],
    mac: [u8; 32],
    nonce: &'f [u8],
    chunk: &'f [u8],
}

/// Tells whether something is such a file, and would be opened; costs nothing.
pub(super) fn check(file: &[u8]) -> Result<(), Fault> {
    Header::read(file).map(|_| ())
}

/// Writes a text that a passphrase opens.
pub(super) fn seal(text: &[u8], passphrase: &str, work: u8) -> Result<Vec<u8>, Fault> {
    if text.len() > MOST_BYTES {
        return Err(Fault::Machine("it is too long"));
    }
    let mut key = Zeroizing::new([0; 16]);
    let (mut salt, mut nonce) = ([0; 16], [0; 16]);
    for random in [&mut *key, &mut salt, &mut nonce] {
        getrandom::fill(random).map_err(|_| Fault::Machine("the system gives no random bytes"))?;
    }
    let wrapped = encrypt(&*stretch(passphrase, &salt, work)?, [0; 12], &*key)?;
    let head = [VERSION, b"\n-> scrypt ", BASE64.encode(salt).as_bytes(), b" ", work.to_string().as_bytes()].concat();
    let signed = [&head[..], b"\n", BASE64.encode(wrapped).as_bytes(), b"\n---"].concat();
    let mac = BASE64.encode(hmac::sign(&mac_key(&*key)?, &signed));
    let chunk = encrypt(&*derive(&nonce, &*key, b"payload")?, ONLY_CHUNK, text)?;
    Ok([&signed[..], b" ", mac.as_bytes(), b"\n", &nonce, &chunk].concat())
}

/// Reads the text of a file. Takes about a second, and as much memory as the file asks for.
pub(super) fn open(file: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let header = Header::read(file)?;
    let stretched = stretch(passphrase, &header.salt, header.work)?;
    let key = decrypt(&*stretched, [0; 12], &header.wrapped).map_err(|_| Fault::Passphrase)?;
    let changed = Fault::Damaged("it was changed, or cut off");
    if hmac::verify(&mac_key(&key)?, header.signed, &header.mac).is_err() {
        return Err(changed);
    }
    decrypt(&*derive(header.nonce, &key, b"payload")?, ONLY_CHUNK, header.chunk).map_err(|_| changed)
}

impl<'f> Header<'f> {
    fn read(file: &'f [u8]) -> Result<Self, Fault> {
        let no_header = Fault::Damaged("it does not begin as an age file with a passphrase");
        let lines: Vec<&[u8]> = file.splitn(5, |byte| *byte == b'\n').collect();
        let [VERSION, recipient, wrapped, mac, rest] = lines[..] else { return Err(no_header) };
        let words: Vec<&[u8]> = recipient.split(|byte| *byte == b' ').collect();
        let ([b"->", b"scrypt", salt, work], Some(mac)) = (&words[..], mac.strip_prefix(b"--- ")) else {
            return Err(no_header);
        };
        let before_mac = VERSION.len() + recipient.len() + wrapped.len() + 3;
        let signed = &file[..before_mac + b"---".len()];
        let (Some(salt), Some(wrapped), Some(mac)) = (bytes(salt), bytes(wrapped), bytes(mac)) else {
            return Err(no_header);
        };
        let work = read_work(work)?;
        let Some((nonce, chunk)) = rest.split_at_checked(16) else {
            return Err(Fault::Damaged("it was cut off"));
        };
        if chunk.len() > MOST_BYTES + CHACHA20_POLY1305.tag_len() {
            return Err(Fault::Damaged("it is longer than a credential"));
        }
        Ok(Self { salt, work, wrapped, signed, mac, nonce, chunk })
    }
}

/// Reads so many bytes in the one spelling that they have.
fn bytes<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

fn read_work(digits: &[u8]) -> Result<u8, Fault> {
    if digits.is_empty() || digits[0] == b'0' || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Damaged("its work factor is no number"));
    }
    let work = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    work.filter(|work| *work <= MOST_WORK).ok_or(Fault::Work)
}

/// Makes a key of a passphrase.
fn stretch(passphrase: &str, salt: &[u8; 16], work: u8) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let params = Params::new(work, 8, 1).map_err(|_| Fault::Work)?;
    // Asked for here first: what the function itself asks for and does not get ends the program.
    if Vec::<u8>::new().try_reserve_exact(1 << (u32::from(work) + 10)).is_err() {
        return Err(Fault::Machine("there is not enough memory"));
    }
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(passphrase.as_bytes(), &[SALT_LABEL, salt].concat(), &params, &mut *key)
        .map_err(|_| Fault::Machine("scrypt does not work here"))?;
    Ok(key)
}

/// Makes a key of the key of a file.
fn derive(salt: &[u8], key: &[u8], label: &[u8]) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let mut derived = Zeroizing::new([0; 32]);
    let unlikely = |_| Fault::Machine("no key could be made");
    let key = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key);
    key.expand(&[label], hkdf::HKDF_SHA256).map_err(unlikely)?.fill(&mut *derived).map_err(unlikely)?;
    Ok(derived)
}

fn mac_key(key: &[u8]) -> Result<hmac::Key, Fault> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &*derive(&[], key, b"header")?))
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, Fault> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| Fault::Machine("no key could be made"))?;
    Ok(LessSafeKey::new(key))
}

fn encrypt(key: &[u8], nonce: [u8; 12], text: &[u8]) -> Result<Vec<u8>, Fault> {
    // As long as it will be: a buffer that grows leaves copies behind.
    let mut buffer = Vec::with_capacity(text.len() + CHACHA20_POLY1305.tag_len());
    buffer.extend_from_slice(text);
    // Each key encrypts one text: that of a file is random, that of a passphrase has a random salt.
    let nonce = Nonce::assume_unique_for_key(nonce);
    let sealed = cipher(key)?.seal_in_place_append_tag(nonce, Aad::empty(), &mut buffer);
    sealed.map(|()| buffer).map_err(|_| Fault::Machine("it could not be encrypted"))
}

fn decrypt(key: &[u8], nonce: [u8; 12], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::assume_unique_for_key(nonce);
    let opened = cipher(key)?.open_in_place(nonce, Aad::empty(), &mut buffer);
    let length = opened.map(|text| text.len()).map_err(|_| Fault::Damaged("it does not open"))?;
    buffer.truncate(length);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Little work, for files of tests.
    const LITTLE: u8 = 2;

    /// What `age -p` of version 1.1.1 made of three lines and a word, under "correct horse".
    const BY_AGE: &str = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCA0NFFjT3hMcUxYV2FzSnU0eDQvWEl3IDE4CnNhV0NPUzZEVkxEUitKOEZyL2tr\
                          MXl3eVUyaHVJWDdqZjNLYkc3ejBUaE0KLS0tIHp6cHhkbzFrb3MyVnh4YkN6V0JXazBiT3ZocDcvS0ljL2VBUlRuWjJkMXMKnTQGPB+X\
                          rit5OkuvGyqcFkZCyPk4HLhr5KxCJ6oGtURiXyQ8ygEcM+6+qG5nXuZLpWZNaM3hcqR+nc4CP+2UFQUgjISqMtJD5Vu4+ccM1cHwJLh5\
                          WXkllgW0iQ";

    fn made() -> Vec<u8> {
        seal(b"a text", "correct horse", LITTLE).expect("made")
    }

    #[test]
    fn what_age_wrote_is_read() {
        let file = BASE64.decode(BY_AGE).expect("a file");
        let text = open(&file, "correct horse").expect("opened");
        assert_eq!(&**text, b"tokendeck credential 1\nprod\nhttps://bao.example:8200\nc4n4ry");
        assert_eq!(open(&file, "correct horse "), Err(Fault::Passphrase));
    }

    #[test]
    fn what_is_written_is_read_with_the_passphrase_only_and_never_looks_the_same() {
        let (file, other) = (made(), made());
        assert_eq!(**open(&file, "correct horse").expect("opened"), *b"a text");
        assert_eq!(open(&file, "wrong"), Err(Fault::Passphrase));
        let same = file.iter().zip(&other).filter(|(one, other)| one == other).count();
        assert!(file.len() == other.len() && same < file.len() / 2, "{same} of {} bytes", file.len());
        let longest = vec![b'x'; MOST_BYTES];
        let file = seal(&longest, "p", LITTLE).expect("made");
        assert!(file.len() as u64 <= MOST_FILE);
        assert_eq!(**open(&file, "p").expect("opened"), longest);
        assert!(seal(&[&longest[..], b"x"].concat(), "p", LITTLE).is_err());
    }

    #[test]
    fn a_file_that_was_cut_off_or_changed_anywhere_is_never_opened() {
        let file = made();
        for length in 0..file.len() {
            assert!(matches!(open(&file[..length], "correct horse"), Err(Fault::Damaged(_))), "cut at {length}");
        }
        for at in 0..file.len() {
            for flip in [0x01, 0x10, 0x80] {
                let mut changed = file.clone();
                changed[at] ^= flip;
                let opened = open(&changed, "correct horse");
                assert!(opened.is_err(), "byte {at} with {flip:#x}: {opened:?}");
            }
        }
        let longer = [&file[..], b"x"].concat();
        assert!(matches!(open(&longer, "correct horse"), Err(Fault::Damaged(_))));
        let doubled = [&file[..], &file[..]].concat();
        assert!(matches!(open(&doubled, "correct horse"), Err(Fault::Damaged(_))));
    }

    #[test]
    fn work_beyond_reason_is_refused_before_it_is_done() {
        let text = made();
        let with = |work: &str| {
            let end = text.iter().position(|byte| *byte == b' ').map_or(0, |first| first + 8 + 22 + 1);
            [&text[..end], work.as_bytes(), &text[end + 1..]].concat()
        };
        assert_eq!(with("2"), text);
        for work in ["21", "30", "63", "64", "255", "256", "4294967298", "99999999999999999999999999"] {
            assert_eq!(check(&with(work)), Err(Fault::Work), "{work}");
            assert_eq!(open(&with(work), "correct horse"), Err(Fault::Work), "{work}");
        }
        for work in ["", "0", "02", "+2", "-2", "2.0", "two", "0x2"] {
            assert!(matches!(check(&with(work)), Err(Fault::Damaged(_))), "{work}");
        }
        assert_eq!(check(&text), Ok(()));
    }
}
