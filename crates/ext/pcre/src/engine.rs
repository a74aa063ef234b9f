//! PCRE2 behind a safe interface.
//!
//! # Unsafe code
//! Everything here is a call into the C library. The invariants the calls rest on:
//! - a [`Code`] owns its compiled pattern, which is never changed after `compile`, and outlives
//!   every [`Matcher`] that borrows it;
//! - a [`Matcher`] borrows its subject, so that pointer and length stay valid for each match, and
//!   hands `PCRE2_NO_UTF_CHECK` to the library only for the part of the subject that the library
//!   itself has found to be UTF-8;
//! - nothing here leaves its thread (the types hold raw pointers), and a match calls nothing back,
//!   so that the thread's match context and JIT stack are in use by one match at a time.
#![allow(unsafe_code)]

use pcre2_sys as sys;
use std::cell::Cell;
use std::ptr::{self, NonNull};

pub use sys::{
    PCRE2_ANCHORED, PCRE2_CASELESS, PCRE2_DOLLAR_ENDONLY, PCRE2_DOTALL, PCRE2_DUPNAMES,
    PCRE2_ERROR_BADUTFOFFSET, PCRE2_ERROR_DEPTHLIMIT, PCRE2_ERROR_JIT_STACKLIMIT,
    PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_NOMATCH, PCRE2_ERROR_UTF8_ERR1, PCRE2_ERROR_UTF8_ERR21,
    PCRE2_EXTENDED, PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK, PCRE2_EXTRA_CASELESS_RESTRICT,
    PCRE2_MULTILINE, PCRE2_NO_AUTO_CAPTURE, PCRE2_UCP, PCRE2_UNGREEDY, PCRE2_UTF,
};

/// A place in the subject that no group matched.
pub const UNSET: usize = sys::PCRE2_UNSET;

const JIT_STACK_MIN: usize = 32 * 1024;
const JIT_STACK_MAX: usize = 192 * 1024;

/// Why a pattern does not compile.
#[derive(Debug)]
pub struct CompileError {
    /// PCRE2's text.
    pub message: String,
    /// Place in the pattern.
    pub offset: usize,
}

/// The library's text for an error.
fn error_message(code: i32) -> String {
    let mut text = [0u8; 256];
    // SAFETY: the buffer is as long as said; the library ends the text with a zero byte.
    let len = unsafe { sys::pcre2_get_error_message_8(code, text.as_mut_ptr(), text.len()) };
    let len = usize::try_from(len).unwrap_or(0);
    String::from_utf8_lossy(&text[..len]).into_owned()
}

/// The library's version: number and date.
pub fn version() -> String {
    let mut text = [0u8; 64];
    // SAFETY: with a null buffer the library only tells the length, which is compared to that of
    // the buffer before this is filled.
    let len = unsafe {
        if sys::pcre2_config_8(sys::PCRE2_CONFIG_VERSION, ptr::null_mut()) > text.len() as i32 {
            return String::new();
        }
        sys::pcre2_config_8(sys::PCRE2_CONFIG_VERSION, text.as_mut_ptr().cast())
    };
    let len = usize::try_from(len - 1).unwrap_or(0);
    String::from_utf8_lossy(&text[..len]).into_owned()
}

/// Can the library compile patterns to machine code here?
pub fn has_jit() -> bool {
    let mut yes: u32 = 0;
    // SAFETY: this setting is a u32.
    let rc = unsafe { sys::pcre2_config_8(sys::PCRE2_CONFIG_JIT, (&raw mut yes).cast()) };
    rc >= 0 && yes != 0
}

/// A compiled pattern.
pub struct Code {
    code: NonNull<sys::pcre2_code_8>,
    jit: bool,
    utf: bool,
    groups: usize,
    names: Box<[Option<Box<[u8]>>]>,
    spare: Cell<Option<MatchData>>,
}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: this is the only owner, and no matcher borrows it any more.
        unsafe { sys::pcre2_code_free_8(self.code.as_ptr()) }
    }
}

impl Code {
    /// Compiles a pattern.
    pub fn compile(pattern: &[u8], options: u32, extra: u32) -> Result<Code, CompileError> {
        let mut error = 0;
        let mut offset = 0;
        // SAFETY: the context is made and freed here; the pattern is valid for its length; the
        // library copies what it needs of it.
        let code = unsafe {
            let context = sys::pcre2_compile_context_create_8(ptr::null_mut());
            if context.is_null() {
                return Err(CompileError { message: "out of memory".into(), offset: 0 });
            }
            sys::pcre2_set_compile_extra_options_8(context, extra);
            let code = sys::pcre2_compile_8(
                pattern.as_ptr(),
                pattern.len(),
                options,
                &mut error,
                &mut offset,
                context,
            );
            sys::pcre2_compile_context_free_8(context);
            code
        };
        let Some(code) = NonNull::new(code) else {
            return Err(CompileError { message: error_message(error), offset });
        };
        let mut code = Code {
            code,
            jit: false,
            utf: false,
            groups: 0,
            names: Box::default(),
            spare: Cell::new(None),
        };
        code.utf = code.info(sys::PCRE2_INFO_ALLOPTIONS) & PCRE2_UTF != 0;
        code.groups = code.info(sys::PCRE2_INFO_CAPTURECOUNT) as usize + 1;
        code.names = code.name_table();
        Ok(code)
    }

