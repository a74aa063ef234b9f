//! `LIBXML_*` as the parser takes them.

use outlast_xml::build::Wanted;
use outlast_xml::parser::Options;

/// `LIBXML_NOERROR`
pub const NO_ERROR: i64 = 32;
/// `LIBXML_NOWARNING`
pub const NO_WARNING: i64 = 64;

/// What the bits ask of the parser.
pub fn wanted(options: i64) -> Wanted {
    let has = |bit: i64| options & bit != 0;
    Wanted {
        parse: Options {
            recover: has(1),
            replace_entities: has(2),
            default_attrs: has(8),
            huge: has(524_288),
            ..Options::default()
        },
        no_blanks: has(256),
        no_cdata: has(16_384),
    }
}
