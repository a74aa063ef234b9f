//! Numbers with a multiplier: `128M`.

/// The value of a quantity as PHP reads it, and what it complains of.
pub fn parse_quantity(text: &[u8]) -> (i64, Option<String>) {
    // Most are plain numbers.
    if !text.is_empty() && text.len() < 18 && text[0] != b'0' && text.iter().all(u8::is_ascii_digit)
    {
        return (text.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')), None);
    }
    let quantity = outlast_ini::parse_quantity(text);
    (quantity.value, quantity.warning)
}
