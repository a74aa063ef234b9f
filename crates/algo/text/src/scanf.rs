//! The `sscanf` engine.

/// A value a conversion read.
#[derive(Clone, Debug, PartialEq)]
pub enum ScanValue {
    /// From `%d`, `%i`, `%o`, `%x`, `%u` and `%n`.
    Int(i64),
    /// From `%f`, `%e` and `%g`.
    Float(f64),
    /// From `%s`, `%c`, `%[` and a `%u` beyond the range of ints.
    Text(Vec<u8>),
}

/// What a scan read.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// A slot for each assigned variable, `None` where the scan stopped before it.
    pub values: Vec<Option<ScanValue>>,
    /// How many conversions succeeded.
    pub conversions: usize,
    /// The input ended before the first conversion.
    pub end_of_input: bool,
}

const BUFFER: usize = 63;

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn c_string(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    &bytes[..end]
}

/// Reads digits as `strtoul` does.
fn digits(format: &[u8], at: &mut usize) -> usize {
    let mut value = 0usize;
    while let Some(digit @ b'0'..=b'9') = format.get(*at) {
        value = value.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
        *at += 1;
    }
    value
}

/// Reads `n$` at `at`, the number it names.
fn position(format: &[u8], at: &mut usize) -> Option<usize> {
    let mut end = *at;
    if !format.get(end)?.is_ascii_digit() {
        return None;
    }
    let value = digits(format, &mut end);
    if format.get(end) != Some(&b'$') {
        return None;
    }
    *at = end + 1;
    Some(value)
}

fn skip_size(format: &[u8], at: &mut usize) {
    if matches!(format.get(*at), Some(b'h' | b'l' | b'L')) {
        *at += 1;
    }
}

/// The bytes of a `%[` set, `at` being after the bracket; moves past its end.
fn char_set(format: &[u8], at: &mut usize) -> Option<[bool; 256]> {
    let mut set = [false; 256];
    let negated = format.get(*at) == Some(&b'^');
    if negated {
        *at += 1;
    }
    let start = *at;
    let mut end = start + usize::from(format.get(start) == Some(&b']'));
    while *format.get(end)? != b']' {
        end += 1;
    }
    let body = &format[start..end];
    let mut i = 0;
    while i < body.len() {
        if i + 2 < body.len() && body[i + 1] == b'-' {
            let (low, high) = (body[i].min(body[i + 2]), body[i].max(body[i + 2]));
            set[usize::from(low)..=usize::from(high)].fill(true);
            i += 3;
        } else {
            set[usize::from(body[i])] = true;
            i += 1;
        }
    }
    if negated {
        for member in &mut set {
            *member = !*member;
        }
    }
    *at = end + 1;
    Some(set)
}

/// Checks a format against the number of variables given (0: values are returned) and
/// counts the slots it fills. The error is the message of a `ValueError`.
fn validate(format: &[u8], variables: usize) -> Result<usize, String> {
    let (mut positional, mut sequential) = (false, false);
    let (mut slots, mut index) = (0usize, 0usize);
    let mut assigned: Vec<usize> = vec![0; variables];
    let mut at = 0;
    while at < format.len() {
        at += 1;
        if format[at - 1] != b'%' {
            continue;
        }
        let mut suppressed = false;
        match format.get(at) {
            Some(b'%') => {
                at += 1;
                continue;
            }
            Some(b'*') => {
                suppressed = true;
                at += 1;
            }
            _ => {
                if let Some(number) = position(format, &mut at) {
                    positional = true;
                    if !sequential {
                        if number == 0 || (variables > 0 && number > variables) {
                            return Err(bad_index(positional));
                        }
                        index = number - 1;
                        if variables == 0 {
                            slots = slots.max(number);
                        }
                    }
                } else {
                    sequential = true;
                }
                if positional && sequential {
                    return Err("cannot mix \"%\" and \"%n$\" conversion specifiers".into());
                }
            }
        }
        digits(format, &mut at);
        skip_size(format, &mut at);
        if !suppressed && variables > 0 && index >= variables {
            return Err(bad_index(positional));
        }
        match format.get(at) {
            Some(
                b'n' | b'd' | b'D' | b'i' | b'o' | b'x' | b'X' | b'u' | b'f' | b'e' | b'E' | b'g'
                | b's' | b'c',
            ) => at += 1,
            Some(b'[') => {
                at += 1;
                if char_set(format, &mut at).is_none() {
                    return Err("Unmatched [ in format string".into());
                }
            }
            Some(other) => {
                return Err(format!("Bad scan conversion character \"{}\"", char::from(*other)));
            }
            // The message is a C string, cut at the byte that ends the format.
            None => return Err("Bad scan conversion character \"".into()),
        }
        if !suppressed {
            if index >= assigned.len() {
                assigned.resize(index + 1, 0);
            }
            assigned[index] += 1;
            index += 1;
        }
    }
    let total = match (variables, slots) {
        (0, 0) => index,
        (0, slots) => slots,
        (variables, _) => variables,
    };
    assigned.resize(total.max(assigned.len()), 0);
    for times in &assigned[..total] {
        if *times > 1 {
            return Err("Variable is assigned by multiple \"%n$\" conversion specifiers".into());
        }
        if *times == 0 && slots == 0 {
            return Err("Variable is not assigned by any conversion specifiers".into());
        }
    }
    Ok(total)
}

