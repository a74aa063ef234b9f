//! UTF-7 (RFC 2152) and its form for names of mailboxes (RFC 3501).

use super::{BAD, Substitute, unicode};
use crate::encodings::Order;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Mail,
    Imap,
}

impl Form {
    /// What opens a run of Base64.
    fn shift(self) -> u8 {
        if self == Form::Mail { b'+' } else { b'&' }
    }

    fn digits(self) -> &'static [u8; 64] {
        match self {
            Form::Mail => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            Form::Imap => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,",
        }
    }

    /// May the character stand for itself?
    fn is_direct(self, c: u32) -> bool {
        let Some(b) = u8::try_from(c).ok().filter(u8::is_ascii) else { return false };
        match self {
            Form::Mail => b.is_ascii_alphanumeric() || b"'(),-./:?\0\t\r\n ".contains(&b),
            Form::Imap => (0x20..=0x7e).contains(&b) && b != b'&',
        }
    }
}

pub fn decode(bytes: &[u8], form: Form) -> Vec<u32> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        at += 1;
        if b != form.shift() {
            let plain = if form == Form::Imap { (0x20..0x7f).contains(&b) } else { b < 0x80 };
            out.push(if plain { u32::from(b) } else { BAD });
            continue;
        }
        if bytes.get(at) == Some(&b'-') {
            out.push(u32::from(b));
            at += 1;
            continue;
        }
        let mut units = Vec::new();
        let (mut bits, mut count) = (0u32, 0);
        while let Some(digit) =
            bytes.get(at).and_then(|b| form.digits().iter().position(|d| d == b))
        {
            bits = (bits << 6) | digit as u32;
            count += 6;
            at += 1;
            if count >= 8 {
                count -= 8;
                units.push((bits >> count) as u8);
                bits &= (1 << count) - 1;
            }
        }
        let odd = units.len() % 2 == 1;
        units.truncate(units.len() & !1);
        out.extend(unicode::decode_utf16(&units, Order::Big));
        if odd || bits != 0 {
            out.push(BAD);
        }
        if bytes.get(at) == Some(&b'-') {
            at += 1;
        } else if form == Form::Imap {
            out.push(BAD);
        }
    }
    out
}

pub fn encode(chars: &[u32], form: Form, substitute: Substitute) -> (Vec<u8>, i64) {
    let mut out = Vec::new();
    let mut errors = 0;
    let mut run: Vec<u8> = Vec::new();
    let flush = |out: &mut Vec<u8>, run: &mut Vec<u8>, next: Option<u8>| {
        if run.is_empty() {
            return;
        }
        out.push(form.shift());
        for chunk in run.chunks(3) {
            let mut bits = [0; 4];
            bits[1..=chunk.len()].copy_from_slice(chunk);
            let bits = u32::from_be_bytes(bits);
            for i in 0..=chunk.len() {
                out.push(form.digits()[(bits >> (18 - 6 * i)) as usize & 63]);
            }
        }
        let needed =
            form == Form::Imap || next.is_none_or(|b| b == b'-' || form.digits().contains(&b));
        if needed {
            out.push(b'-');
        }
        run.clear();
    };
    for &c in chars {
        let c = match (c, substitute) {
            (c, _) if char::from_u32(c).is_some() => c,
            (_, Substitute::None) => {
                errors += 1;
                continue;
            }
            (_, Substitute::Char(with) | Substitute::Long(with) | Substitute::Entity(with)) => {
                errors += 1;
                with
            }
        };
        let is_shift = c == u32::from(form.shift());
        if form.is_direct(c) {
            flush(&mut out, &mut run, Some(c as u8));
            out.push(c as u8);
        } else if is_shift && (form == Form::Imap || run.is_empty()) {
            flush(&mut out, &mut run, Some(c as u8));
            out.extend_from_slice(&[form.shift(), b'-']);
        } else {
            unicode::put_utf16(&mut run, c, Order::Big);
        }
    }
    flush(&mut out, &mut run, None);
    (out, errors)
}
