//! The `sprintf` family.

use crate::args::{Arguments, Failure, Notice};
use crate::float_text::{exponential, fixed, general};

/// The most decimals a float conversion gives.
const MAX_PRECISION: i64 = 53;
const INT_MAX: i64 = 2_147_483_647;

/// The flags, width and precision of one conversion.
struct Spec {
    pad: u8,
    left: bool,
    plus: bool,
    width: usize,
    precision: Option<i64>,
}

struct Parser<'a> {
    format: &'a [u8],
    at: usize,
    next_argument: usize,
}

fn value_error<E>(message: impl Into<String>) -> Failure<E> {
    Failure::Value(message.into())
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// Reads digits; `None` when they exceed an int of C.
    fn number(&mut self) -> Option<i64> {
        let mut value = Some(0i64);
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            value = value.map(|n| n * 10 + i64::from(digit - b'0')).filter(|n| *n < INT_MAX);
        }
        value
    }

    /// Reads `n$`: the argument's index, `None` when none is named.
    fn argument_number<E>(&mut self) -> Result<Option<usize>, Failure<E>> {
        let digits = self.format[self.at..].iter().take_while(|b| b.is_ascii_digit()).count();
        if self.format.get(self.at + digits) != Some(&b'$') {
            return Ok(None);
        }
        let number = self.number();
        self.at += 1;
        match number {
            Some(n) if n > 0 => Ok(Some(n as usize - 1)),
            _ => Err(value_error(format!(
                "Argument number specifier must be greater than zero and less than {INT_MAX}"
            ))),
        }
    }

    fn take_argument(&mut self, named: Option<usize>) -> usize {
        named.unwrap_or_else(|| {
            self.next_argument += 1;
            self.next_argument - 1
        })
    }

    /// Reads a `*` already seen: the int argument it names, `Err(index)` when missing.
    fn star<A: Arguments>(
        &mut self,
        args: &A,
        what: &str,
        least: i64,
    ) -> Result<Result<i64, usize>, Failure<A::Error>> {
        self.at += 1;
        let named = self.argument_number()?;
        let index = self.take_argument(named);
        if index >= args.count() {
            return Ok(Err(index));
        }
        let Some(value) = args.exact_int(index) else {
            return Err(value_error(format!("{what} must be an integer")));
        };
        if value < least || value > INT_MAX {
            return Err(value_error(format!("{what} must be between {least} and {INT_MAX}")));
        }
        Ok(Ok(value))
    }
}

/// Formats `args` by `format`, as `sprintf` does.
pub fn sprintf<A: Arguments>(format: &[u8], args: &mut A) -> Result<Vec<u8>, Failure<A::Error>> {
    let mut out = Vec::with_capacity(format.len() + 16);
    let mut parser = Parser { format, at: 0, next_argument: 0 };
    let mut missing: Option<usize> = None;
    while let Some(byte) = parser.peek() {
        if byte != b'%' {
            let rest = &format[parser.at..];
            let run = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
            out.extend_from_slice(&rest[..run]);
            parser.at += run;
            continue;
        }
        parser.at += 1;
        if parser.peek() == Some(b'%') {
            parser.at += 1;
            out.push(b'%');
            continue;
        }
        let mut spec = Spec { pad: b' ', left: false, plus: false, width: 0, precision: None };
        let named = parser.argument_number()?;
        if let Err(index) = read_spec(&mut parser, &mut spec, args)? {
            missing = missing.max(Some(index));
            continue;
        }
        if parser.peek() == Some(b'l') {
            parser.at += 1;
        }
        let index = parser.take_argument(named);
        if index >= args.count() {
            missing = missing.max(Some(index));
            continue;
        }
        let Some(conversion) = parser.peek() else {
            return Err(value_error("Missing format specifier at end of string"));
        };
        parser.at += 1;
        convert(&mut out, conversion, &spec, args, index)?;
    }
    match missing {
        Some(index) => Err(Failure::TooFewArguments(index + 1)),
        None => Ok(out),
    }
}

