//! Character sets the entity functions know.

use super::MultiByte;
use crate::utf8;

// Bytes 0x80 to 0xff of each set; U+FFFD marks one that is not assigned.
const ISO_8859_5: &str = "\
    \u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\
    \u{8e}\u{8f}\u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\
    \u{9c}\u{9d}\u{9e}\u{9f}\u{a0}ЁЂЃЄЅІЇЈЉЊЋЌ\u{ad}ЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгде\
    жзийклмнопрстуфхцчшщъыьэюя№ёђѓєѕіїјљњћќ§ўџ";
const ISO_8859_15: &str = "\
    \u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\
    \u{8e}\u{8f}\u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\
    \u{9c}\u{9d}\u{9e}\u{9f}\u{a0}¡¢£€¥Š§š©ª«¬\u{ad}®¯°±²³Žµ¶·ž¹º»ŒœŸ¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕ\
    Ö×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
const CP866: &str = "\
    АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫\
    ╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёЄєЇїЎў°∙·√№¤■\u{a0}";
const CP1251: &str = "\
    ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—�™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМН\
    ОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя";
const CP1252: &str = "\
    €�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍ\
    ÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
const KOI8_R: &str = "\
    ─│┌┐└┘├┤┬┴┼▀▄█▌▐░▒▓⌠■∙√≈≤≥\u{a0}⌡°²·÷═║╒ё╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡Ё╢╣╤╥╦╧╨╩╪╫╬©юабцдефгхийклмнопяр\
    стужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";
const MAC_ROMAN: &str = "\
    ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“\
    ”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// A character set of the entity functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// ISO-8859-1.
    Latin1,
    /// Any other set of single bytes.
    SingleByte(SingleByte),
    /// A set of one to three bytes besides UTF-8: only the basic entities are known in it.
    MultiByte(MultiByte),
}

/// A set of single bytes besides Latin-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SingleByte {
    /// ISO-8859-5.
    Iso8859_5,
    /// ISO-8859-15.
    Iso8859_15,
    /// IBM code page 866.
    Cp866,
    /// Windows-1251.
    Cp1251,
    /// Windows-1252.
    Cp1252,
    /// KOI8-R.
    Koi8R,
    /// MacRoman.
    MacRoman,
}

/// A name PHP does not know: it warns and assumes UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCharset;

impl SingleByte {
    fn high(self) -> &'static str {
        match self {
            SingleByte::Iso8859_5 => ISO_8859_5,
            SingleByte::Iso8859_15 => ISO_8859_15,
            SingleByte::Cp866 => CP866,
            SingleByte::Cp1251 => CP1251,
            SingleByte::Cp1252 => CP1252,
            SingleByte::Koi8R => KOI8_R,
            SingleByte::MacRoman => MAC_ROMAN,
        }
    }
}

impl Charset {
    /// The set of a name; the empty name is UTF-8.
    pub fn from_name(name: &[u8]) -> Result<Self, UnknownCharset> {
        if name.is_empty() || name.eq_ignore_ascii_case(b"utf-8") {
            return Ok(Charset::Utf8);
        }
        Ok(match name.to_ascii_lowercase().as_slice() {
            b"iso-8859-1" | b"iso8859-1" => Charset::Latin1,
            b"iso-8859-5" | b"iso8859-5" => Charset::SingleByte(SingleByte::Iso8859_5),
            b"iso-8859-15" | b"iso8859-15" => Charset::SingleByte(SingleByte::Iso8859_15),
            b"cp866" | b"866" | b"ibm866" => Charset::SingleByte(SingleByte::Cp866),
            b"cp1251" | b"windows-1251" | b"win-1251" | b"1251" => {
                Charset::SingleByte(SingleByte::Cp1251)
            }
            b"cp1252" | b"windows-1252" | b"1252" => Charset::SingleByte(SingleByte::Cp1252),
            b"koi8-r" | b"koi8-ru" | b"koi8r" => Charset::SingleByte(SingleByte::Koi8R),
            b"macroman" => Charset::SingleByte(SingleByte::MacRoman),
            b"big5" | b"950" => Charset::MultiByte(MultiByte::Big5),
            b"big5-hkscs" => Charset::MultiByte(MultiByte::Big5Hkscs),
            b"gb2312" | b"936" => Charset::MultiByte(MultiByte::Gb2312),
            b"shift_jis" | b"sjis" | b"sjis-win" | b"cp932" | b"932" => {
                Charset::MultiByte(MultiByte::ShiftJis)
            }
            b"euc-jp" | b"eucjp" | b"eucjp-win" => Charset::MultiByte(MultiByte::EucJp),
            _ => return Err(UnknownCharset),
        })
    }

    /// The code point of the character at `at`, moving past it; `None` when malformed.
    pub(super) fn next(self, text: &[u8], at: &mut usize) -> Option<u32> {
        if self == Charset::Utf8 {
            return utf8::next_char(text, at);
        }
        if let Charset::MultiByte(set) = self {
            return set.next(text, at);
        }
        let byte = text[*at];
        *at += 1;
        Some(match self {
            Charset::SingleByte(set) if byte >= 0x80 => {
                set.high().chars().nth(usize::from(byte) - 0x80).map_or(0, u32::from)
            }
            _ => u32::from(byte),
        })
    }

    /// The bytes of a code point, `None` when the set does not have it.
    pub(super) fn bytes(self, code: u32) -> Option<Vec<u8>> {
        if let Ok(byte @ 0..0x80) = u8::try_from(code) {
            return Some(vec![byte]);
        }
        match self {
            Charset::Utf8 => {
                let mut out = Vec::with_capacity(4);
                utf8::push_char(&mut out, code);
                Some(out)
            }
            Charset::Latin1 => u8::try_from(code).ok().map(|byte| vec![byte]),
            Charset::MultiByte(_) => None,
            Charset::SingleByte(set) => set
                .high()
                .chars()
                .position(|c| u32::from(c) == code && c != char::REPLACEMENT_CHARACTER)
                .map(|at| vec![at as u8 + 0x80]),
        }
    }
}
