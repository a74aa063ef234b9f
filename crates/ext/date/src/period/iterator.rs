//! Going through the dates of a `DatePeriod`.

use super::Period;
use crate::objects::{get, set};
use outlast_value::{Object, Value};
use outlast_vm::{Cx, NativeIterator, Ret};

/// Its slot of the property `current`.
const CURRENT_SLOT: usize = 1;

struct Dates {
    object: Object,
    period: Period,
    index: i64,
}

pub(super) fn iterate(cx: &mut Cx, object: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    let period: Period = get(cx, object)?;
    if by_ref {
        return Err(cx.throw_error("An iterator cannot be used with foreach by reference"));
    }
    Ok(Box::new(Dates { object: object.clone(), period, index: 0 }))
}

impl Dates {
    /// One interval further.
    fn advance(&mut self) {
        let amount = self.period.interval.interval.amount;
        self.period.current = self.period.current.as_ref().map(|time| time.with_relative(amount));
    }

    /// Lets the object show where the iteration is.
    fn publish(&self, cx: &mut Cx) -> Ret<()> {
        let current = self.period.date(cx, self.period.current.as_ref())?;
        self.object.set_slot(CURRENT_SLOT, current);
        set(&self.object, self.period.clone());
        Ok(())
    }
}

impl NativeIterator for Dates {
    fn rewind(&mut self, cx: &mut Cx) -> Ret<()> {
        self.index = 0;
        self.period.current = self.period.start.clone();
        if !self.period.include_start {
            self.advance();
        }
        self.publish(cx)
    }

    fn valid(&mut self, _cx: &mut Cx) -> Ret<bool> {
        let period = &self.period;
        Ok(match (&period.current, &period.end) {
            (None, _) => false,
            (Some(current), Some(end)) if period.include_end => current <= end,
            (Some(current), Some(end)) => current < end,
            (Some(_), None) => self.index < period.recurrences,
        })
    }

    fn current(&mut self, cx: &mut Cx) -> Ret<Value> {
        self.period.date(cx, self.period.current.as_ref())
    }

    fn key(&mut self, _cx: &mut Cx) -> Ret<Value> {
        Ok(Value::Int(self.index))
    }

    fn next(&mut self, cx: &mut Cx) -> Ret<()> {
        self.index += 1;
        self.advance();
        self.publish(cx)
    }
}
