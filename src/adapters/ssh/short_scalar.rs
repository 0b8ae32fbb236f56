//! ECDSA keys whose secret number begins with noughts: one in 256 of P-256, every second of P-521. OpenSSH writes such a number short,
//! `ssh-key` 0.6 wants it at full length: here it is filled up and the key read again.
//!
//! The layout is that of OpenSSH's `PROTOCOL.key`.

use base64ct::{Base64, Encoding as _};
use ssh_key::{Cipher, PrivateKey};
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"openssh-key-v1\0";
/// What the secret part is filled up to a multiple of, where it is not encrypted.
const BLOCK: usize = 8;

type Bytes = Zeroizing<Vec<u8>>;

/// The key of a file that is not encrypted.
pub(super) fn read(pem: &[u8]) -> Option<PrivateKey> {
    let text = std::str::from_utf8(pem).ok()?;
    let body: Zeroizing<String> = Zeroizing::new(text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect());
    let bytes = Zeroizing::new(Base64::decode_vec(&body).ok()?);
    let mut rest = bytes.strip_prefix(MAGIC)?;
    // Cipher, derivation and its options are `none`, `none` and nothing; then come the number of keys, the public part and the secret one.
    let [cipher, _, _] = [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?];
    let count = number(&mut rest)?;
    let (public, secret) = (take(&mut rest)?, take(&mut rest)?);
    if cipher != b"none" || count != 1 || !rest.is_empty() {
        return None;
    }
    whole(public, secret)
}

/// The key of a file that is encrypted.
pub(super) fn decrypt(key: &PrivateKey, passphrase: &[u8]) -> Option<PrivateKey> {
    let cipher: Cipher = key.cipher();
    let (secret_key, start) = key.kdf().derive_key_and_iv(cipher, passphrase).ok()?;
    let mut secret = Zeroizing::new(key.key_data().encrypted()?.to_vec());
    cipher.decrypt(&secret_key, &start, &mut secret, None).ok()?;
    whole(&key.public_key().to_bytes().ok()?, &secret)
}

/// A key of its public and secret part, the secret number at full length. `None` where that is not what was wrong with it.
fn whole(public: &[u8], secret: &[u8]) -> Option<PrivateKey> {
    let mut rest = secret;
    let (first, second) = (number(&mut rest)?, number(&mut rest)?);
    let [kind, curve, point, scalar, comment] = [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?, take(&mut rest)?, take(&mut rest)?];
    let length: usize = match kind {
        b"ecdsa-sha2-nistp256" => 32,
        b"ecdsa-sha2-nistp384" => 48,
        b"ecdsa-sha2-nistp521" => 66,
        _ => return None,
    };
    // Two equal numbers before the key say that it was decrypted rightly.
    let missing = length.checked_sub(scalar.len()).filter(|missing| *missing > 0 && first == second)?;
    let mut filled: Bytes = Zeroizing::new(vec![0; missing]);
    filled.extend_from_slice(scalar);
    let mut inner: Bytes = Zeroizing::new([first.to_be_bytes(), second.to_be_bytes()].concat());
    for part in [kind, curve, point, &filled, comment] {
        put(&mut inner, part)?;
    }
    for fill in 1..=u8::try_from(inner.len().next_multiple_of(BLOCK) - inner.len()).ok()? {
        inner.push(fill);
    }
    let mut outer: Bytes = Zeroizing::new(MAGIC.to_vec());
    for part in [b"none".as_slice(), b"none", b""] {
        put(&mut outer, part)?;
    }
    outer.extend_from_slice(&1_u32.to_be_bytes());
    put(&mut outer, public)?;
    put(&mut outer, &inner)?;
    PrivateKey::from_bytes(&outer).ok()
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_be_bytes(*bytes))
}

/// Bytes with their length before them.
fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(number(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    out.extend_from_slice(&u32::try_from(bytes.len()).ok()?.to_be_bytes());
    out.extend_from_slice(bytes);
    Some(())
}
