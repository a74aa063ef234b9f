//! Session ids.

use outlast_value::PhpString;
use outlast_vm::Cx;

/// The longest id.
const LONGEST: usize = 256;

/// Digits by value, for up to six bits each.
const DIGITS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,";

/// A new random id as the settings want it; `None`: the system has no randomness.
pub fn create(cx: &Cx) -> Option<PhpString> {
    let length = usize::try_from(cx.ini.int("session.sid_length")).unwrap_or(32);
    let bits = u32::try_from(cx.ini.int("session.sid_bits_per_character")).unwrap_or(4);
    let mut random = vec![0; length];
    outlast_host::random::fill(&mut random).ok()?;
    let mask = (1usize << bits.clamp(4, 6)) - 1;
    let digits: Vec<u8> = random.iter().map(|&byte| DIGITS[usize::from(byte) & mask]).collect();
    Some(PhpString::new(&digits))
}

/// May it be an id that names a file?
pub fn is_valid(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id.iter().all(|&b| b.is_ascii_alphanumeric() || b == b',' || b == b'-')
}

/// Could it break out of HTML or a header?
pub fn is_dangerous(id: &[u8]) -> bool {
    id.iter().any(|b| b"\r\n\t <>'\"\\".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_files() {
        assert!(is_valid(b"aZ09-,"));
        assert!(!is_valid(b"") && !is_valid(b"../x") && !is_valid(&[b'a'; 257]));
        assert!(is_dangerous(b"<b>") && !is_dangerous(b"a.b"));
    }
}