    /// Compiles the pattern to machine code; the library's text if that fails.
    pub fn compile_jit(&mut self) -> Result<(), String> {
        // SAFETY: the pattern is valid and not in use by a match (it is borrowed mutably).
        let rc = unsafe { sys::pcre2_jit_compile_8(self.code.as_ptr(), sys::PCRE2_JIT_COMPLETE) };
        if rc < 0 {
            return Err(error_message(rc));
        }
        let mut size: usize = 0;
        // SAFETY: this piece of information is a usize.
        let rc = unsafe {
            sys::pcre2_pattern_info_8(
                self.code.as_ptr(),
                sys::PCRE2_INFO_JITSIZE,
                (&raw mut size).cast(),
            )
        };
        self.jit = rc == 0 && size > 0;
        Ok(())
    }

    /// Is the pattern one of characters, not bytes (`/u`, `(*UTF)`)?
    pub fn is_utf(&self) -> bool {
        self.utf
    }

    /// Number of groups with the whole match.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Names of groups by number; empty if no group has one.
    pub fn names(&self) -> &[Option<Box<[u8]>>] {
        &self.names
    }

    /// A piece of information that is a `u32`.
    fn info(&self, what: u32) -> u32 {
        let mut value: u32 = 0;
        // SAFETY: callers ask for information that the library gives as u32.
        unsafe { sys::pcre2_pattern_info_8(self.code.as_ptr(), what, (&raw mut value).cast()) };
        value
    }

    fn name_table(&self) -> Box<[Option<Box<[u8]>>]> {
        let count = self.info(sys::PCRE2_INFO_NAMECOUNT) as usize;
        if count == 0 {
            return Box::default();
        }
        let size = self.info(sys::PCRE2_INFO_NAMEENTRYSIZE) as usize;
        let mut table: *const u8 = ptr::null();
        // SAFETY: this piece of information is a pointer to `count` entries of `size` bytes, which
        // live as long as the pattern.
        let table = unsafe {
            sys::pcre2_pattern_info_8(
                self.code.as_ptr(),
                sys::PCRE2_INFO_NAMETABLE,
                (&raw mut table).cast(),
            );
            std::slice::from_raw_parts(table, count * size)
        };
        let mut names = vec![None; self.groups];
        for entry in table.chunks_exact(size) {
            let number = usize::from(u16::from_be_bytes([entry[0], entry[1]]));
            let name = entry[2..].split(|b| *b == 0).next().unwrap_or_default();
            if let Some(slot) = names.get_mut(number) {
                *slot = Some(Box::from(name));
            }
        }
        names.into()
    }
}

/// Where a match leaves its offsets.
struct MatchData(NonNull<sys::pcre2_match_data_8>);

impl Drop for MatchData {
    fn drop(&mut self) {
        // SAFETY: this is the only owner.
        unsafe { sys::pcre2_match_data_free_8(self.0.as_ptr()) }
    }
}

/// What every match of a thread needs.
struct Context {
    matching: NonNull<sys::pcre2_match_context_8>,
    jit_stack: *mut sys::pcre2_jit_stack_8,
}

impl Context {
    fn new() -> Context {
        // SAFETY: the parts are made here and freed in `drop`; a JIT stack that could not be made
        // is null, for which the library takes 32 KiB of the machine's stack.
        unsafe {
            let matching = NonNull::new(sys::pcre2_match_context_create_8(ptr::null_mut()))
                .expect("memory for a match context");
            let jit_stack =
                sys::pcre2_jit_stack_create_8(JIT_STACK_MIN, JIT_STACK_MAX, ptr::null_mut());
            sys::pcre2_jit_stack_assign_8(matching.as_ptr(), None, jit_stack.cast());
            Context { matching, jit_stack }
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: this is the only owner, and no match runs.
        unsafe {
            sys::pcre2_match_context_free_8(self.matching.as_ptr());
            sys::pcre2_jit_stack_free_8(self.jit_stack);
        }
    }
}

thread_local! {
    static CONTEXT: Context = Context::new();
}

/// How far a match may go.
#[derive(Clone, Copy)]
pub struct Limits {
    /// `pcre.backtrack_limit`
    pub backtrack: u32,
    /// `pcre.recursion_limit`
    pub recursion: u32,
}

/// Matches a pattern against one subject.
pub struct Matcher<'a> {
    code: &'a Code,
    subject: &'a [u8],
    limits: Limits,
    data: Option<MatchData>,
    /// The subject is UTF-8 from here on.
    valid_from: usize,
}

impl Drop for Matcher<'_> {
    fn drop(&mut self) {
        self.code.spare.set(self.data.take());
    }
}

