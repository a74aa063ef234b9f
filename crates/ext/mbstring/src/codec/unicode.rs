//! UTF-8, UTF-16, UTF-32 and UCS.

use super::BAD;
use crate::encodings::Order;

pub fn decode_utf8(bytes: &[u8]) -> Vec<u32> {
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend(chunk.valid().chars().map(u32::from));
        if !chunk.invalid().is_empty() {
            out.push(BAD);
        }
    }
    out
}

pub fn put_utf8(out: &mut Vec<u8>, c: u32) -> bool {
    match char::from_u32(c) {
        Some(c) => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            true
        }
        None => false,
    }
}

/// The order that a mark tells, and the bytes behind it.
fn marked(bytes: &[u8], size: usize, order: Order) -> (bool, &[u8]) {
    match order {
        Order::Big => (false, bytes),
        Order::Little => (true, bytes),
        Order::Mark => {
            let Some(first) = bytes.get(..size) else { return (false, bytes) };
            match unit(first, false) {
                0xfeff => (false, &bytes[size..]),
                _ if unit(first, true) == 0xfeff => (true, &bytes[size..]),
                _ => (false, bytes),
            }
        }
    }
}

fn unit(bytes: &[u8], little: bool) -> u32 {
    let join = |n, b: &u8| (n << 8) | u32::from(*b);
    if little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) }
}

fn put_unit(out: &mut Vec<u8>, value: u32, size: usize, order: Order) {
    let big = value.to_be_bytes();
    let big = &big[4 - size..];
    if order == Order::Little {
        out.extend(big.iter().rev());
    } else {
        out.extend_from_slice(big);
    }
}

pub fn decode_wide(bytes: &[u8], size: usize, order: Order, unicode: bool) -> Vec<u32> {
    let (little, bytes) = marked(bytes, size, order);
    bytes
        .chunks(size)
        .map(|chunk| {
            let c = unit(chunk, little);
            let fits = !unicode || char::from_u32(c).is_some();
            if chunk.len() == size && fits { c } else { BAD }
        })
        .collect()
}

pub fn put_wide(out: &mut Vec<u8>, c: u32, size: usize, order: Order) -> bool {
    let fits = size == 4 || c <= 0xffff;
    if fits {
        put_unit(out, c, size, order);
    }
    fits
}

pub fn decode_utf16(bytes: &[u8], order: Order) -> Vec<u32> {
    let (little, bytes) = marked(bytes, 2, order);
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let mut high: Option<u32> = None;
    for chunk in bytes.chunks(2) {
        if chunk.len() < 2 {
            out.push(BAD);
            break;
        }
        let u = unit(chunk, little);
        match (high.take(), u) {
            (Some(first), 0xdc00..=0xdfff) => {
                out.push(0x10000 + ((first - 0xd800) << 10) + (u - 0xdc00));
                continue;
            }
            (Some(_), _) => out.push(BAD),
            (None, _) => {}
        }
        match u {
            0xd800..=0xdbff => high = Some(u),
            0xdc00..=0xdfff => out.push(BAD),
            c => out.push(c),
        }
    }
    if high.is_some() {
        out.push(BAD);
    }
    out
}

pub fn put_utf16(out: &mut Vec<u8>, c: u32, order: Order) -> bool {
    let Some(c) = char::from_u32(c) else { return false };
    for u in c.encode_utf16(&mut [0; 2]) {
        put_unit(out, u32::from(*u), 2, order);
    }
    true
}
