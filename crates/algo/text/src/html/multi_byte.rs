//! How characters are made of bytes in the East Asian character sets.

/// A multi-byte set besides UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MultiByte {
    /// Big5.
    Big5,
    /// Big5 with the Hong Kong supplement.
    Big5Hkscs,
    /// GB2312.
    Gb2312,
    /// Shift_JIS.
    ShiftJis,
    /// EUC-JP.
    EucJp,
}

impl MultiByte {
    /// The bytes of the character at `at` as a number, moving past it; `None` when malformed.
    pub(super) fn next(self, text: &[u8], at: &mut usize) -> Option<u32> {
        let rest = &text[*at..];
        let (size, well_formed) = match self {
            MultiByte::EucJp => euc_jp(rest),
            _ => self.double_byte(rest),
        };
        let bytes = &rest[..size];
        *at += size;
        well_formed.then(|| bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)))
    }

    fn is_lead(self, byte: u8) -> bool {
        match self {
            MultiByte::ShiftJis => matches!(byte, 0x81..=0x9f | 0xe0..=0xfc),
            _ => matches!(byte, 0x81..=0xfe),
        }
    }

    fn is_trail(self, byte: u8) -> bool {
        match self {
            MultiByte::ShiftJis => matches!(byte, 0x40..=0x7e | 0x80..=0xfc),
            _ => matches!(byte, 0x40..=0x7e | 0x80..=0xfe),
        }
    }

    fn is_single(self, byte: u8) -> bool {
        match self {
            MultiByte::ShiftJis => matches!(byte, 0..=0x7f | 0xa1..=0xdf),
            MultiByte::Big5Hkscs => byte != 0x80,
            _ => true,
        }
    }

    /// The size of what begins the text, and whether it is a character.
    fn double_byte(self, text: &[u8]) -> (usize, bool) {
        if !self.is_lead(text[0]) {
            return (1, self.is_single(text[0]));
        }
        match text.get(1) {
            Some(trail) if self.is_trail(*trail) => (2, true),
            _ => (1, false),
        }
    }
}

fn euc_jp(text: &[u8]) -> (usize, bool) {
    let is_kanji = |byte: &u8| matches!(byte, 0xa1..=0xfe);
    // A byte that can begin nothing goes with the malformed character before it.
    let malformed = match text.get(1) {
        Some(0xa0 | 0xff) => (2, false),
        _ => (1, false),
    };
    match text {
        [0xa0 | 0xff, ..] => (1, false),
        [0x8e, 0xa1..=0xdf, ..] => (2, true),
        [0x8f, second, third, ..] if is_kanji(second) && is_kanji(third) => (3, true),
        [first, second, ..] if is_kanji(first) && is_kanji(second) => (2, true),
        [first, ..] if is_kanji(first) || matches!(first, 0x8e | 0x8f) => malformed,
        _ => (1, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_characters() {
        let read = |set: MultiByte, text: &[u8]| {
            let mut at = 0;
            (set.next(text, &mut at), at)
        };
        assert_eq!(read(MultiByte::EucJp, b"\x8f\xa1\xa2"), (Some(0x8f_a1a2), 3));
        assert_eq!(read(MultiByte::EucJp, b"\xb2\xff"), (None, 2));
        assert_eq!(read(MultiByte::EucJp, b"\x8e!"), (None, 1));
        assert_eq!(read(MultiByte::ShiftJis, b"\x82\xa0"), (Some(0x82a0), 2));
        assert_eq!(read(MultiByte::ShiftJis, b"\xa0"), (None, 1));
        assert_eq!(read(MultiByte::Big5, b"\xa4\x40"), (Some(0xa440), 2));
    }
}
