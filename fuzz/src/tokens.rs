//! A rough cut of PHP's source into pieces that are moved about whole.

/// Cuts `source` into words, numbers, quoted strings, runs of blanks and single bytes.
pub fn cut(source: &[u8]) -> Vec<&[u8]> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(&first) = rest.first() {
        let (token, after) = rest.split_at(length(first, rest));
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn length(first: u8, rest: &[u8]) -> usize {
    let run = |of: fn(u8) -> bool| rest.iter().take_while(|&&b| of(b)).count();
    match first {
        b'$' if rest.get(1).is_some_and(|&b| is_word(b)) => {
            1 + rest[1..].iter().take_while(|&&b| is_word(b)).count()
        }
        b if is_word(b) => run(is_word),
        b if b.is_ascii_whitespace() => run(|b| b.is_ascii_whitespace()),
        quote @ (b'\'' | b'"') => {
            let mut at = 1;
            while at < rest.len() && rest[at] != quote && rest[at] != b'\n' {
                at += if rest[at] == b'\\' { 2 } else { 1 };
            }
            if rest.get(at) == Some(&quote) { at + 1 } else { 1 }
        }
        _ => 1,
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn nothing_is_lost() {
        let source = b"<?php $ab = 'it\\'s' . \"x\ny\";\n\xffz(1.5)";
        let tokens = cut(source);
        assert_eq!(tokens.concat(), source);
        assert!(tokens.contains(&&b"$ab"[..]) && tokens.contains(&&b"'it\\'s'"[..]));
    }
}
