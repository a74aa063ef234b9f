//! `strip_tags()`.

/// What the scanner is inside of.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Text,
    Tag,
    /// `<?…?>`
    Instruction,
    /// `<!…>`
    Declaration,
    Comment,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Whether `tag` (`<a href=…>`) is in the list `allowed` (`<a><b>`, lower case).
fn is_allowed(tag: &[u8], allowed: &[u8]) -> bool {
    let mut name = Vec::with_capacity(tag.len());
    let mut in_name = false;
    for (at, byte) in tag.iter().map(u8::to_ascii_lowercase).enumerate() {
        match byte {
            b'<' => name.push(byte),
            b'>' => break,
            _ if is_space(byte) => {
                if in_name {
                    break;
                }
            }
            _ => {
                in_name = true;
                let after_bracket = at > 0 && tag[at - 1] == b'<';
                let before_bracket = tag.get(at + 1) == Some(&b'>');
                if byte != b'/' || (!after_bracket && !before_bracket) {
                    name.push(byte);
                }
            }
        }
    }
    name.push(b'>');
    allowed.windows(name.len()).any(|window| window == name)
}

struct Stripper<'a> {
    text: &'a [u8],
    allowed: Vec<u8>,
    out: Vec<u8>,
    tag: Vec<u8>,
    state: State,
    quote: u8,
    depth: usize,
    parentheses: i64,
    last: u8,
    is_xml: bool,
}

impl Stripper<'_> {
    fn before(&self, at: usize, count: usize) -> u8 {
        at.checked_sub(count).map_or(0, |at| self.text[at])
    }

    fn space_follows(&self, at: usize) -> bool {
        self.text.get(at + 1).is_some_and(|b| is_space(*b))
    }

    fn keep_in_tag(&mut self, byte: u8) {
        if !self.allowed.is_empty() {
            self.tag.push(byte);
        }
    }

    fn toggle_quote(&mut self, byte: u8) {
        if self.quote == 0 {
            self.quote = byte;
        } else if self.quote == byte {
            self.quote = 0;
        }
    }

    fn end(&mut self) {
        self.quote = 0;
        self.state = State::Text;
        self.tag.clear();
    }

    fn text_byte(&mut self, at: usize, byte: u8) {
        match byte {
            0 => {}
            b'<' if self.quote != 0 => {}
            b'<' if self.space_follows(at) => self.out.push(byte),
            b'<' => {
                self.last = b'<';
                self.keep_in_tag(byte);
                self.state = State::Tag;
            }
            b'>' if self.depth > 0 => self.depth -= 1,
            b'>' if self.quote != 0 => {}
            _ => self.out.push(byte),
        }
    }

    fn tag_byte(&mut self, at: usize, byte: u8) {
        match byte {
            0 => {}
            b'<' if self.quote != 0 => {}
            b'<' if self.space_follows(at) => self.keep_in_tag(byte),
            b'<' => self.depth += 1,
            b'>' if self.depth > 0 => self.depth -= 1,
            b'>' if self.quote != 0 => {}
            b'>' => {
                self.last = b'>';
                if self.is_xml && self.before(at, 1) == b'-' {
                    return;
                }
                self.is_xml = false;
                if !self.allowed.is_empty() {
                    self.tag.push(byte);
                    if is_allowed(&self.tag, &self.allowed) {
                        self.out.append(&mut self.tag);
                    }
                }
                self.end();
            }
            b'"' | b'\'' => {
                self.toggle_quote(byte);
                self.keep_in_tag(byte);
            }
            b'!' if self.before(at, 1) == b'<' => {
                self.state = State::Declaration;
                self.last = byte;
            }
            b'?' if self.before(at, 1) == b'<' => {
                self.parentheses = 0;
                self.state = State::Instruction;
            }
            _ => self.keep_in_tag(byte),
        }
    }

    fn instruction_byte(&mut self, at: usize, byte: u8) {
        let quoted = matches!(self.last, b'"' | b'\'');
        match byte {
            b'(' if !quoted => {
                self.last = byte;
                self.parentheses += 1;
            }
            b')' if !quoted => {
                self.last = byte;
                self.parentheses -= 1;
            }
            b'>' if self.depth > 0 => self.depth -= 1,
            b'>' if self.quote != 0 => {}
            b'>' if self.parentheses == 0 && self.last != b'"' && self.before(at, 1) == b'?' => {
                self.end();
            }
            b'"' | b'\'' if self.before(at, 1) != b'\\' => {
                if self.last == byte {
                    self.last = 0;
                } else if self.last != b'\\' {
                    self.last = byte;
                }
                self.toggle_quote(byte);
            }
            b'l' | b'L' => {
                // `<?xml` is no PHP: what follows is a tag.
                let start = self.text[..at].to_ascii_lowercase();
                if at > 4 && start.ends_with(b"<?xm") {
                    self.state = State::Tag;
                    self.is_xml = true;
                }
            }
            _ => {}
        }
    }

    fn declaration_byte(&mut self, at: usize, byte: u8) {
        match byte {
            b'>' if self.depth > 0 => self.depth -= 1,
            b'>' if self.quote != 0 => {}
            b'>' => self.end(),
            b'"' | b'\'' if self.before(at, 1) != b'\\' => self.toggle_quote(byte),
            b'-' if self.before(at, 1) == b'-' && self.before(at, 2) == b'!' => {
                self.state = State::Comment;
            }
            b'e' | b'E' => {
                let from = at.saturating_sub(6);
                if at > 6 && self.text[from..at].eq_ignore_ascii_case(b"doctyp") {
                    self.state = State::Tag;
                }
            }
            _ => {}
        }
    }

    fn comment_byte(&mut self, at: usize, byte: u8) {
        let closes = self.before(at, 1) == b'-' && self.before(at, 2) == b'-';
        if byte == b'>' && self.quote == 0 && closes {
            self.end();
        }
    }
}

/// `strip_tags()`, but for the tags in `allowed` (`<a><b>`, any case; empty for none).
pub fn strip_tags(text: &[u8], allowed: &[u8]) -> Vec<u8> {
    let mut stripper = Stripper {
        text,
        allowed: allowed.to_ascii_lowercase(),
        out: Vec::with_capacity(text.len()),
        tag: Vec::new(),
        state: State::Text,
        quote: 0,
        depth: 0,
        parentheses: 0,
        last: 0,
        is_xml: false,
    };
    for (at, &byte) in text.iter().enumerate() {
        match stripper.state {
            State::Text => stripper.text_byte(at, byte),
            State::Tag => stripper.tag_byte(at, byte),
            State::Instruction => stripper.instruction_byte(at, byte),
            State::Declaration => stripper.declaration_byte(at, byte),
            State::Comment => stripper.comment_byte(at, byte),
        }
    }
    stripper.out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips() {
        assert_eq!(strip_tags(b"<p>a <b>b</b></p>", b""), b"a b");
        assert_eq!(strip_tags(b"<p>a <b x=1>b</b></p>", b"<B>"), b"a <b x=1>b</b>");
        assert_eq!(strip_tags(b"a<!-- <b> -->c<?php echo '>'; ?>d", b""), b"acd");
        assert_eq!(strip_tags(b"1 < 2 <br/>x", b"<br>"), b"1 < 2 <br/>x");
    }
}