fn bad_index(positional: bool) -> String {
    if positional {
        "\"%n$\" argument index out of range".into()
    } else {
        "Different numbers of variable names and field specifiers".into()
    }
}

/// Why reading a field stopped the scan.
struct Stop {
    at_end: bool,
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Input<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn skip_space(&mut self) {
        while is_space(self.peek()) {
            self.at += 1;
        }
    }

    fn take_while(&mut self, width: usize, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take(width).take_while(|b| wanted(**b)).count();
        self.at += length;
        rest[..length].to_vec()
    }

    /// Reads an int of `base` (0: told by its prefix).
    fn int(&mut self, width: usize, base: u32, unsigned: bool) -> Result<ScanValue, Stop> {
        let mut base = base;
        let mut text: Vec<u8> = Vec::new();
        let (mut sign_ok, mut no_digits, mut x_ok, mut first) = (true, true, false, true);
        while text.len() < width && !self.ended() {
            let byte = self.peek();
            match byte {
                b'0' => {
                    if base == 16 {
                        x_ok = true;
                    }
                    if base == 0 {
                        base = 8;
                        x_ok = true;
                    }
                    if !first {
                        x_ok = false;
                    }
                    (first, sign_ok, no_digits) = (false, false, false);
                }
                b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => {
                    if base == 0 && byte.is_ascii_digit() {
                        base = 10;
                    }
                    if char::from(byte).to_digit(base.max(10)).is_none_or(|d| d >= base) {
                        break;
                    }
                    (x_ok, sign_ok, no_digits) = (false, false, false);
                }
                b'+' | b'-' if sign_ok => sign_ok = false,
                b'x' | b'X' if x_ok && text.len() == 1 => {
                    base = 16;
                    x_ok = false;
                }
                _ => break,
            }
            text.push(byte);
            self.at += 1;
        }
        if no_digits {
            return Err(Stop { at_end: self.ended() });
        }
        if matches!(text.last(), Some(b'x' | b'X')) {
            text.pop();
            self.at -= 1;
        }
        Ok(int_value(&text, base, unsigned))
    }

    fn float(&mut self, width: usize) -> Result<ScanValue, Stop> {
        let mut text: Vec<u8> = Vec::new();
        let (mut sign_ok, mut no_digits) = (true, true);
        let (mut point_ok, mut exponent_ok) = (true, true);
        while text.len() < width && !self.ended() {
            let byte = self.peek();
            match byte {
                b'0'..=b'9' => (sign_ok, no_digits) = (false, false),
                b'+' | b'-' if sign_ok => sign_ok = false,
                b'.' if point_ok => (sign_ok, point_ok) = (false, false),
                b'e' | b'E' if exponent_ok && !no_digits => {
                    (exponent_ok, point_ok) = (false, false);
                    (sign_ok, no_digits) = (true, true);
                }
                _ => break,
            }
            text.push(byte);
            self.at += 1;
        }
        if no_digits {
            if exponent_ok {
                return Err(Stop { at_end: self.ended() });
            }
            // An exponent without digits is given back.
            while let Some(byte) = text.pop() {
                self.at -= 1;
                if matches!(byte, b'e' | b'E') {
                    break;
                }
            }
        }
        let value =
            std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0);
        Ok(ScanValue::Float(value))
    }
}

