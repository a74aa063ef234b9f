//! `ArrayObject`, `ArrayIterator` and `RecursiveArrayIterator`.

mod array_stub;
mod handlers;
mod iterator;
mod object;
mod serialize;
mod storage;

pub(crate) use array_stub::MODULE;

use handlers::{ITERATOR_HANDLERS, OBJECT_HANDLERS};
use iterator::{
    array_iterator_construct, array_iterator_current, array_iterator_key,
    array_iterator_magic_serialize, array_iterator_next, array_iterator_rewind,
    array_iterator_seek, array_iterator_valid, recursive_array_iterator_get_children,
    recursive_array_iterator_has_children,
};
use object::{
    array_object_append, array_object_asort, array_object_construct, array_object_count,
    array_object_exchange_array, array_object_get_array_copy, array_object_get_flags,
    array_object_get_iterator, array_object_get_iterator_class, array_object_ksort,
    array_object_natcasesort, array_object_natsort, array_object_offset_exists,
    array_object_offset_get, array_object_offset_set, array_object_offset_unset,
    array_object_set_flags, array_object_set_iterator_class, array_object_uasort,
    array_object_uksort,
};
use serialize::{
    array_object_magic_debug_info, array_object_magic_serialize, array_object_magic_unserialize,
    array_object_serialize, array_object_unserialize,
};
