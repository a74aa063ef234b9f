//! `DateTime::diff()`: the interval between two dates.

use crate::civil::{self, DAY};
use crate::interval::Interval;
use crate::parse::Relative;
use crate::time::DateTime;
use crate::zone::Zone;

/// The interval from `from` to `to`.
pub fn diff(from: &DateTime, to: &DateTime) -> Interval {
    let invert = from > to;
    let (one, two) = if invert { (to, from) } else { (from, to) };
    let same_identifier = matches!(
        (&one.zone, &two.zone),
        (Zone::Identifier(a), Zone::Identifier(b)) if a.name == b.name
    );
    let mut amount = Relative {
        years: two.year.wrapping_sub(one.year),
        months: two.month - one.month,
        days: two.day - one.day,
        hours: two.hour - one.hour,
        minutes: two.minute - one.minute,
        seconds: two.second - one.second,
        micros: two.micro - one.micro,
        ..Relative::default()
    };
    if same_identifier {
        within_zone(&mut amount, one, two, invert);
    } else {
        let summer = |time: &DateTime| match time.zone {
            Zone::Identifier(_) => 0,
            _ => i64::from(time.dst),
        };
        amount.hours += summer(one) - summer(two);
        amount.seconds += one.standard_offset() - two.standard_offset();
        normalize(&mut amount, if invert { one } else { two }, invert);
    }
    Interval { amount, invert, days: Some(whole_days(one, two)), elapsed: false }
}

/// The amounts between two times of one zone, whose offset may have changed.
fn within_zone(amount: &mut Relative, one: &DateTime, two: &DateTime, invert: bool) {
    let correction = i64::from(two.offset) - i64::from(one.offset);
    let elapsed = two.timestamp.wrapping_sub(one.timestamp);
    let since = two.zone.at(two.timestamp).since;
    // Both are within the hour that the clock shows twice.
    let repeated = one.dst && !two.dst && elapsed + correction < 0;
    if repeated {
        amount.hours -= correction / 3600;
        amount.minutes -= correction / 60 % 60;
    }
    normalize(amount, if invert { one } else { two }, invert);

    if repeated {
        return;
    }
    if one.dst && !two.dst {
        if elapsed + correction < DAY {
            amount.hours -= correction / 3600;
            amount.minutes -= correction / 60 % 60;
        }
    } else if !one.dst && two.dst {
        let hidden = since.is_some_and(|since| {
            let next_day = one.timestamp + DAY;
            !(next_day > since && next_day <= since + correction)
                && two.timestamp >= since
                && (elapsed + correction) % DAY > two.timestamp - since
        });
        if hidden {
            amount.hours -= correction / 3600;
            amount.minutes -= correction / 60 % 60;
        }
    } else if elapsed >= DAY {
        // The day before a change may be longer than what the clock says.
        let next = two.zone.at(two.timestamp.wrapping_sub(i64::from(two.offset)));
        if let Some(since) = next.since {
            let change = i64::from(one.offset) - i64::from(next.offset);
            if two.timestamp >= since - change && two.timestamp < since {
                amount.days -= 1;
                amount.hours = 24;
            }
        }
    }
}

/// Brings each amount into its range; days are taken from the months at `base`.
fn normalize(amount: &mut Relative, base: &DateTime, invert: bool) {
    civil::carry(0, 1_000_000, &mut amount.micros, &mut amount.seconds);
    civil::carry(0, 60, &mut amount.seconds, &mut amount.minutes);
    civil::carry(0, 60, &mut amount.minutes, &mut amount.hours);
    civil::carry(0, 24, &mut amount.hours, &mut amount.days);
    civil::carry(0, 12, &mut amount.months, &mut amount.years);
    let (mut year, mut month) = (base.year, base.month);
    while amount.days < 0 {
        amount.months -= 1;
        if invert {
            amount.days += civil::days_in_month(year, month);
            month += 1;
        } else {
            month -= 1;
            civil::carry(1, 12, &mut month, &mut year);
            amount.days += civil::days_in_month(year, month);
        }
        civil::carry(1, 12, &mut month, &mut year);
    }
    civil::carry(0, 12, &mut amount.months, &mut amount.years);
}

fn whole_days(one: &DateTime, two: &DateTime) -> i64 {
    if !one.zone.is_same(&two.zone) {
        return two.timestamp.wrapping_sub(one.timestamp).wrapping_abs() / DAY;
    }
    let clock = |time: &DateTime| (time.hour, time.minute, time.second, time.micro);
    let days = two.epoch_days().wrapping_sub(one.epoch_days()).wrapping_abs();
    if days > 0 && clock(two) < clock(one) { days - 1 } else { days }
}
