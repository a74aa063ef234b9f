//! The hash of string keys: a folded multiply over 8-byte words.

const K0: u64 = 0xa076_1d64_78bd_642f;
const K1: u64 = 0xe703_7ed1_a0b4_28db;
const K2: u64 = 0x8ebc_6af0_9c88_c6e3;

#[inline(always)]
const fn fold(a: u64, b: u64) -> u64 {
    let wide = (a as u128).wrapping_mul(b as u128);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// # Safety
/// `at + 8 <= bytes.len()`.
#[inline(always)]
const unsafe fn word(bytes: &[u8], at: usize) -> u64 {
    // SAFETY: within the slice by the caller's promise; `[u8; 8]` has no alignment.
    u64::from_le_bytes(unsafe { *bytes.as_ptr().add(at).cast::<[u8; 8]>() })
}

/// # Safety
/// `at + 4 <= bytes.len()`.
#[inline(always)]
const unsafe fn half(bytes: &[u8], at: usize) -> u64 {
    // SAFETY: within the slice by the caller's promise; `[u8; 4]` has no alignment.
    u32::from_le_bytes(unsafe { *bytes.as_ptr().add(at).cast::<[u8; 4]>() }) as u64
}

/// The hash of `bytes`; never zero, since zero marks a hash not yet computed.
#[inline]
pub(crate) const fn hash_bytes(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    let mut state = K0 ^ (len as u64).wrapping_mul(K1);
    let (a, b);
    if len > 16 {
        let mut at = 0;
        while at + 16 < len {
            // SAFETY: `at + 16 < len`.
            let (lo, hi) = unsafe { (word(bytes, at), word(bytes, at + 8)) };
            state = fold(lo ^ K1, hi ^ state);
            at += 16;
        }
        // SAFETY: `len > 16`.
        (a, b) = unsafe { (word(bytes, len - 16), word(bytes, len - 8)) };
    } else if len >= 8 {
        // SAFETY: `len >= 8`.
        (a, b) = unsafe { (word(bytes, 0), word(bytes, len - 8)) };
    } else if len >= 4 {
        // SAFETY: `len >= 4`.
        (a, b) = unsafe { (half(bytes, 0), half(bytes, len - 4)) };
    } else if len > 0 {
        a = ((bytes[0] as u64) << 16) | ((bytes[len / 2] as u64) << 8) | bytes[len - 1] as u64;
        b = 0;
    } else {
        (a, b) = (0, 0);
    }
    fold(a ^ K2, b ^ state) | (1 << 63)
}

#[cfg(test)]
mod tests {
    use super::hash_bytes;

    #[test]
    fn every_byte_counts() {
        for len in 1..70 {
            let base = vec![b'x'; len];
            let hash = hash_bytes(&base);
            assert_ne!(hash, 0);
            for at in 0..len {
                let mut other = base.clone();
                other[at] = b'y';
                assert_ne!(hash, hash_bytes(&other), "length {len}, byte {at}");
            }
        }
    }
}
