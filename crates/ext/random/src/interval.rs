//! Floats in an interval, each as likely as its neighbours: the gamma-section method of Goualard
//! ("Drawing random floating-point numbers from an interval").

use crate::source::Source;
use outlast_vm::{Cx, Ret};

/// Which ends belong to the interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    ClosedOpen,
    ClosedClosed,
    OpenClosed,
    OpenOpen,
}

/// The interval cut into equal steps.
struct Section {
    min: f64,
    max: f64,
    step: f64,
    count: u64,
}

impl Section {
    fn new(min: f64, max: f64) -> Section {
        let step = if min.abs() > max.abs() { min.next_up() - min } else { max - max.next_down() };
        Section { min, max, step, count: steps(min, max, step) }
    }

    /// The place `k` steps from the end of greater magnitude.
    fn at(&self, k: u64) -> f64 {
        let (high, low) = ((k >> 2) as f64, (k & 3) as f64);
        if self.is_from_max() {
            4.0 * (self.max * 0.25 - high * self.step) - low * self.step
        } else {
            4.0 * (self.min * 0.25 + high * self.step) + low * self.step
        }
    }

    fn is_from_max(&self) -> bool {
        self.min.abs() <= self.max.abs()
    }
}

/// How many steps of size `g` there are from `a` to `b`, rounded up.
fn steps(a: f64, b: f64, g: f64) -> u64 {
    let s = b / g - a / g;
    let error = if a.abs() <= b.abs() { -a / g - (s - b / g) } else { b / g - (s + a / g) };
    let up = s.ceil();
    if s == up { up as u64 + u64::from(error > 0.0) } else { up as u64 }
}

/// A float of the interval; `None` if there is none in it.
pub fn float(
    cx: &mut Cx,
    source: Source<'_>,
    min: f64,
    max: f64,
    boundary: Boundary,
) -> Ret<Option<f64>> {
    let section = Section::new(min, max);
    let count = section.count;
    let needed = match boundary {
        Boundary::ClosedClosed => 0,
        Boundary::ClosedOpen | Boundary::OpenClosed => 1,
        Boundary::OpenOpen => 2,
    };
    if count < needed {
        return Ok(None);
    }
    let k = source.up_to(cx, count - needed)?;
    let (from_max, last) = (section.is_from_max(), count);
    Ok(Some(match boundary {
        Boundary::ClosedOpen => match k + 1 {
            k if from_max && k == last => min,
            k if from_max => section.at(k),
            k => section.at(k - 1),
        },
        Boundary::ClosedClosed => match k {
            k if k == last => {
                if from_max {
                    min
                } else {
                    max
                }
            }
            k => section.at(k),
        },
        Boundary::OpenClosed => match k {
            k if from_max => section.at(k),
            k if k == last - 1 => max,
            k => section.at(k + 1),
        },
        Boundary::OpenOpen => section.at(k + 1),
    }))
}
