//! `strftime()`, in the C locale.

use crate::settings::{local, now};
use outlast_datetime::{DateTime, Zone, civil, format};
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};

pub(super) fn strftime(
    cx: &mut Cx,
    spec: &PhpString,
    timestamp: Option<i64>,
) -> Ret<OrFalse<Vec<u8>>> {
    let time = local(cx, timestamp);
    Ok(written(spec, &time, true))
}

pub(super) fn gmstrftime(
    _cx: &mut Cx,
    spec: &PhpString,
    timestamp: Option<i64>,
) -> Ret<OrFalse<Vec<u8>>> {
    let timestamp = timestamp.unwrap_or_else(|| now().0);
    Ok(written(spec, &DateTime::from_timestamp(timestamp, 0, Zone::utc()), false))
}

fn written(spec: &[u8], time: &DateTime, local: bool) -> OrFalse<Vec<u8>> {
    let mut out = Vec::new();
    write(&mut out, spec, time, local);
    OrFalse((!out.is_empty()).then_some(out))
}

fn write(out: &mut Vec<u8>, spec: &[u8], time: &DateTime, local: bool) {
    let mut bytes = spec.iter();
    while let Some(&byte) = bytes.next() {
        match (byte, bytes.as_slice().first()) {
            (b'%', Some(&letter)) => {
                bytes.next();
                write_letter(out, letter, time, local);
            }
            _ => out.push(byte),
        }
    }
}

fn write_letter(out: &mut Vec<u8>, letter: u8, time: &DateTime, local: bool) {
    let weekday = civil::day_of_week(time.year, time.month, time.day);
    let day_of_year = civil::day_of_year(time.year, time.month, time.day);
    let number = match letter {
        b'C' => format!("{:02}", time.year.div_euclid(100)),
        b'e' => format!("{:2}", time.day),
        b'g' => format!("{:02}", civil::iso_week(time.year, time.month, time.day).0 % 100),
        b'j' => format!("{:03}", day_of_year + 1),
        b'k' => format!("{:2}", time.hour),
        b'l' => format!("{:2}", (time.hour + 11) % 12 + 1),
        b'U' => format!("{:02}", (day_of_year + 7 - weekday) / 7),
        b'W' => format!("{:02}", (day_of_year + 7 - (weekday + 6) % 7) / 7),
        _ => String::new(),
    };
    if !number.is_empty() {
        out.extend_from_slice(number.as_bytes());
        return;
    }
    let composed: Option<&[u8]> = match letter {
        b'c' => Some(b"%a %b %e %H:%M:%S %Y"),
        b'D' | b'x' => Some(b"%m/%d/%y"),
        b'F' => Some(b"%Y-%m-%d"),
        b'r' => Some(b"%I:%M:%S %p"),
        b'R' => Some(b"%H:%M"),
        b'T' | b'X' => Some(b"%H:%M:%S"),
        _ => None,
    };
    if let Some(spec) = composed {
        return write(out, spec, time, local);
    }
    let spec: &[u8] = match letter {
        b'a' => b"D",
        b'A' => b"l",
        b'b' | b'h' => b"M",
        b'B' => b"F",
        b'd' => b"d",
        b'G' => b"o",
        b'H' => b"H",
        b'I' => b"h",
        b'm' => b"m",
        b'M' => b"i",
        b'p' => b"A",
        b'P' => b"a",
        b's' => b"U",
        b'S' => b"s",
        b'u' => b"N",
        b'V' => b"W",
        b'w' => b"w",
        b'y' => b"y",
        b'Y' => b"Y",
        b'z' => b"O",
        b'Z' => b"T",
        b'n' => return out.push(b'\n'),
        b't' => return out.push(b'\t'),
        b'%' => return out.push(b'%'),
        other => return out.extend_from_slice(&[b'%', other]),
    };
    out.extend(format(spec, time, local));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters() {
        let time = DateTime::from_timestamp(0, 0, Zone::utc());
        let mut out = Vec::new();
        write(&mut out, b"%c|%x|%e|%G %V %U %j|%r|%Z %z|%Q|%", &time, true);
        let wanted =
            "Thu Jan  1 00:00:00 1970|01/01/70| 1|1970 01 00 001|12:00:00 AM|UTC +0000|%Q|%";
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }
}
