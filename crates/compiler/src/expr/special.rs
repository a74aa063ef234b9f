//! `exit` and the magic constants.

use outlast_bytecode::{Literal, NO_SLOT, Op, Slot};
use outlast_syntax::ast::{Args, ClassKind, MagicConst};

use super::Want;
use crate::error::{R, cat};
use crate::function::CodeKind;
use crate::scope::Compiler;

impl Compiler<'_> {
    pub(super) fn exit(&mut self, args: Option<&Args>, want: Want) -> R<Slot> {
        let line = self.f.line;
        match args {
            None => {
                self.f.emit(Op::Exit { src: NO_SLOT });
            }
            Some(Args::List(list)) if list.is_empty() => {
                self.f.emit(Op::Exit { src: NO_SLOT });
            }
            Some(Args::List(list))
                if list.len() == 1 && list[0].name.is_none() && !list[0].unpack =>
            {
                let src = self.expr(&list[0].value)?;
                self.f.emit(Op::Exit { src });
                self.f.release(src);
            }
            // Anything else goes to the function of that name.
            Some(args) => {
                let name = self.f.str(b"exit");
                let cache = self.f.cache();
                let Args::List(list) = args else {
                    self.f.emit(Op::InitFn { argc: 0, cache, name });
                    return Ok(self.nullary(want, |dst| Op::CallableConvert { dst }));
                };
                self.f.emit(Op::InitFn { argc: list.len() as u16, cache, name });
                self.send_args(list)?;
                self.f.line = line;
                return Ok(self.nullary(want, |dst| Op::DoCall { dst }));
            }
        }
        // Unreachable, but the users of the result want a temporary.
        Ok(self.literal(Literal::Bool(true), want))
    }

    pub(super) fn magic(&mut self, magic: MagicConst, want: Want) -> R<Slot> {
        match self.magic_literal(magic) {
            Some(value) => Ok(self.literal(value, want)),
            None => {
                let class = self.f.class_ref(outlast_bytecode::ClassRef::SelfClass);
                Ok(self.nullary(want, |dst| Op::FetchClassName { dst, class }))
            }
        }
    }

    /// A magic constant, unless it is known at run time only.
    pub(crate) fn magic_literal(&self, magic: MagicConst) -> Option<Literal> {
        let text = |bytes: &[u8]| Some(Literal::Str(bytes.into()));
        match magic {
            MagicConst::Line => Some(Literal::Int(self.f.line as i64)),
            MagicConst::File => text(self.options.real_path),
            MagicConst::Dir => text(&dirname(self.options.real_path)),
            MagicConst::Namespace => text(&self.namespace),
            MagicConst::Function => text(&self.function_name),
            MagicConst::Property => text(&self.property),
            MagicConst::Method => match (&self.class, self.f.kind) {
                (Some(class), CodeKind::Method | CodeKind::ConstExpr | CodeKind::Hook)
                    if !self.function_name.is_empty() =>
                {
                    text(&cat!(class.name, "::", self.function_name))
                }
                _ => text(&self.function_name),
            },
            MagicConst::Class => match &self.class {
                None => text(b""),
                Some(class) if class.kind == ClassKind::Trait => None,
                Some(class) => text(&class.name),
            },
            MagicConst::Trait => match &self.class {
                Some(class) if class.kind == ClassKind::Trait => text(&class.name),
                _ => text(b""),
            },
        }
    }
}

fn dirname(path: &[u8]) -> Vec<u8> {
    match path.iter().rposition(|&b| b == b'/') {
        Some(0) => b"/".to_vec(),
        Some(at) => path[..at].to_vec(),
        None => b".".to_vec(),
    }
}
