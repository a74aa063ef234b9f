//! `ReflectionClass`, `ReflectionObject`, `ReflectionEnum`.

mod class_stub;
mod enums;
mod facts;
mod lazy;
mod make;
mod members;

pub(crate) use class_stub::MODULE;

use crate::support::HANDLERS;
use enums::*;
use facts::*;
use lazy::*;
use make::*;
pub use members::{dynamic_names, properties, slot_default};

use members::*;
