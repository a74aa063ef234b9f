//! The order in which PHP compares while it sorts: binary insertion for short runs, else
//! quicksort around the middle, made stable by the original positions. Callbacks see every
//! comparison, and contradictory ones (mixed types) leave what this very order leaves.

use outlast_vm::Ret;

/// Sorts indices `0..len`: `compare(a, b)` is positive where `a` goes behind `b`.
pub fn sorted_indices(
    len: usize,
    compare: &mut dyn FnMut(usize, usize) -> Ret<i32>,
) -> Ret<Vec<u32>> {
    let mut order: Vec<u32> = (0..len as u32).collect();
    let mut sorter = Sorter { compare };
    sorter.sort(&mut order)?;
    Ok(order)
}

/// Longer ranges are partitioned.
const SHORT: usize = 16;

/// From here on insertion looks for its place in steps of two.
const LINEAR: usize = 6;

struct Sorter<'a> {
    compare: &'a mut dyn FnMut(usize, usize) -> Ret<i32>,
}

impl Sorter<'_> {
    /// Does `a` go behind `b`? Equal ones keep their order.
    fn behind(&mut self, a: u32, b: u32) -> Ret<bool> {
        let c = (self.compare)(a as usize, b as usize)?;
        Ok(if c == 0 { a > b } else { c > 0 })
    }

    fn sort(&mut self, mut v: &mut [u32]) -> Ret<()> {
        while v.len() > SHORT {
            let split = self.partition(v)?;
            let (left, right) = v.split_at_mut(split);
            let left = &mut left[..split - 1];
            // The shorter side first, so that the depth stays logarithmic.
            if left.len() < right.len() {
                self.sort(left)?;
                v = right;
            } else {
                self.sort(right)?;
                v = left;
            }
        }
        self.insertion(v)
    }

    /// Moves a pivot to `result - 1`, what goes before it to its left.
    fn partition(&mut self, v: &mut [u32]) -> Ret<usize> {
        let last = v.len() - 1;
        let middle = v.len() / 2;
        if v.len() >= 1024 {
            let quarter = middle / 2;
            self.five(v, [0, quarter, middle, middle + quarter, last])?;
        } else {
            self.three(v, [0, middle, last])?;
        }
        v.swap(1, middle);
        let (mut i, mut j) = (2, last);
        'scan: loop {
            while self.behind(v[1], v[i])? {
                i += 1;
                if i == j {
                    break 'scan;
                }
            }
            j -= 1;
            if j == i {
                break;
            }
            while self.behind(v[j], v[1])? {
                j -= 1;
                if j == i {
                    break 'scan;
                }
            }
            v.swap(i, j);
            i += 1;
            if i == j {
                break;
            }
        }
        v.swap(1, i - 1);
        Ok(i)
    }

    fn insertion(&mut self, v: &mut [u32]) -> Ret<()> {
        match v.len() {
            0 | 1 => return Ok(()),
            2 => {
                if self.behind(v[0], v[1])? {
                    v.swap(0, 1);
                }
                return Ok(());
            }
            3 => return self.three(v, [0, 1, 2]),
            4 => return self.four(v, [0, 1, 2, 3]),
            5 => return self.five(v, [0, 1, 2, 3, 4]),
            _ => {}
        }
        for i in 1..v.len() {
            if !self.behind(v[i - 1], v[i])? {
                continue;
            }
            let place =
                if i < LINEAR { self.linear_place(v, i)? } else { self.stepped_place(v, i)? };
            v[place..=i].rotate_right(1);
        }
        Ok(())
    }

    fn linear_place(&mut self, v: &[u32], i: usize) -> Ret<usize> {
        let mut j = i - 1;
        while j > 0 {
            if !self.behind(v[j - 1], v[i])? {
                break;
            }
            j -= 1;
        }
        Ok(j)
    }

    fn stepped_place(&mut self, v: &[u32], i: usize) -> Ret<usize> {
        let mut j = i - 1;
        loop {
            j -= 2;
            if !self.behind(v[j], v[i])? {
                j += 1;
                if !self.behind(v[j], v[i])? {
                    j += 1;
                }
                return Ok(j);
            }
            if j == 0 {
                return Ok(0);
            }
            if j == 1 {
                return Ok(usize::from(self.behind(v[i], v[0])?));
            }
        }
    }

    fn three(&mut self, v: &mut [u32], [a, b, c]: [usize; 3]) -> Ret<()> {
        if !self.behind(v[a], v[b])? {
            if self.behind(v[b], v[c])? {
                v.swap(b, c);
                if self.behind(v[a], v[b])? {
                    v.swap(a, b);
                }
            }
            return Ok(());
        }
        if !self.behind(v[c], v[b])? {
            v.swap(a, c);
            return Ok(());
        }
        v.swap(a, b);
        if self.behind(v[b], v[c])? {
            v.swap(b, c);
        }
        Ok(())
    }

    fn four(&mut self, v: &mut [u32], [a, b, c, d]: [usize; 4]) -> Ret<()> {
        self.three(v, [a, b, c])?;
        self.sink(v, &[d, c, b, a])
    }

    fn five(&mut self, v: &mut [u32], [a, b, c, d, e]: [usize; 5]) -> Ret<()> {
        self.four(v, [a, b, c, d])?;
        self.sink(v, &[e, d, c, b, a])
    }

    /// Moves what is at the first place down the sorted others.
    fn sink(&mut self, v: &mut [u32], places: &[usize]) -> Ret<()> {
        for pair in places.windows(2) {
            if !self.behind(v[pair[1]], v[pair[0]])? {
                break;
            }
            v.swap(pair[0], pair[1]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::sorted_indices;
    use std::fmt::Write;

    fn trace(values: &[i32]) -> (String, Vec<i32>) {
        let mut log = String::new();
        let order = sorted_indices(values.len(), &mut |a, b| {
            write!(log, "{},{} ", values[a], values[b]).unwrap();
            Ok(values[a].cmp(&values[b]) as i32)
        })
        .unwrap();
        (log.trim_end().to_owned(), order.iter().map(|&i| values[i as usize]).collect())
    }

    #[test]
    fn compares_in_the_order_of_php() {
        assert_eq!(trace(&[3, 2, 1]).0, "3,2 1,2");
        assert_eq!(
            trace(&[8, 5, 7, 3, 1, 2, 6, 4]).0,
            "8,5 8,7 5,7 8,3 7,3 5,3 8,1 7,1 5,1 3,1 8,2 7,2 5,2 3,2 1,2 8,6 5,6 7,6 8,4 6,4 3,4 5,4"
        );
        let (log, sorted) = trace(&[16, 13, 10, 6, 2, 9, 12, 5, 7, 17, 1, 11, 3, 4, 8, 15, 14]);
        assert_eq!(
            log,
            "16,7 14,7 16,14 14,10 14,6 14,2 14,9 14,12 14,5 14,13 14,17 15,14 8,14 14,1 14,11 14,3 \
             14,4 17,15 16,15 17,16 7,4 7,10 10,6 7,6 4,6 10,2 7,2 6,2 4,2 10,9 7,9 10,12 12,5 9,5 \
             6,5 2,5 4,5 12,13 13,8 10,8 7,8 9,8 13,1 10,1 8,1 6,1 4,1 1,2 13,11 10,11 12,11 13,3 \
             11,3 9,3 7,3 5,3 2,3 4,3"
        );
        assert_eq!(sorted, (1..=17).collect::<Vec<_>>());
    }

    #[test]
    fn is_stable() {
        let keys: Vec<usize> = (0..3000).map(|i| i * 7919 % 13).collect();
        let order =
            sorted_indices(keys.len(), &mut |a, b| Ok(keys[a].cmp(&keys[b]) as i32)).unwrap();
        assert!(order.windows(2).all(|w| {
            let (a, b) = (w[0] as usize, w[1] as usize);
            (keys[a], a) < (keys[b], b)
        }));
    }
}
