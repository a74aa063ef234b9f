//! Functions on arrays.

pub mod array_stub;
mod build;
mod functional;
mod merge;
mod numbers;
mod order;
mod pointer;
mod range;
mod sets;
mod sort;
mod stack;
mod util;
mod variables;

use build::*;
use functional::*;
use merge::*;
use numbers::*;
use pointer::*;
use range::range;
use sets::*;
use sort::{
    array_multisort, array_unique, arsort, asort, krsort, ksort, natcasesort, natsort, rsort, sort,
    uasort, uksort, usort,
};
use stack::*;
use variables::{compact, extract};
