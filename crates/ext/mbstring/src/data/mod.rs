//! Tables of characters.

pub mod case;
pub mod case_ignorable;
pub mod single_byte;
pub mod wide;

/// Is the character in one of the ranges?
pub fn within(ranges: &[(u32, u32)], c: u32) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= c);
    after > 0 && c <= ranges[after - 1].1
}
