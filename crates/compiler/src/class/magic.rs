//! The signatures of magic methods.

use outlast_bytecode::{ClassDecl, TypeDecl, member_flags as mf, type_bits as tb};

use crate::error::{R, cat, fail};
use crate::levels::E_WARNING;
use crate::scope::Compiler;

/// What a magic method must look like.
struct Rule {
    name: &'static [u8],
    args: usize,
    /// Must be static, else must not be.
    is_static: bool,
    public: bool,
    params: &'static [(u32, &'static str)],
    /// Bits the return type may have; 0: unchecked.
    returns: u32,
    return_name: &'static str,
}

const fn rule(name: &'static [u8], args: usize) -> Rule {
    Rule { name, args, is_static: false, public: true, params: &[], returns: 0, return_name: "" }
}

/// Any number of arguments.
const ANY: usize = usize::MAX;

const STRING: (u32, &str) = (tb::STRING, "string");
const ARRAY: (u32, &str) = (tb::ARRAY, "array");

const RULES: &[Rule] = &[
    Rule { params: &[STRING], ..rule(b"__get", 1) },
    Rule { params: &[STRING], returns: tb::VOID, return_name: "void", ..rule(b"__set", 2) },
    Rule { params: &[STRING], returns: tb::BOOL, return_name: "bool", ..rule(b"__isset", 1) },
    Rule { params: &[STRING], returns: tb::VOID, return_name: "void", ..rule(b"__unset", 1) },
    Rule { params: &[STRING, ARRAY], ..rule(b"__call", 2) },
    Rule { params: &[STRING, ARRAY], is_static: true, ..rule(b"__callstatic", 2) },
    Rule { returns: tb::STRING, return_name: "string", ..rule(b"__tostring", 0) },
    Rule { returns: tb::ARRAY | tb::NULL, return_name: "?array", ..rule(b"__debuginfo", 0) },
    Rule { returns: tb::ARRAY, return_name: "array", ..rule(b"__serialize", 0) },
    Rule { params: &[ARRAY], returns: tb::VOID, return_name: "void", ..rule(b"__unserialize", 1) },
    Rule {
        params: &[ARRAY],
        is_static: true,
        returns: tb::OBJECT,
        return_name: "object",
        ..rule(b"__set_state", 1)
    },
    Rule { returns: tb::ARRAY, return_name: "array", ..rule(b"__sleep", 0) },
    Rule { returns: tb::VOID, return_name: "void", ..rule(b"__wakeup", 0) },
    Rule { public: false, returns: tb::VOID, return_name: "void", ..rule(b"__clone", 0) },
    Rule { public: false, ..rule(b"__destruct", 0) },
    Rule { args: ANY, ..rule(b"__invoke", 0) },
];

impl Compiler<'_> {
    /// Checks the method just compiled (it is still the current function).
    pub(super) fn check_magic(&mut self, class: &ClassDecl, flags: u32) -> R<()> {
        let name = self.function_name.clone();
        if !name.starts_with(b"__") {
            return Ok(());
        }
        let lower = name.to_ascii_lowercase();
        self.f.line = self.f.out.start_line;
        let method = cat!(class.name, "::", name, "()");
        if matches!(&lower[..], b"__construct" | b"__destruct") {
            if flags & mf::STATIC != 0 {
                fail!(self, "Method ", method, " cannot be static");
            }
            if self.f.out.return_type.is_some() {
                fail!(self, "Method ", method, " cannot declare a return type");
            }
        }
        let Some(rule) = RULES.iter().find(|r| r.name == &lower[..]) else { return Ok(()) };
        let count = self.f.out.params.len();
        if rule.args != ANY && count != rule.args {
            match rule.args {
                0 => fail!(self, "Method ", method, " cannot take arguments"),
                1 => fail!(self, "Method ", method, " must take exactly 1 argument"),
                n => fail!(self, "Method ", method, " must take exactly ", n as u32, " arguments"),
            }
        }
        if rule.is_static && flags & mf::STATIC == 0 {
            fail!(self, "Method ", method, " must be static");
        }
        if !rule.is_static && flags & mf::STATIC != 0 {
            fail!(self, "Method ", method, " cannot be static");
        }
        if rule.public && flags & mf::PUBLIC == 0 {
            self.diagnose(
                E_WARNING,
                cat!("The magic method ", method, " must have public visibility"),
            );
        }
        if rule.args != ANY && self.f.out.params.iter().any(|p| p.by_ref) {
            fail!(self, "Method ", method, " cannot take arguments by reference");
        }
        for (i, &(bits, word)) in rule.params.iter().enumerate() {
            let param = &self.f.out.params[i];
            let fits = match &param.ty {
                None => true,
                Some(TypeDecl::Union(u)) => u.bits & (bits | tb::MIXED) != 0,
                Some(TypeDecl::Intersection(_)) => false,
            };
            if !fits {
                fail!(
                    self,
                    method,
                    ": Parameter #",
                    i as u32 + 1,
                    " ($",
                    param.name,
                    ") must be of type ",
                    word,
                    " when declared"
                );
            }
        }
        if rule.returns != 0
            && let Some(ty) = &self.f.out.return_type
        {
            let fits = match ty {
                TypeDecl::Union(u) => {
                    let object = rule.returns == tb::OBJECT;
                    let allowed = rule.returns | tb::NEVER | if object { tb::STATIC } else { 0 };
                    u.bits & !allowed == 0
                        && (object || u.classes.is_empty() && u.intersections.is_empty())
                }
                TypeDecl::Intersection(_) => rule.returns == tb::OBJECT,
            };
            if !fits {
                fail!(self, method, ": Return type must be ", rule.return_name, " when declared");
            }
        }
        Ok(())
    }
}
