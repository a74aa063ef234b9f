//! The encodings by name.

use crate::data::single_byte;

/// Which byte of a unit comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Big,
    Little,
    /// A mark at the start tells; without one the first is the big one.
    Mark,
}

/// How the first byte of a character tells the length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lead {
    /// It does not.
    None,
    EucJp,
    Sjis,
    /// Two bytes from 0xa1 on.
    Euc,
    /// Two bytes from 0x81 on.
    High,
}

/// How an encoding works.
#[derive(Clone, Copy)]
pub enum Kind {
    Base64,
    Uuencode,
    HtmlEntities,
    QuotedPrintable,
    SevenBit,
    EightBit,
    /// Units of so many bytes, a character each.
    Wide(usize, Order),
    Utf32(Order),
    Utf16(Order),
    Utf8,
    Utf7,
    Utf7Imap,
    /// Meanings of the bytes from 0x80 on.
    Single(&'static [u16; 128]),
    /// Encodings of East Asia.
    Legacy(&'static encoding_rs::Encoding, Lead),
}

/// An encoding.
pub struct Encoding {
    pub name: &'static str,
    /// Its name in mails.
    pub mime: Option<&'static str>,
    pub aliases: &'static [&'static str],
    pub kind: Kind,
}

impl PartialEq for Encoding {
    fn eq(&self, other: &Encoding) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Encoding {
    pub fn is_utf8(&self) -> bool {
        matches!(self.kind, Kind::Utf8)
    }

    /// Does it write characters of ASCII as they are, and nothing else with bytes of ASCII?
    pub fn keeps_ascii(&self) -> bool {
        matches!(self.kind, Kind::Utf8 | Kind::SevenBit | Kind::Single(_))
    }

    /// Length of the character that starts with a byte, where that alone tells.
    pub fn lead_len(&self) -> Option<fn(u8) -> usize> {
        Some(match self.kind {
            Kind::Utf8 => |b| match b {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf7 => 4,
                _ => 1,
            },
            Kind::SevenBit | Kind::EightBit | Kind::Single(_) => |_| 1,
            Kind::Legacy(_, Lead::EucJp) => |b| match b {
                0x8f => 3,
                0x8e | 0xa1..=0xfe => 2,
                _ => 1,
            },
            Kind::Legacy(_, Lead::Sjis) => |b| match b {
                0x81..=0x9f | 0xe0..=0xfc => 2,
                _ => 1,
            },
            Kind::Legacy(_, Lead::Euc) => |b| if (0xa1..=0xfe).contains(&b) { 2 } else { 1 },
            Kind::Legacy(_, Lead::High) => |b| if (0x81..=0xfe).contains(&b) { 2 } else { 1 },
            _ => return None,
        })
    }
}

/// The encoding of a name, an alias or a name of mails.
pub fn find(name: &[u8]) -> Option<&'static Encoding> {
    let is = |known: &str| known.as_bytes().eq_ignore_ascii_case(name);
    if is("UTF-8") {
        return Some(&ENCODINGS[UTF8]);
    }
    ENCODINGS
        .iter()
        .find(|e| is(e.name))
        .or_else(|| ENCODINGS.iter().find(|e| e.mime.is_some_and(is)))
        .or_else(|| ENCODINGS.iter().find(|e| e.aliases.iter().any(|a| is(a))))
}

/// UTF-8.
pub fn utf8() -> &'static Encoding {
    &ENCODINGS[UTF8]
}

/// Where UTF-8 is in the list.
const UTF8: usize = 18;

