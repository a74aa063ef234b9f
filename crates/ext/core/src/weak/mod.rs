//! `WeakReference` and `WeakMap`.

mod map;
mod reference;
mod weak_stub;

pub(crate) use weak_stub::MODULE;

use map::{
    MAP_HANDLERS, weak_map_count, weak_map_get_iterator, weak_map_offset_exists,
    weak_map_offset_get, weak_map_offset_set, weak_map_offset_unset,
};
use reference::{
    REFERENCE_HANDLERS, weak_reference_construct, weak_reference_create, weak_reference_get,
};
