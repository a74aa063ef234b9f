//! Percentiles of durations.

use std::fmt;
use std::time::Duration;

/// Durations that were measured.
#[derive(Default)]
pub struct Stats(Vec<Duration>);

impl Stats {
    /// Adds one.
    pub fn add(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Stats) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The value that this share (0 to 1) of them does not exceed.
    pub fn quantile(&mut self, share: f64) -> Duration {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    /// A line with the usual percentiles.
    pub fn summary(mut self) -> Summary {
        Summary {
            count: self.count(),
            p50: self.quantile(0.5),
            p99: self.quantile(0.99),
            max: self.quantile(1.0),
        }
    }
}

/// The usual percentiles.
pub struct Summary {
    /// How many were measured.
    pub count: usize,
    /// The median.
    pub p50: Duration,
    /// The 99th percentile.
    pub p99: Duration,
    /// The largest.
    pub max: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
        let (p50, p99, max) = (ms(self.p50), ms(self.p99), ms(self.max));
        write!(f, "n {}  p50 {p50:.3} ms  p99 {p99:.3} ms  max {max:.3} ms", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles() {
        let mut stats = Stats::default();
        (1..=100).rev().for_each(|n| stats.add(Duration::from_millis(n)));
        let summary = stats.summary();
        assert_eq!((summary.p50.as_millis(), summary.p99.as_millis()), (51, 99));
        assert_eq!(Stats::default().summary().max, Duration::ZERO);
    }
}
