//! `SplObjectStorage`, `MultipleIterator`, `SplSubject` and `SplObserver`.

mod multiple;
mod objects;
mod storage_stub;

pub(crate) use storage_stub::MODULE;

use multiple::{
    MULTIPLE_HANDLERS, multiple_iterator_attach_iterator, multiple_iterator_construct,
    multiple_iterator_contains_iterator, multiple_iterator_count_iterators,
    multiple_iterator_current, multiple_iterator_detach_iterator, multiple_iterator_get_flags,
    multiple_iterator_key, multiple_iterator_magic_debug_info, multiple_iterator_next,
    multiple_iterator_rewind, multiple_iterator_set_flags, multiple_iterator_valid,
};
use objects::{
    STORAGE_HANDLERS, spl_object_storage_add_all, spl_object_storage_attach,
    spl_object_storage_contains, spl_object_storage_count, spl_object_storage_current,
    spl_object_storage_detach, spl_object_storage_get_hash, spl_object_storage_get_info,
    spl_object_storage_key, spl_object_storage_magic_debug_info,
    spl_object_storage_magic_serialize, spl_object_storage_magic_unserialize,
    spl_object_storage_next, spl_object_storage_offset_exists, spl_object_storage_offset_get,
    spl_object_storage_offset_set, spl_object_storage_offset_unset, spl_object_storage_remove_all,
    spl_object_storage_remove_all_except, spl_object_storage_rewind, spl_object_storage_seek,
    spl_object_storage_serialize, spl_object_storage_set_info, spl_object_storage_unserialize,
    spl_object_storage_valid,
};