impl<'a> Matcher<'a> {
    /// A matcher for a subject.
    pub fn new(code: &'a Code, subject: &'a [u8], limits: Limits) -> Matcher<'a> {
        let data = code.spare.take().or_else(|| {
            // SAFETY: the pattern is valid; null means the library's allocator.
            let data = unsafe {
                sys::pcre2_match_data_create_from_pattern_8(code.code.as_ptr(), ptr::null_mut())
            };
            NonNull::new(data).map(MatchData)
        });
        Matcher { code, subject, limits, data, valid_from: usize::MAX }
    }

    fn data(&self) -> *mut sys::pcre2_match_data_8 {
        self.data.as_ref().expect("memory for offsets").0.as_ptr()
    }

    /// Matches at or behind `start` (which must not be behind the end): the number of the highest
    /// group that matched plus one, or the library's error.
    pub fn run(&mut self, start: usize) -> i32 {
        self.run_with(start, 0)
    }

    /// Matches something that is not empty at `start` exactly.
    pub fn run_not_empty(&mut self, start: usize) -> i32 {
        self.run_with(start, sys::PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED)
    }

    fn run_with(&mut self, start: usize, mut options: u32) -> i32 {
        assert!(start <= self.subject.len(), "a match starts within the subject");
        let boundary = self.subject.get(start).is_none_or(|b| b & 0xc0 != 0x80);
        let valid = !self.code.utf || start >= self.valid_from && boundary;
        if valid {
            options |= sys::PCRE2_NO_UTF_CHECK;
        }
        let fast = self.code.jit && options == sys::PCRE2_NO_UTF_CHECK;
        let rc = CONTEXT.with(|context| {
            let context = context.matching.as_ptr();
            // SAFETY: pattern, subject, offsets and context are valid (see the module); `start` is
            // within the subject; the check of UTF-8 is left out only where it was made before;
            // the pattern has machine code if `jit` says so.
            unsafe {
                sys::pcre2_set_match_limit_8(context, self.limits.backtrack);
                sys::pcre2_set_depth_limit_8(context, self.limits.recursion);
                let matching = if fast { sys::pcre2_jit_match_8 } else { sys::pcre2_match_8 };
                matching(
                    self.code.code.as_ptr(),
                    self.subject.as_ptr(),
                    self.subject.len(),
                    start,
                    options,
                    self.data(),
                    context,
                )
            }
        });
        let invalid = (PCRE2_ERROR_UTF8_ERR21..=PCRE2_ERROR_UTF8_ERR1).contains(&rc)
            || rc == PCRE2_ERROR_BADUTFOFFSET;
        if !valid && (rc > 0 || rc == PCRE2_ERROR_NOMATCH) && !invalid {
            self.valid_from = self.valid_from.min(start);
        }
        rc
    }

    /// Start and end of each group after a match: the whole match, then the groups.
    pub fn offsets(&self) -> &[usize] {
        // SAFETY: the vector has a pair for each group of the pattern and lives in `data`, which
        // is not written while `self` is borrowed.
        unsafe {
            let offsets = sys::pcre2_get_ovector_pointer_8(self.data());
            std::slice::from_raw_parts(offsets, self.code.groups * 2)
        }
    }

    /// The name of the last `(*MARK)` on the way.
    pub fn mark(&self) -> Option<&[u8]> {
        // SAFETY: a mark is a zero-ended name in the pattern, which outlives `self`.
        unsafe {
            let mark = sys::pcre2_get_mark_8(self.data());
            (!mark.is_null()).then(|| std::ffi::CStr::from_ptr(mark.cast()).to_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { backtrack: 1_000_000, recursion: 100_000 };

    #[test]
    fn matches_with_names_and_machine_code() {
        let mut code = Code::compile(b"(a)(?<tail>b)?", 0, 0).unwrap();
        code.compile_jit().unwrap();
        assert_eq!(code.groups(), 3);
        assert_eq!(code.names()[2].as_deref(), Some(&b"tail"[..]));
        let mut m = Matcher::new(&code, b"xab", LIMITS);
        assert_eq!(m.run(0), 3);
        assert_eq!(m.offsets(), [1, 3, 1, 2, 2, 3]);
        assert_eq!(m.run(2), PCRE2_ERROR_NOMATCH);
    }

    #[test]
    fn says_where_a_pattern_is_wrong() {
        let error = Code::compile(b"(", 0, 0).err().unwrap();
        assert_eq!((error.message.as_str(), error.offset), ("missing closing parenthesis", 1));
    }

    #[test]
    fn refuses_what_is_not_utf8() {
        let code = Code::compile(b"b", PCRE2_UTF, 0).unwrap();
        let mut m = Matcher::new(&code, b"\xc3\xa9b\xff", LIMITS);
        assert!((PCRE2_ERROR_UTF8_ERR21..=PCRE2_ERROR_UTF8_ERR1).contains(&m.run(0)));
        let mut m = Matcher::new(&code, "éb".as_bytes(), LIMITS);
        assert_eq!(m.run(1), PCRE2_ERROR_BADUTFOFFSET);
        assert_eq!(m.run(0), 1);
        assert_eq!(m.offsets(), [2, 3]);
    }
}
