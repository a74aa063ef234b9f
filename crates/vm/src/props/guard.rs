//! Recursion guards of the magic methods: inside `__get('x')` of an object, `$this->x` is the
//! plain property again.

use crate::class::PropInfo;
use crate::{Cx, Ret, lazy};
use outlast_value::{Object, PhpString};

/// Which magic method runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Magic {
    Get,
    Set,
    Isset,
    Unset,
}

/// The magic calls that run.
#[derive(Default)]
pub(crate) struct Guards(Vec<(usize, PhpString, Magic)>);

/// Readonly properties that `__clone` may still write, an entry for each running clone.
#[derive(Default)]
struct Cloning(Vec<(usize, Vec<u32>)>);

impl Cx {
    /// Enters a magic call; false if one for this object, name and kind runs already.
    pub(crate) fn enter_magic(&mut self, object: &Object, name: &PhpString, kind: Magic) -> bool {
        // A proxy shares the guards of its instance.
        let id = lazy::backing(object).ptr_id();
        let guards = &mut self.state::<Guards>().0;
        if guards.iter().any(|(o, n, k)| *o == id && *k == kind && n == name) {
            return false;
        }
        guards.push((id, name.clone(), kind));
        true
    }

    /// Goes on with the object behind a lazy one. If a magic method of the lazy object is why it
    /// came to that, it does not run again for the other.
    pub(crate) fn beyond_lazy<T>(
        &mut self,
        object: &Object,
        name: &PhpString,
        kind: Magic,
        go_on: impl FnOnce(&mut Cx, &Object) -> Ret<T>,
    ) -> Ret<T> {
        let real = self.realize(object)?;
        let guarded = self.in_magic(object, name, kind) && self.enter_magic(&real, name, kind);
        let result = go_on(self, &real);
        if guarded {
            self.leave_magic(&real, name, kind);
        }
        result
    }

    fn in_magic(&mut self, object: &Object, name: &PhpString, kind: Magic) -> bool {
        let id = object.ptr_id();
        self.state::<Guards>().0.iter().any(|(o, n, k)| *o == id && *k == kind && n == name)
    }

    /// Leaves it.
    pub(crate) fn leave_magic(&mut self, object: &Object, name: &PhpString, kind: Magic) {
        let guards = &mut self.state::<Guards>().0;
        // A proxy may have been initialized since.
        let ids = [object.ptr_id(), lazy::backing(object).ptr_id()];
        let is_it =
            |(o, n, k): &(usize, PhpString, Magic)| ids.contains(o) && *k == kind && n == name;
        if let Some(i) = guards.iter().rposition(is_it) {
            guards.remove(i);
        }
    }

    /// `__clone` starts on a new object: its readonly properties in `slots` may be written once.
    pub(crate) fn begin_clone(&mut self, object: &Object, slots: Vec<u32>) {
        self.state::<Cloning>().0.push((object.ptr_id(), slots));
    }

    /// `__clone` ended.
    pub(crate) fn end_clone(&mut self, object: &Object) {
        let id = object.ptr_id();
        let list = &mut self.state::<Cloning>().0;
        if let Some(i) = list.iter().rposition(|(o, _)| *o == id) {
            list.remove(i);
        }
    }

    /// May `__clone` write this readonly property?
    pub(crate) fn is_reinitable(&mut self, object: &Object, info: &PropInfo) -> bool {
        let id = object.ptr_id();
        self.state::<Cloning>().0.iter().any(|(o, slots)| *o == id && slots.contains(&info.slot))
    }

    /// It was written.
    pub(crate) fn reinited(&mut self, object: &Object, info: &PropInfo) {
        let id = object.ptr_id();
        for (o, slots) in &mut self.state::<Cloning>().0 {
            if *o == id {
                slots.retain(|s| *s != info.slot);
            }
        }
    }
}
