//! Where things lie, for machine code that reads and writes them: offsets in bytes from what a
//! value's payload points to, whose first four bytes are the count of owners.

use crate::array::ArrBox;
use crate::object::ObjBox;
use crate::reference::RefBox;
use crate::string::StrBox;
use std::mem::offset_of;

/// Of a string: its length, and where its bytes begin.
pub const STRING_LEN: usize = offset_of!(StrBox, len);
pub const STRING_BYTES: usize = size_of::<StrBox>();
/// Of an array: how many elements it has, 32 bits.
pub const ARRAY_LEN: usize = offset_of!(ArrBox, len);
/// Of an array: how many slots are in use, 32 bits.
pub const ARRAY_USED: usize = offset_of!(ArrBox, used);
/// Of an array: zero if it is packed, 32 bits. The slots of a packed array are values, one behind
/// the other, an unused one being the empty one.
pub const ARRAY_MASK: usize = offset_of!(ArrBox, mask);
/// Of an array: the address of the slots.
pub const ARRAY_DATA: usize = offset_of!(ArrBox, data);
/// Of an object: its class.
pub const OBJECT_CLASS: usize = offset_of!(ObjBox, class);
/// Of an object: its flags, 32 bits.
pub const OBJECT_FLAGS: usize = offset_of!(ObjBox, flags);
/// Of an array or object: the second half of its head; from bit 8 on, unless that is zero, it is
/// known to the cycle collector.
pub const HEAD_INFO: usize = 4;
/// Of an object: where the slots of its properties begin.
pub const OBJECT_SLOTS: usize = size_of::<ObjBox>();
/// Of a reference: its value.
pub const REFERENCE_VALUE: usize = offset_of!(RefBox, value);
/// Of a reference: null unless typed properties share it.
pub const REFERENCE_SOURCES: usize = offset_of!(RefBox, sources);
