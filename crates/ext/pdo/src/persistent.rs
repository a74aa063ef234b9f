//! Persistent connections (`PDO::ATTR_PERSISTENT`).
//!
//! In PHP such a connection belongs to the process, which runs one script at a time. Here it belongs to the worker,
//! which runs many: a script that asks for one takes an idle one or connects anew, has it for itself until its end, and
//! gets the same one again for the same data source. What it has left open is rolled back.

use crate::driver::{Driver, DriverKind, Outcome};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

/// Idle connections that a worker keeps. Behind them, the one that was used longest ago is closed.
const MOST_IDLE: usize = 32;

/// What makes two connections the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Source {
    kind: &'static str,
    name: PhpString,
    user: Option<PhpString>,
    password: Option<PhpString>,
    /// A name that the script has given instead of `true`, to tell connections apart.
    label: PhpString,
    /// Relative paths in the source are understood from here, and only some are allowed.
    place: [Vec<u8>; 2],
}

impl Source {
    pub fn new(
        cx: &mut Cx,
        kind: &'static dyn DriverKind,
        source: &PhpString,
        user: Option<&PhpString>,
        password: Option<&PhpString>,
        label: PhpString,
    ) -> Source {
        let basedir = cx.ini.get("open_basedir").unwrap_or_default().to_vec();
        Source {
            kind: kind.name(),
            name: source.clone(),
            user: user.cloned(),
            password: password.cloned(),
            label,
            place: [cx.absolute_path(b"."), basedir],
        }
    }

    /// The name under which the options ask for a persistent connection; `None`: they do not.
    pub fn wanted(cx: &mut Cx, options: &PhpArray) -> Ret<Option<PhpString>> {
        let Some(value) = options.get_int(crate::attributes::attr::PERSISTENT) else {
            return Ok(None);
        };
        let value = value.deref();
        if let Value::Str(text) = &value
            && !text.is_empty()
            && !text.iter().all(u8::is_ascii_digit)
        {
            return Ok(Some(text.clone()));
        }
        Ok((cx.to_int(&value)? != 0).then(PhpString::empty))
    }
}

thread_local! {
    /// What no script has, the latest last.
    static IDLE: RefCell<Vec<(Source, Rc<dyn Driver>)>> = RefCell::default();
}

/// A connection that a script has; it goes back when dropped.
pub struct Lease {
    key: Source,
    driver: Rc<dyn Driver>,
}

impl Lease {
    pub fn driver(&self) -> &Rc<dyn Driver> {
        &self.driver
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let free = Rc::strong_count(&self.driver) == 1;
        if !free || !self.driver.recycle() {
            return;
        }
        let entry = (self.key.clone(), self.driver.clone());
        // The thread may be about to end. What is closed is closed outside of the borrow.
        let closed = IDLE.try_with(|idle| {
            let mut idle = idle.borrow_mut();
            idle.push(entry);
            (idle.len() > MOST_IDLE).then(|| idle.remove(0))
        });
        drop(closed);
    }
}

/// The connections that a script has.
#[derive(Default)]
struct Leases(HashMap<Source, Weak<Lease>>);

/// The script's own connection of this key, an idle one, or a new one.
pub fn lease(
    cx: &mut Cx,
    key: Source,
    connect: impl FnOnce(&mut Cx) -> Outcome<Rc<dyn Driver>>,
) -> Outcome<Rc<Lease>> {
    if let Some(known) = cx.state::<Leases>().0.get(&key).and_then(Weak::upgrade) {
        return Ok(Ok(known));
    }
    let idle = IDLE.with_borrow_mut(|idle| {
        let found = idle.iter().rposition(|(known, _)| *known == key)?;
        Some(idle.remove(found).1)
    });
    let driver = match idle {
        Some(driver) => driver,
        None => match connect(cx)? {
            Ok(driver) => driver,
            Err(error) => return Ok(Err(error)),
        },
    };
    let lease = Rc::new(Lease { key: key.clone(), driver });
    cx.state::<Leases>().0.insert(key, Rc::downgrade(&lease));
    Ok(Ok(lease))
}
