//! `ini_set` and `ini_restore`: rules and effects of single settings.

use super::{access, leading_int, parse_bool, parse_quantity};
use crate::{Cx, Ret};
use outlast_lifecycle::AbortMode;
use outlast_value::PhpString;

/// The least that PHP says it uses.
const PAGE: usize = 2 << 20;

impl Cx {
    /// `ini_set`: the old value, or `None` (PHP's false) if the change is not allowed.
    pub fn ini_set(&mut self, name: &[u8], value: PhpString) -> Ret<Option<PhpString>> {
        let Some(entry) =
            std::str::from_utf8(name).ok().and_then(|n| self.ini.base.entries.get(n)).cloned()
        else {
            return Ok(None);
        };
        let name = entry.def.name;
        if entry.locked || entry.def.access & access::USER == 0 {
            return Ok(None);
        }
        if !self.check_setting(name, &value)? {
            return Ok(None);
        }
        if let Some(check) = entry.def.check
            && !check(self, &value)?
        {
            return Ok(None);
        }
        let old = self.ini.get(name);
        self.ini.force(name, value);
        self.apply_setting(name);
        Ok(old)
    }

    /// `ini_restore`
    pub fn ini_restore(&mut self, name: &[u8]) -> Ret<()> {
        let Some(entry) =
            std::str::from_utf8(name).ok().and_then(|n| self.ini.base.entries.get(n)).cloned()
        else {
            return Ok(());
        };
        let name = entry.def.name;
        let changed = self.ini.changed.contains_key(name) || entry.global.is_some();
        if entry.locked {
            return Ok(());
        }
        if changed || name == "error_reporting" {
            let value = entry.global().unwrap_or_default();
            if name != "error_reporting" && !self.check_setting(name, value)? {
                return Ok(());
            }
            if let Some(check) = entry.def.check
                && !check(self, value)?
            {
                return Ok(());
            }
            self.ini.reset(name);
            self.apply_setting(name);
        }
        Ok(())
    }

    /// Makes the settings take effect that live outside of [`super::Ini`]: at the start of a script.
    pub(crate) fn apply_settings(&mut self) {
        for name in [
            "memory_limit",
            "zend.enable_gc",
            "implicit_flush",
            "hard_timeout",
            "max_execution_time",
            "outlast.abort",
            "outlast.max_wall_time",
            "outlast.detached_wall_time",
            "outlast.shutdown_time",
        ] {
            self.apply_setting(name);
        }
        self.heap.set_interrupt(self.interrupt.clone(), outlast_lifecycle::STOP);
        let ignore = self.ini.bool("ignore_user_abort");
        if self.ini.base.is_locked("ignore_user_abort") {
            self.lifecycle.lock_ignore_user_abort(ignore);
        } else {
            self.lifecycle.set_ignore_user_abort(ignore);
        }
    }

    fn check_setting(&mut self, name: &str, value: &[u8]) -> Ret<bool> {
        Ok(match name {
            "memory_limit" => return self.check_memory_limit(value),
            "precision" | "serialize_precision" => leading_int(value) >= -1,
            "zend.assertions" => {
                let new = parse_quantity(value).0;
                let old = self.ini.assertions();
                if old != new && (old < 0 || new < 0) {
                    self.raise_warning(
                        "zend.assertions may be completely enabled or disabled only in php.ini",
                    )?;
                    return Ok(false);
                }
                true
            }
            "zend.exception_string_param_max_len" => (0..=1_000_000).contains(&leading_int(value)),
            "default_charset" | "default_mimetype" => {
                !value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0))
            }
            "arg_separator.output" | "arg_separator.input" | "include_path" => !value.is_empty(),
            "outlast.abort" => {
                std::str::from_utf8(value).is_ok_and(|v| AbortMode::parse(v).is_some())
            }
            "zend.script_encoding" => value.is_empty(),
            _ => true,
        })
    }

    fn check_memory_limit(&mut self, value: &[u8]) -> Ret<bool> {
        let (limit, complaint) = parse_quantity(value);
        if let Some(text) = complaint {
            self.raise_warning(format!("Invalid \"memory_limit\" setting. {text}"))?;
        }
        if limit == -1 {
            return Ok(true);
        }
        let usage = self.heap.used().next_multiple_of(PAGE).max(PAGE);
        if (limit as usize) < self.heap.used().max(PAGE) {
            self.raise_warning(format!(
                "Failed to set memory limit to {limit} bytes (Current memory usage is {usage} bytes)"
            ))?;
            return Ok(false);
        }
        Ok(true)
    }

    fn apply_setting(&mut self, name: &str) {
        let seconds = |v: i64| u64::try_from(v).unwrap_or(0);
        match name {
            "memory_limit" => {
                let limit = self.ini.memory_limit();
                self.heap.set_limit(usize::try_from(limit).unwrap_or(usize::MAX));
            }
            "zend.enable_gc" => self.heap.set_gc_enabled(self.ini.bool(name)),
            "implicit_flush" => self.out.set_implicit_flush(self.ini.implicit_flush()),
            "max_execution_time" => {
                self.lifecycle.set_time_limit(seconds(leading_int(self.ini.bytes(name))));
            }
            "hard_timeout" => self.lifecycle.set_hard_timeout(seconds(self.ini.int(name))),
            "ignore_user_abort" => {
                self.lifecycle.set_ignore_user_abort(parse_bool(self.ini.bytes(name)));
            }
            "outlast.abort" => {
                let mode =
                    std::str::from_utf8(self.ini.bytes(name)).ok().and_then(AbortMode::parse);
                self.lifecycle.set_abort_mode(mode.unwrap_or_default());
            }
            "outlast.max_wall_time" => {
                self.lifecycle.set_max_wall_time(seconds(self.ini.int(name)))
            }
            "outlast.shutdown_time" => {
                self.lifecycle.set_shutdown_time(seconds(self.ini.int(name)));
            }
            "outlast.detached_wall_time" => {
                self.lifecycle.set_detached_wall_time(seconds(self.ini.int(name)));
            }
            _ => {}
        }
    }
}