/// `strtol` or `strtoul` of a scanned literal.
fn int_value(text: &[u8], base: u32, unsigned: bool) -> ScanValue {
    let (negative, body) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let body = match body {
        [b'0', b'x' | b'X', rest @ ..] if base == 16 => rest,
        rest => rest,
    };
    let magnitude =
        body.iter().filter_map(|b| char::from(*b).to_digit(base)).fold(0u128, |value, digit| {
            value.saturating_mul(u128::from(base)).saturating_add(u128::from(digit))
        });
    if unsigned {
        let value = u64::try_from(magnitude)
            .map_or(u64::MAX, |value| if negative { value.wrapping_neg() } else { value });
        return match i64::try_from(value) {
            Ok(int) => ScanValue::Int(int),
            Err(_) => ScanValue::Text(value.to_string().into_bytes()),
        };
    }
    let magnitude = i128::try_from(magnitude).unwrap_or(i128::MAX);
    let signed = if negative { -magnitude } else { magnitude };
    ScanValue::Int(signed.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
}

/// Scans `input` by `format`. `variables` is how many variables are assigned, 0 when the
/// values are returned. The error is the message of a `ValueError`.
pub fn sscanf(input: &[u8], format: &[u8], variables: usize) -> Result<Scan, String> {
    let format = c_string(format);
    let total = validate(format, variables)?;
    let mut input = Input { bytes: c_string(input), at: 0 };
    let mut scan = Scan { values: vec![None; total], conversions: 0, end_of_input: false };
    let (mut at, mut index) = (0, 0);
    let mut at_end = false;
    while at < format.len() {
        let byte = format[at];
        at += 1;
        if is_space(byte) {
            input.skip_space();
            continue;
        }
        let escaped = byte == b'%' && format.get(at) == Some(&b'%');
        if byte != b'%' || escaped {
            at += usize::from(escaped);
            if input.ended() {
                at_end = true;
                break;
            }
            input.at += 1;
            if input.bytes[input.at - 1] != byte {
                break;
            }
            continue;
        }
        let suppressed = format.get(at) == Some(&b'*');
        if suppressed {
            at += 1;
        } else if let Some(number) = position(format, &mut at) {
            index = number - 1;
        }
        match field(&mut input, format, &mut at) {
            Ok(value) => {
                if !suppressed {
                    scan.values[index] = Some(value);
                    index += 1;
                }
                scan.conversions += 1;
            }
            Err(stop) => {
                at_end = stop.at_end;
                break;
            }
        }
    }
    scan.end_of_input = at_end && scan.conversions == 0;
    Ok(scan)
}

/// Reads one conversion, from its width on.
fn field(input: &mut Input, format: &[u8], at: &mut usize) -> Result<ScanValue, Stop> {
    let width = digits(format, at);
    skip_size(format, at);
    let conversion = format[*at];
    *at += 1;
    if conversion == b'n' {
        return Ok(ScanValue::Int(input.at as i64));
    }
    if input.ended() {
        return Err(Stop { at_end: true });
    }
    if !matches!(conversion, b'c' | b'[') {
        input.skip_space();
        if input.ended() {
            return Err(Stop { at_end: true });
        }
    }
    let unlimited = if width == 0 { usize::MAX } else { width };
    let buffered = if width == 0 { BUFFER } else { width.min(BUFFER) };
    match conversion {
        b'c' => Ok(ScanValue::Text(input.take_while(width.max(1), |b| !is_space(b)))),
        b's' => Ok(ScanValue::Text(input.take_while(unlimited, |b| !is_space(b)))),
        b'[' => {
            let set = char_set(format, at).unwrap_or([false; 256]);
            let text = input.take_while(unlimited, |b| set[usize::from(b)]);
            if text.is_empty() {
                return Err(Stop { at_end: false });
            }
            Ok(ScanValue::Text(text))
        }
        b'i' => input.int(buffered, 0, false),
        b'o' => input.int(buffered, 8, false),
        b'x' | b'X' => input.int(buffered, 16, false),
        b'u' => input.int(buffered, 10, true),
        b'd' | b'D' => input.int(buffered, 10, false),
        _ => input.float(buffered),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(input: &str, format: &str) -> Vec<Option<ScanValue>> {
        sscanf(input.as_bytes(), format.as_bytes(), 0).unwrap().values
    }

    fn text(text: &str) -> Option<ScanValue> {
        Some(ScanValue::Text(text.as_bytes().to_vec()))
    }

    #[test]
    fn reads() {
        let int = |n| Some(ScanValue::Int(n));
        assert_eq!(values("12 apples", "%d %s"), [int(12), text("apples")]);
        assert_eq!(values("0x1F", "%i"), [int(31)]);
        assert_eq!(values("017", "%i"), [int(15)]);
        assert_eq!(values("abc", "%[^c]%n"), [text("ab"), int(2)]);
        assert_eq!(values("]a", "%[]a]"), [text("]a")]);
        assert_eq!(values("x", "%3$s"), [None, None, text("x")]);
        assert_eq!(values("-5", "%u"), [text("18446744073709551611")]);
        assert_eq!(values("1e", "%f"), [Some(ScanValue::Float(1.0))]);
        assert!(sscanf(b"", b"%d", 0).unwrap().end_of_input);
    }

    #[test]
    fn rejects() {
        let fails = |format: &str, n| sscanf(b"x", format.as_bytes(), n).unwrap_err();
        assert_eq!(fails("%[a", 0), "Unmatched [ in format string");
        assert_eq!(fails("%y", 0), "Bad scan conversion character \"y\"");
        assert_eq!(fails("%d %s", 1), "Different numbers of variable names and field specifiers");
    }
}
