//! Waiting and clocks.

use crate::stream::backend::host;
use outlast_host::{blocking, clock};
use outlast_value::{PhpArray, Value};
use outlast_vm::{Cx, Ret};
use std::time::Duration;

#[path = "time_stub.rs"]
mod time_stub;
pub use time_stub::MODULE;

fn pause(cx: &mut Cx, length: Duration) -> Ret<()> {
    host(cx, "sleep", || blocking::sleep(length)).map(|_| ())
}

/// `sleep()`
pub fn sleep(cx: &mut Cx, seconds: i64) -> Ret<i64> {
    let Ok(length) = u64::try_from(seconds) else {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    };
    pause(cx, Duration::from_secs(length))?;
    Ok(0)
}

/// `usleep()`
pub fn usleep(cx: &mut Cx, microseconds: i64) -> Ret<()> {
    let Ok(length) = u64::try_from(microseconds) else {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    };
    pause(cx, Duration::from_micros(length))
}

/// `time_nanosleep()`
pub fn time_nanosleep(cx: &mut Cx, seconds: i64, nanoseconds: i64) -> Ret<bool> {
    if seconds < 0 {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    }
    if nanoseconds < 0 {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    }
    if nanoseconds > 999_999_999 {
        return Err(cx.throw_value_error(
            "nanoseconds was not in the range 0 to 999 999 999 or seconds was negative",
        ));
    }
    pause(cx, Duration::new(seconds as u64, nanoseconds as u32))?;
    Ok(true)
}

/// The last second that `time_sleep_until()` takes: nanoseconds to it fit 64 bits.
const LATEST: f64 = (u64::MAX / 1_000_000_000) as f64;

/// `time_sleep_until()`
pub fn time_sleep_until(cx: &mut Cx, timestamp: f64) -> Ret<bool> {
    if !(0.0..=LATEST).contains(&timestamp) {
        return Err(cx.arg_value_error(1, &format!("must be between 0 and {LATEST:.0}")));
    }
    let rest = timestamp - clock::wall().as_secs_f64();
    if rest <= 0.0 {
        cx.warning("Argument #1 ($timestamp) must be greater than or equal to the current time")?;
        return Ok(false);
    }
    pause(cx, Duration::from_secs_f64(rest))?;
    Ok(true)
}

/// `hrtime()`
pub fn hrtime(_cx: &mut Cx, as_number: bool) -> Ret<Value> {
    let now = clock::monotonic();
    if as_number {
        return Ok(Value::Int(now.as_nanos() as i64));
    }
    Ok(Value::Array(PhpArray::from_list(vec![
        Value::Int(now.as_secs() as i64),
        Value::Int(i64::from(now.subsec_nanos())),
    ])))
}

/// `microtime()`
pub fn microtime(_cx: &mut Cx, as_float: bool) -> Ret<Value> {
    let now = clock::wall();
    let micros = now.subsec_micros();
    if as_float {
        return Ok(Value::Float(now.as_secs() as f64 + f64::from(micros) / 1e6));
    }
    Ok(Value::str(format!("0.{micros:06}00 {}", now.as_secs())))
}

/// `gettimeofday()`
pub fn gettimeofday(cx: &mut Cx, as_float: bool) -> Ret<Value> {
    if as_float {
        return microtime(cx, true);
    }
    let now = clock::wall();
    // The offset is that of the zone the script has set.
    let offset = match cx.function(b"date") {
        Some(_) => {
            let zone = cx.call(&Value::str("date"), vec![Value::str("Z")])?;
            let summer = cx.call(&Value::str("date"), vec![Value::str("I")])?;
            (cx.to_int(&zone)?, cx.to_int(&summer)?)
        }
        None => (0, 0),
    };
    Ok(Value::Array(PhpArray::from([
        ("sec", Value::Int(now.as_secs() as i64)),
        ("usec", Value::Int(i64::from(now.subsec_micros()))),
        ("minuteswest", Value::Int(-offset.0 / 60)),
        ("dsttime", Value::Int(offset.1)),
    ])))
}

/// `getrusage()`
pub fn getrusage(_cx: &mut Cx, _mode: i64) -> Ret<PhpArray> {
    let used = clock::process_cpu();
    let (seconds, micros) = (used.as_secs() as i64, i64::from(used.subsec_micros()));
    let mut array = PhpArray::new();
    for name in [
        "oublock", "inblock", "msgsnd", "msgrcv", "maxrss", "ixrss", "idrss", "minflt", "majflt",
        "nsignals", "nvcsw", "nivcsw", "nswap",
    ] {
        array.insert_str(format!("ru_{name}").as_str().into(), Value::Int(0));
    }
    array.insert_str("ru_utime.tv_usec".into(), Value::Int(micros));
    array.insert_str("ru_utime.tv_sec".into(), Value::Int(seconds));
    array.insert_str("ru_stime.tv_usec".into(), Value::Int(0));
    array.insert_str("ru_stime.tv_sec".into(), Value::Int(0));
    Ok(array)
}