/// Reads flags, width and precision. The inner error is the index of a missing argument.
fn read_spec<A: Arguments>(
    parser: &mut Parser,
    spec: &mut Spec,
    args: &mut A,
) -> Result<Result<(), usize>, Failure<A::Error>> {
    loop {
        match parser.peek() {
            Some(pad @ (b'0' | b' ')) => spec.pad = pad,
            Some(b'-') => spec.left = true,
            Some(b'+') => spec.plus = true,
            Some(b'\'') => {
                parser.at += 1;
                match parser.peek() {
                    Some(pad) => spec.pad = pad,
                    None => return Err(value_error("Missing padding character")),
                }
            }
            _ => break,
        }
        parser.at += 1;
    }
    match parser.peek() {
        Some(b'*') => match parser.star(args, "Width", 0)? {
            Ok(width) => spec.width = width as usize,
            Err(index) => return Ok(Err(index)),
        },
        Some(b'0'..=b'9') => match parser.number() {
            Some(width) => spec.width = width as usize,
            None => {
                return Err(value_error(format!("Width must be between 0 and {INT_MAX}")));
            }
        },
        _ => {}
    }
    if parser.peek() != Some(b'.') {
        return Ok(Ok(()));
    }
    parser.at += 1;
    let precision = match parser.peek() {
        Some(b'0'..=b'9') => match parser.number() {
            Some(precision) => precision,
            None => {
                return Err(value_error(format!("Precision must be between 0 and {INT_MAX}")));
            }
        },
        Some(b'*') => match parser.star(args, "Precision", -1)? {
            Ok(precision) => precision,
            Err(index) => return Ok(Err(index)),
        },
        // A lone point asks for no decimals but leaves strings whole.
        _ => return Ok(Ok(())),
    };
    spec.precision = Some(precision);
    Ok(Ok(()))
}

fn convert<A: Arguments>(
    out: &mut Vec<u8>,
    conversion: u8,
    spec: &Spec,
    args: &mut A,
    index: usize,
) -> Result<(), Failure<A::Error>> {
    if spec.precision == Some(-1) && !matches!(conversion, b'g' | b'G' | b'h' | b'H') {
        return Err(value_error("Precision -1 is only supported for %g, %G, %h and %H"));
    }
    match conversion {
        b's' => {
            let text = args.text(index)?;
            let kept = spec.precision.map_or(text.len(), |most| text.len().min(most as usize));
            pad(out, spec, &text[..kept], false);
        }
        b'd' => {
            let value = args.int(index)?;
            let mut text = Vec::new();
            if value < 0 {
                text.push(b'-');
            } else if spec.plus {
                text.push(b'+');
            }
            text.extend_from_slice(value.unsigned_abs().to_string().as_bytes());
            pad_number(out, spec, &text);
        }
        b'u' => {
            let text = (args.int(index)? as u64).to_string();
            pad_number(out, spec, text.as_bytes());
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'h' | b'H' => {
            let value = args.float(index)?;
            convert_float(out, conversion, spec, args, value);
        }
        b'%' => out.push(b'%'),
        b'c' => out.push(args.int(index)? as u8),
        b'b' | b'o' | b'x' | b'X' => {
            let value = args.int(index)? as u64;
            let text = match conversion {
                b'b' => format!("{value:b}"),
                b'o' => format!("{value:o}"),
                b'x' => format!("{value:x}"),
                _ => format!("{value:X}"),
            };
            // A precision leaves nothing of these, only the padding.
            let text = if spec.precision.is_some() { "" } else { &text };
            pad(out, spec, text.as_bytes(), false);
        }
        _ => {
            return Err(value_error(format!(
                "Unknown format specifier \"{}\"",
                char::from(conversion)
            )));
        }
    }
    Ok(())
}

fn convert_float<A: Arguments>(
    out: &mut Vec<u8>,
    conversion: u8,
    spec: &Spec,
    args: &mut A,
    value: f64,
) {
    let mut precision = spec.precision.unwrap_or(6);
    if precision > MAX_PRECISION {
        args.report(Notice {
            is_notice: true,
            message: format!(
                "Requested precision of {precision} digits was truncated to PHP maximum of {MAX_PRECISION} digits"
            ),
        });
        precision = MAX_PRECISION;
    }
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
        return;
    }
    if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"INF" } else { b"-INF" });
        return;
    }
    let shortest = precision < 0;
    let digits = precision.max(0) as usize;
    let magnitude = value.abs();
    let text = match conversion {
        b'e' => exponential(magnitude, digits, 'e'),
        b'E' => exponential(magnitude, digits, 'E'),
        b'f' | b'F' => fixed(magnitude, digits),
        b'g' | b'h' => general(magnitude, (!shortest).then_some(digits), 'e'),
        _ => general(magnitude, (!shortest).then_some(digits), 'E'),
    };
    let general_form = matches!(conversion, b'g' | b'G' | b'h' | b'H');
    let negative = if general_form { value.is_sign_negative() } else { value < 0.0 };
    let mut signed = Vec::with_capacity(text.len() + 1);
    if negative {
        signed.push(b'-');
    } else if spec.plus {
        signed.push(b'+');
    }
    signed.extend_from_slice(text.as_bytes());
    let has_sign = signed.len() > text.len();
    pad(out, spec, &signed, has_sign);
}

