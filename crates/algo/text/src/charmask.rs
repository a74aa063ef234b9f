//! Character lists with `..` ranges, as `trim`, `addcslashes` and others take them.

/// The bytes a list names, and the warnings its malformed ranges raise.
pub fn charmask(list: &[u8]) -> ([bool; 256], Vec<&'static str>) {
    let mut mask = [false; 256];
    let mut warnings = Vec::new();
    let mut at = 0;
    while at < list.len() {
        let byte = list[at];
        let dots = |from: usize| list.get(from) == Some(&b'.') && list.get(from + 1) == Some(&b'.');
        if dots(at + 1) && list.get(at + 3).is_some_and(|last| *last >= byte) {
            mask[usize::from(byte)..=usize::from(list[at + 3])].fill(true);
            at += 4;
            continue;
        }
        if dots(at) {
            warnings.push(if at == 0 {
                "Invalid '..'-range, no character to the left of '..'"
            } else if at + 2 >= list.len() {
                "Invalid '..'-range, no character to the right of '..'"
            } else if list[at - 1] > list[at + 2] {
                "Invalid '..'-range, '..'-range needs to be incrementing"
            } else {
                "Invalid '..'-range"
            });
        } else {
            mask[usize::from(byte)] = true;
        }
        at += 1;
    }
    (mask, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let (mask, warnings) = charmask(b"a..cX");
        assert!(mask[usize::from(b'b')] && mask[usize::from(b'X')] && !mask[usize::from(b'.')]);
        assert!(warnings.is_empty());
        assert_eq!(
            charmask(b"z..a").1,
            ["Invalid '..'-range, '..'-range needs to be incrementing"]
        );
    }
}
