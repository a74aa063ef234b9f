//! `IteratorIterator` and the iterators around another one.

mod append;
mod caching;
mod dual;
mod empty;
mod filter;
mod iterators_stub;
mod limit;
mod regex;

pub(crate) use iterators_stub::MODULE;

use append::{
    append_iterator_append, append_iterator_construct, append_iterator_current,
    append_iterator_get_array_iterator, append_iterator_get_iterator_index, append_iterator_next,
    append_iterator_rewind,
};
use caching::{
    caching_iterator_construct, caching_iterator_count, caching_iterator_get_cache,
    caching_iterator_get_flags, caching_iterator_has_next, caching_iterator_magic_to_string,
    caching_iterator_next, caching_iterator_offset_exists, caching_iterator_offset_get,
    caching_iterator_offset_set, caching_iterator_offset_unset, caching_iterator_rewind,
    caching_iterator_set_flags, caching_iterator_valid, recursive_caching_iterator_get_children,
    recursive_caching_iterator_has_children,
};
use dual::{
    DUAL_HANDLERS, iterator_iterator_construct, iterator_iterator_current,
    iterator_iterator_get_inner_iterator, iterator_iterator_key, iterator_iterator_next,
    iterator_iterator_rewind, iterator_iterator_valid,
};
use empty::{
    empty_iterator_current, empty_iterator_key, empty_iterator_next, empty_iterator_rewind,
    empty_iterator_valid,
};
use filter::{
    callback_filter_iterator_accept, callback_filter_iterator_construct, filter_iterator_construct,
    filter_iterator_next, filter_iterator_rewind, recursive_callback_filter_iterator_get_children,
    recursive_filter_iterator_get_children, recursive_filter_iterator_has_children,
};
use limit::{
    infinite_iterator_next, limit_iterator_construct, limit_iterator_get_position,
    limit_iterator_next, limit_iterator_rewind, limit_iterator_seek, limit_iterator_valid,
    no_rewind_iterator_current, no_rewind_iterator_key, no_rewind_iterator_next,
    no_rewind_iterator_rewind, no_rewind_iterator_valid,
};
use regex::{
    recursive_regex_iterator_accept, recursive_regex_iterator_get_children, regex_iterator_accept,
    regex_iterator_construct, regex_iterator_get_flags, regex_iterator_get_mode,
    regex_iterator_get_preg_flags, regex_iterator_get_regex, regex_iterator_set_flags,
    regex_iterator_set_mode, regex_iterator_set_preg_flags,
};
