//! Facts about names.

/// The part behind the last backslash.
pub(crate) fn last_segment(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|&b| b == b'\\') {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

/// Names no class can have.
pub(crate) fn is_reserved_class(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        &lower[..],
        b"bool"
            | b"false"
            | b"float"
            | b"int"
            | b"null"
            | b"parent"
            | b"self"
            | b"static"
            | b"string"
            | b"true"
            | b"void"
            | b"never"
            | b"iterable"
            | b"object"
            | b"mixed"
    )
}

/// Variables that are global everywhere.
pub(crate) fn is_superglobal(name: &[u8]) -> bool {
    matches!(
        name,
        b"GLOBALS"
            | b"_GET"
            | b"_POST"
            | b"_COOKIE"
            | b"_SERVER"
            | b"_ENV"
            | b"_REQUEST"
            | b"_FILES"
            | b"_SESSION"
    )
}

/// Functions that reach the variables of their caller by name.
pub(crate) fn touches_variables(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(
        &lower[..],
        b"compact" | b"extract" | b"get_defined_vars" | b"parse_str" | b"mb_parse_str"
    )
}
