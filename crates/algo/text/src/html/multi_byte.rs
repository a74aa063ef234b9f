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
            MultiByte::Big5 | MultiByte::Big5Hkscs => big5(rest),
            MultiByte::Gb2312 => gb2312(rest),
            MultiByte::ShiftJis => shift_jis(rest),
            MultiByte::EucJp => euc_jp(rest),
        };
        let bytes = &rest[..size];
        *at += size;
        well_formed.then(|| bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)))
    }
}

/// The size of what begins the text, and whether it is a character.
type Taken = (usize, bool);

fn big5(text: &[u8]) -> Taken {
    match text {
        [0x81..=0xfe, 0x40..=0x7e | 0xa1..=0xfe, ..] => (2, true),
        [0x81..=0xfe, ..] => (1, false),
        _ => (1, true),
    }
}

fn shift_jis(text: &[u8]) -> Taken {
    match text {
        [0x81..=0x9f | 0xe0..=0xfc, 0x40..=0x7e | 0x80..=0xfc, ..] => (2, true),
        [0..=0x7f | 0xa1..=0xdf, ..] => (1, true),
        _ => (1, false),
    }
}

fn gb2312(text: &[u8]) -> Taken {
    match text {
        [0xa1..=0xfe, 0xa1..=0xfe, ..] => (2, true),
        [0xa1..=0xfe, ..] => malformed(text),
        [0x8e | 0x8f | 0xa0 | 0xff, ..] => (1, false),
        _ => (1, true),
    }
}

fn euc_jp(text: &[u8]) -> Taken {
    match text {
        [0x8f, 0xa1..=0xfe, 0xa1..=0xfe, ..] => (3, true),
        [0x8e, 0xa1..=0xdf, ..] | [0xa1..=0xfe, 0xa1..=0xfe, ..] => (2, true),
        [0x8e | 0x8f | 0xa1..=0xfe, ..] => malformed(text),
        [0xa0 | 0xff, ..] => (1, false),
        _ => (1, true),
    }
}

/// A byte that can begin nothing goes with the malformed character before it.
fn malformed(text: &[u8]) -> Taken {
    match text {
        [_, 0xa0 | 0xff, ..] => (2, false),
        _ => (1, false),
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