/// In PHP's order.
pub static ENCODINGS: &[Encoding] = &[
    Encoding { name: "BASE64", mime: Some("BASE64"), aliases: &[], kind: Kind::Base64 },
    Encoding { name: "UUENCODE", mime: Some("x-uuencode"), aliases: &[], kind: Kind::Uuencode },
    Encoding {
        name: "HTML-ENTITIES",
        mime: Some("HTML-ENTITIES"),
        aliases: &["HTML", "html"],
        kind: Kind::HtmlEntities,
    },
    Encoding {
        name: "Quoted-Printable",
        mime: Some("Quoted-Printable"),
        aliases: &["qprint"],
        kind: Kind::QuotedPrintable,
    },
    Encoding { name: "7bit", mime: Some("7bit"), aliases: &[], kind: Kind::SevenBit },
    Encoding { name: "8bit", mime: Some("8bit"), aliases: &["binary"], kind: Kind::EightBit },
    Encoding {
        name: "UCS-4",
        mime: Some("UCS-4"),
        aliases: &["ISO-10646-UCS-4", "UCS4"],
        kind: Kind::Wide(4, Order::Mark),
    },
    Encoding {
        name: "UCS-4BE",
        mime: Some("UCS-4BE"),
        aliases: &["byte4be"],
        kind: Kind::Wide(4, Order::Big),
    },
    Encoding {
        name: "UCS-4LE",
        mime: Some("UCS-4LE"),
        aliases: &["byte4le"],
        kind: Kind::Wide(4, Order::Little),
    },
    Encoding {
        name: "UCS-2",
        mime: Some("UCS-2"),
        aliases: &["ISO-10646-UCS-2", "UCS2", "UNICODE"],
        kind: Kind::Wide(2, Order::Mark),
    },
    Encoding {
        name: "UCS-2BE",
        mime: Some("UCS-2BE"),
        aliases: &["byte2be"],
        kind: Kind::Wide(2, Order::Big),
    },
    Encoding {
        name: "UCS-2LE",
        mime: Some("UCS-2LE"),
        aliases: &["byte2le"],
        kind: Kind::Wide(2, Order::Little),
    },
    Encoding {
        name: "UTF-32",
        mime: Some("UTF-32"),
        aliases: &["utf32"],
        kind: Kind::Utf32(Order::Mark),
    },
    Encoding {
        name: "UTF-32BE",
        mime: Some("UTF-32BE"),
        aliases: &[],
        kind: Kind::Utf32(Order::Big),
    },
    Encoding {
        name: "UTF-32LE",
        mime: Some("UTF-32LE"),
        aliases: &[],
        kind: Kind::Utf32(Order::Little),
    },
    Encoding {
        name: "UTF-16",
        mime: Some("UTF-16"),
        aliases: &["utf16"],
        kind: Kind::Utf16(Order::Mark),
    },
    Encoding {
        name: "UTF-16BE",
        mime: Some("UTF-16BE"),
        aliases: &[],
        kind: Kind::Utf16(Order::Big),
    },
    Encoding {
        name: "UTF-16LE",
        mime: Some("UTF-16LE"),
        aliases: &[],
        kind: Kind::Utf16(Order::Little),
    },
    Encoding { name: "UTF-8", mime: Some("UTF-8"), aliases: &["utf8"], kind: Kind::Utf8 },
    Encoding { name: "UTF-7", mime: Some("UTF-7"), aliases: &["utf7"], kind: Kind::Utf7 },
    Encoding { name: "UTF7-IMAP", mime: None, aliases: &["mUTF-7"], kind: Kind::Utf7Imap },
    Encoding {
        name: "ASCII",
        mime: Some("US-ASCII"),
        aliases: &[
            "ANSI_X3.4-1968",
            "iso-ir-6",
            "ANSI_X3.4-1986",
            "ISO_646.irv:1991",
            "US-ASCII",
            "ISO646-US",
            "us",
            "IBM367",
            "IBM-367",
            "cp367",
            "csASCII",
        ],
        kind: Kind::SevenBit,
    },
    Encoding {
        name: "EUC-JP",
        mime: Some("EUC-JP"),
        aliases: &["EUC", "EUC_JP", "eucJP", "x-euc-jp"],
        kind: Kind::Legacy(&encoding_rs::EUC_JP_INIT, Lead::EucJp),
    },
    Encoding {
        name: "SJIS",
        mime: Some("Shift_JIS"),
        aliases: &["x-sjis", "SHIFT-JIS"],
        kind: Kind::Legacy(&encoding_rs::SHIFT_JIS_INIT, Lead::Sjis),
    },
    Encoding {
        name: "eucJP-win",
        mime: Some("EUC-JP"),
        aliases: &["eucJP-open", "eucJP-ms"],
        kind: Kind::Legacy(&encoding_rs::EUC_JP_INIT, Lead::EucJp),
    },
    Encoding {
        name: "CP932",
        mime: Some("Shift_JIS"),
        aliases: &["MS932", "Windows-31J", "MS_Kanji"],
        kind: Kind::Legacy(&encoding_rs::SHIFT_JIS_INIT, Lead::Sjis),
    },
    Encoding {
        name: "SJIS-win",
        mime: Some("Shift_JIS"),
        aliases: &["SJIS-ms", "SJIS-open"],
        kind: Kind::Legacy(&encoding_rs::SHIFT_JIS_INIT, Lead::Sjis),
    },
    Encoding {
        name: "CP51932",
        mime: Some("CP51932"),
        aliases: &["cp51932"],
        kind: Kind::Legacy(&encoding_rs::EUC_JP_INIT, Lead::EucJp),
    },
    Encoding {
        name: "JIS",
        mime: Some("ISO-2022-JP"),
        aliases: &[],
        kind: Kind::Legacy(&encoding_rs::ISO_2022_JP_INIT, Lead::None),
    },
    Encoding {
        name: "ISO-2022-JP",
        mime: Some("ISO-2022-JP"),
        aliases: &[],
        kind: Kind::Legacy(&encoding_rs::ISO_2022_JP_INIT, Lead::None),
    },
    Encoding {
        name: "GB18030",
        mime: Some("GB18030"),
        aliases: &["gb-18030", "gb-18030-2000"],
        kind: Kind::Legacy(&encoding_rs::GB18030_INIT, Lead::None),
    },
    Encoding {
        name: "Windows-1252",
        mime: Some("Windows-1252"),
        aliases: &["cp1252"],
        kind: Kind::Single(&single_byte::WINDOWS_1252),
    },
    Encoding {
        name: "Windows-1254",
        mime: Some("Windows-1254"),
        aliases: &["CP1254", "CP-1254", "WINDOWS-1254"],
        kind: Kind::Single(&single_byte::WINDOWS_1254),
    },
    Encoding {
        name: "ISO-8859-1",
        mime: Some("ISO-8859-1"),
        aliases: &["ISO8859-1", "latin1"],
        kind: Kind::Single(&single_byte::ISO_8859_1),
    },
    Encoding {
        name: "ISO-8859-2",
        mime: Some("ISO-8859-2"),
        aliases: &["ISO8859-2", "latin2"],
        kind: Kind::Single(&single_byte::ISO_8859_2),
    },
    Encoding {
        name: "ISO-8859-3",
        mime: Some("ISO-8859-3"),
        aliases: &["ISO8859-3", "latin3"],
        kind: Kind::Single(&single_byte::ISO_8859_3),
    },
    Encoding {
        name: "ISO-8859-4",
        mime: Some("ISO-8859-4"),
        aliases: &["ISO8859-4", "latin4"],
        kind: Kind::Single(&single_byte::ISO_8859_4),
    },
    Encoding {
        name: "ISO-8859-5",
        mime: Some("ISO-8859-5"),
        aliases: &["ISO8859-5", "cyrillic"],
        kind: Kind::Single(&single_byte::ISO_8859_5),
    },
    Encoding {
        name: "ISO-8859-6",
        mime: Some("ISO-8859-6"),
        aliases: &["ISO8859-6", "arabic"],
        kind: Kind::Single(&single_byte::ISO_8859_6),
    },
    Encoding {
        name: "ISO-8859-7",
        mime: Some("ISO-8859-7"),
        aliases: &["ISO8859-7", "greek"],
        kind: Kind::Single(&single_byte::ISO_8859_7),
    },
    Encoding {
        name: "ISO-8859-8",
        mime: Some("ISO-8859-8"),
        aliases: &["ISO8859-8", "hebrew"],
        kind: Kind::Single(&single_byte::ISO_8859_8),
    },
    Encoding {
        name: "ISO-8859-9",
        mime: Some("ISO-8859-9"),
        aliases: &["ISO8859-9", "latin5"],
        kind: Kind::Single(&single_byte::ISO_8859_9),
    },
    Encoding {
        name: "ISO-8859-10",
        mime: Some("ISO-8859-10"),
        aliases: &["ISO8859-10", "latin6"],
        kind: Kind::Single(&single_byte::ISO_8859_10),
    },
    Encoding {
        name: "ISO-8859-13",
        mime: Some("ISO-8859-13"),
        aliases: &["ISO8859-13"],
        kind: Kind::Single(&single_byte::ISO_8859_13),
    },
    Encoding {
        name: "ISO-8859-14",
        mime: Some("ISO-8859-14"),
        aliases: &["ISO8859-14", "latin8"],
        kind: Kind::Single(&single_byte::ISO_8859_14),
    },
    Encoding {
        name: "ISO-8859-15",
        mime: Some("ISO-8859-15"),
        aliases: &["ISO8859-15"],
        kind: Kind::Single(&single_byte::ISO_8859_15),
    },
    Encoding {
        name: "ISO-8859-16",
        mime: Some("ISO-8859-16"),
        aliases: &["ISO8859-16"],
        kind: Kind::Single(&single_byte::ISO_8859_16),
    },
    Encoding {
        name: "EUC-CN",
        mime: Some("CN-GB"),
        aliases: &["CN-GB", "EUC_CN", "eucCN", "x-euc-cn", "gb2312"],
        kind: Kind::Legacy(&encoding_rs::GBK_INIT, Lead::Euc),
    },
    Encoding {
        name: "CP936",
        mime: Some("CP936"),
        aliases: &["CP-936", "GBK"],
        kind: Kind::Legacy(&encoding_rs::GBK_INIT, Lead::High),
    },
    Encoding {
        name: "BIG-5",
        mime: Some("BIG5"),
        aliases: &["CN-BIG5", "BIG-FIVE", "BIGFIVE"],
        kind: Kind::Legacy(&encoding_rs::BIG5_INIT, Lead::High),
    },
    Encoding {
        name: "CP950",
        mime: Some("BIG5"),
        aliases: &[],
        kind: Kind::Legacy(&encoding_rs::BIG5_INIT, Lead::High),
    },
    Encoding {
        name: "EUC-KR",
        mime: Some("EUC-KR"),
        aliases: &["EUC_KR", "eucKR", "x-euc-kr"],
        kind: Kind::Legacy(&encoding_rs::EUC_KR_INIT, Lead::Euc),
    },
    Encoding {
        name: "UHC",
        mime: Some("UHC"),
        aliases: &["CP949"],
        kind: Kind::Legacy(&encoding_rs::EUC_KR_INIT, Lead::High),
    },
    Encoding {
        name: "Windows-1251",
        mime: Some("Windows-1251"),
        aliases: &["CP1251", "CP-1251", "WINDOWS-1251"],
        kind: Kind::Single(&single_byte::WINDOWS_1251),
    },
    Encoding {
        name: "CP866",
        mime: Some("CP866"),
        aliases: &["CP-866", "IBM866", "IBM-866"],
        kind: Kind::Single(&single_byte::CP866),
    },
    Encoding {
        name: "KOI8-R",
        mime: Some("KOI8-R"),
        aliases: &["KOI8R"],
        kind: Kind::Single(&single_byte::KOI8_R),
    },
    Encoding {
        name: "KOI8-U",
        mime: Some("KOI8-U"),
        aliases: &["KOI8U"],
        kind: Kind::Single(&single_byte::KOI8_U),
    },
    Encoding {
        name: "ArmSCII-8",
        mime: Some("ArmSCII-8"),
        aliases: &["ArmSCII8", "ARMSCII-8", "ARMSCII8"],
        kind: Kind::Single(&single_byte::ARMSCII_8),
    },
    Encoding {
        name: "CP850",
        mime: Some("CP850"),
        aliases: &["CP-850", "IBM850", "IBM-850"],
        kind: Kind::Single(&single_byte::CP850),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        assert_eq!(utf8().name, "UTF-8");
        assert_eq!(find(b"LATIN1").unwrap().name, "ISO-8859-1");
        assert!(find(b"BAD").is_none());
    }
}
