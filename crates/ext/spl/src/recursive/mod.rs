//! `RecursiveIteratorIterator` and `RecursiveTreeIterator`.

mod recursive_stub;
mod steps;
mod tree;

pub(crate) use recursive_stub::MODULE;

use steps::{
    RECURSIVE_HANDLERS, recursive_iterator_iterator_begin_children,
    recursive_iterator_iterator_begin_iteration, recursive_iterator_iterator_call_get_children,
    recursive_iterator_iterator_call_has_children, recursive_iterator_iterator_construct,
    recursive_iterator_iterator_current, recursive_iterator_iterator_end_children,
    recursive_iterator_iterator_end_iteration, recursive_iterator_iterator_get_depth,
    recursive_iterator_iterator_get_inner_iterator, recursive_iterator_iterator_get_max_depth,
    recursive_iterator_iterator_get_sub_iterator, recursive_iterator_iterator_key,
    recursive_iterator_iterator_next, recursive_iterator_iterator_next_element,
    recursive_iterator_iterator_rewind, recursive_iterator_iterator_set_max_depth,
    recursive_iterator_iterator_valid,
};
use tree::{
    recursive_tree_iterator_construct, recursive_tree_iterator_current,
    recursive_tree_iterator_get_entry, recursive_tree_iterator_get_postfix,
    recursive_tree_iterator_get_prefix, recursive_tree_iterator_key,
    recursive_tree_iterator_set_postfix, recursive_tree_iterator_set_prefix_part,
};
