//! The bytes a program may write to a terminal.

/// Holds a byte stream against what a terminal program may send: CSI sequences with known final bytes, charset and keypad
/// escapes; no OSC, DCS, APC, PM, SOS, C1 or BEL.
pub fn check_bytes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for c in text.chars() {
        assert!(!('\u{80}'..='\u{9f}').contains(&c), "a C1 control {c:?}");
        assert!(!matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}'), "an invisible {c:?}");
    }
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        at += 1;
        match b {
            0x1b => at = escape(bytes, at),
            b'\r' | b'\n' | 0x08 | b'\t' | 0x20..=0x7e | 0x80..=0xff => {}
            other => panic!("control byte {other:#04x} at {at}"),
        }
    }
}

fn escape(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'[') => {
            let length = bytes[at + 1..].iter().position(|b| (0x40..=0x7e).contains(b)).expect("a CSI that ends");
            let last = bytes[at + 1 + length];
            assert!(b"ABCDEFGHJKLMPSTXZdfhlmqrstu".contains(&last), "CSI … {:?}", char::from(last));
            at + length + 2
        }
        Some(b'(' | b')') => at + 2,
        Some(b'=' | b'>' | b'7' | b'8' | b'M') => at + 1,
        other => panic!("ESC {:?} at {at}", other.map(|b| char::from(*b))),
    }
}
