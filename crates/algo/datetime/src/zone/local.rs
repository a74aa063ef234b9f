//! The offset of a local time, with PHP's choice in the gaps and overlaps of a zone.

use super::database::ZoneInfo;

/// A local clock: the fields read as UTC, and what is known of daylight saving time.
pub(crate) struct LocalClock {
    /// The fields as if they were UTC.
    pub seconds: i64,
    /// Whether the time comes from a resolved one, so that `dst` says which of two it is.
    pub settled: bool,
    /// Whether daylight saving time held before.
    pub dst: bool,
}

/// Seconds east of UTC to subtract from a local time to have the instant.
///
/// In a gap the time before the change counts; in an overlap the first one, unless the clock was
/// in the second one before.
pub(crate) fn offset_of_local(clock: &LocalClock, zone: &ZoneInfo) -> i32 {
    let local = clock.seconds;
    let minus = |offset: i32| local.wrapping_sub(i64::from(offset));
    let (current, current_dst, _) = zone.offset_at(local);
    let (after, _, after_since) = zone.offset_at(minus(current));
    let (mut actual, mut actual_since) = (after, after_since);

    if current == after && clock.settled {
        if current >= 0 && clock.dst && !current_dst {
            let (earlier, _, since) = zone.offset_at(minus(current).wrapping_sub(7200));
            if earlier != after && after_since.is_some_and(|instant| minus(earlier) < instant) {
                (actual, actual_since) = (earlier, since);
            }
        } else if current <= 0 && current_dst && !clock.dst {
            let (later, _, since) = zone.offset_at(minus(current).wrapping_add(7200));
            if later != after && since.is_some_and(|instant| minus(later) >= instant) {
                (actual, actual_since) = (later, since);
            }
        }
    }

    let in_transition = actual_since.is_some_and(|instant| {
        let moved = instant.wrapping_add(i64::from(current) - i64::from(actual));
        minus(actual) >= moved && minus(actual) < instant
    });
    if current != actual && !in_transition { actual } else { current }
}