/// Pads an int: zeros never go to its right.
fn pad_number(out: &mut Vec<u8>, spec: &Spec, text: &[u8]) {
    let has_sign = matches!(text.first(), Some(b'-' | b'+'));
    let pad_byte = if spec.left && spec.pad == b'0' { b' ' } else { spec.pad };
    let spec = Spec { pad: pad_byte, precision: None, ..*spec };
    pad(out, &spec, text, has_sign);
}

fn pad(out: &mut Vec<u8>, spec: &Spec, text: &[u8], has_sign: bool) {
    let missing = spec.width.saturating_sub(text.len());
    if spec.left {
        out.extend_from_slice(text);
        out.resize(out.len() + missing, spec.pad);
        return;
    }
    let mut body = text;
    if has_sign && spec.pad == b'0' {
        out.push(text[0]);
        body = &text[1..];
    }
    out.resize(out.len() + missing, spec.pad);
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Values(Vec<f64>);

    impl Arguments for Values {
        type Error = ();
        fn count(&self) -> usize {
            self.0.len()
        }
        fn text(&mut self, index: usize) -> Result<Vec<u8>, ()> {
            Ok(self.0[index].to_string().into_bytes())
        }
        fn int(&mut self, index: usize) -> Result<i64, ()> {
            Ok(self.0[index] as i64)
        }
        fn float(&mut self, index: usize) -> Result<f64, ()> {
            Ok(self.0[index])
        }
        fn exact_int(&self, index: usize) -> Option<i64> {
            (self.0[index].fract() == 0.0).then_some(self.0[index] as i64)
        }
        fn report(&mut self, _: Notice) {}
    }

    fn with(format: &str, values: &[f64]) -> String {
        let out = sprintf(format.as_bytes(), &mut Values(values.to_vec())).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn formats() {
        for (format, expected) in [
            ("%-05d|", "-123 |"),
            ("%+08.2f", "-0123.46"),
            ("%e", "-1.234560e+2"),
            ("%.0g", "-1.0e+2"),
            ("%1$*2$d", "   -123"),
            ("%'*10s", "**-123.456"),
            ("%5.1s|", "    -|"),
            ("%x", "ffffffffffffff85"),
            ("%5%", "%"),
            ("%.s", "-123.456"),
            ("%2$s", "7"),
        ] {
            assert_eq!(with(format, &[-123.456, 7.0]), expected, "{format}");
        }
        assert_eq!(with("%.1f %.0f", &[0.25, 2.5]), "0.2 2");
    }

    #[test]
    fn fails() {
        let fails = |format: &str| sprintf(format.as_bytes(), &mut Values(vec![1.0])).unwrap_err();
        assert_eq!(fails("%s %s"), Failure::TooFewArguments(2));
        assert_eq!(fails("%y"), Failure::Value("Unknown format specifier \"y\"".into()));
        assert_eq!(fails("%"), Failure::Value("Missing format specifier at end of string".into()));
    }
}
