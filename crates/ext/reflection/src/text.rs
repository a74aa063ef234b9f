//! The `__toString` of reflection.

use crate::base::modifier_names;
use crate::class::{dynamic_names, properties};
use crate::function::{self, is_deprecated, return_type};
use crate::params::{Parameter, parameter};
use crate::support::{FunctionOf, PropertyKind, PropertyOf, modifiers, visibility};
use crate::types::type_text;
use outlast_bytecode::{class_flags, member_flags as m};
use outlast_value::{Key, Object, Value};
use outlast_vm::class::ClassConst;
use outlast_vm::exec::closures::ClosureData;
use outlast_vm::function::{ByRef, FuncKind, FuncRef};
use outlast_vm::{ClassRef, Cx, ObjectClass, Ret};
use std::rc::Rc;

/// A default value.
pub fn value_text(cx: &mut Cx, value: &Value) -> Ret<Vec<u8>> {
    Ok(match value {
        Value::Null | Value::Undef => b"NULL".to_vec(),
        Value::Bool(b) => b.to_string().into_bytes(),
        Value::Str(s) => [b"'", s.as_bytes(), b"'"].concat(),
        Value::Array(a) => {
            let mut out = b"[".to_vec();
            let list = a.is_list();
            for (i, (k, v)) in a.iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(b", ");
                }
                if !list {
                    match k {
                        Key::Int(n) => out.extend_from_slice(format!("{n} => ").as_bytes()),
                        Key::Str(s) => {
                            out.extend_from_slice(&[b"'", s.as_bytes(), b"' => "].concat());
                        }
                    }
                }
                out.extend(value_text(cx, &v.deref())?);
            }
            out.push(b']');
            out
        }
        Value::Object(o) => {
            let class = o.class();
            let mut out = format!("\\{}", class.display_name()).into_bytes();
            match class.props.get(b"name".as_slice()) {
                Some(p) if class.is_enum() => {
                    let name = cx.to_str(&o.slot(p.slot as usize))?;
                    out.extend_from_slice(b"::");
                    out.extend_from_slice(&name);
                }
                _ => out = [b"new ", out.as_slice(), b"()"].concat(),
            }
            out
        }
        v => cx.to_str(v)?.to_vec(),
    })
}

/// The value of a constant.
pub fn plain_text(cx: &mut Cx, value: &Value) -> Ret<Vec<u8>> {
    Ok(match value {
        Value::Array(_) => b"Array".to_vec(),
        Value::Object(_) => b"Object".to_vec(),
        v => cx.to_str(v)?.to_vec(),
    })
}

/// `Parameter #0 [ <required> int $x ]`
pub fn parameter_text(cx: &mut Cx, index: usize, p: &Parameter) -> Ret<Vec<u8>> {
    let word = if p.optional { "optional" } else { "required" };
    let mut out = format!("Parameter #{index} [ <{word}> ").into_bytes();
    if let Some(ty) = &p.ty {
        out.extend_from_slice(type_text(ty).as_bytes());
        out.push(b' ');
    }
    if p.by_ref != ByRef::No {
        out.push(b'&');
    }
    if p.variadic {
        out.extend_from_slice(b"...");
    }
    out.push(b'$');
    out.extend_from_slice(&p.name);
    if p.optional && !p.variadic {
        match &p.default {
            None => out.extend_from_slice(b" = <default>"),
            Some(d) => {
                out.extend_from_slice(b" = ");
                out.extend(match d {
                    crate::params::Default::Native(text, _) => text.as_bytes().to_vec(),
                    d => match d.constant() {
                        Some(name) => name.into_bytes(),
                        None => {
                            let v = d.value(cx)?;
                            value_text(cx, &v)?
                        }
                    },
                });
            }
        }
    }
    out.extend_from_slice(b" ]");
    Ok(out)
}

/// What the brackets of a method say of its kin.
fn relations(f: &FuncRef, class: ClassRef) -> String {
    let mut out = String::new();
    let lower = f.name.to_ascii_lowercase();
    let owner = f.scope().unwrap_or(class);
    if owner != class {
        out.push_str(&format!(", inherits {}", owner.display_name()));
    } else if let Some(over) =
        class.parent.and_then(|p| p.method(&lower).cloned()).filter(|o| !o.is_private())
    {
        let over = over.scope().unwrap_or(class);
        out.push_str(&format!(", overwrites {}", over.display_name()));
    }
    if let Some(proto) = *f.prototype.borrow()
        && proto != owner
    {
        out.push_str(&format!(", prototype {}", proto.display_name()));
    }
    out
}

/// A function or method; `class`: the class it is shown for.
pub fn function_text(
    cx: &mut Cx,
    of: &FunctionOf,
    indent: &str,
    class: Option<ClassRef>,
) -> Ret<Vec<u8>> {
    let f = &of.func;
    let mut out = Vec::new();
    let is_invoke = function::is_invoke_of_closure(f);
    let is_closure = !is_invoke && (f.is_closure() || of.closure.is_some());
    let is_method = f.class.is_some() && !is_closure;
    if let Some(doc) = f.user().and_then(|u| u.decl().doc.as_ref()) {
        out.extend_from_slice(indent.as_bytes());
        out.extend_from_slice(doc);
        out.push(b'\n');
    }
    let word = if is_closure {
        "Closure"
    } else if is_method {
        "Method"
    } else {
        "Function"
    };
    let mut head = format!("{indent}{word} [ ");
    match &f.kind {
        _ if is_invoke => head.push_str("<internal"),
        FuncKind::User(_) => head.push_str("<user"),
        FuncKind::Native(..) if f.scope().is_some_and(|c| c.native.is_none()) => {
            // The methods that an enum of PHP code has from the engine.
            head.push_str("<internal");
        }
        FuncKind::Native(_, "") => head.push_str("<internal"),
        FuncKind::Native(_, e) => head.push_str(&format!("<internal:{e}")),
    }
    if is_deprecated(f) {
        head.push_str(", deprecated");
    }
    if let Some(class) = class.filter(|_| is_method) {
        head.push_str(&relations(f, class));
    }
    if is_method && f.name.eq_ignore_ascii_case(b"__construct") {
        head.push_str(", ctor");
    }
    head.push_str("> ");
    for (flag, word) in [(m::ABSTRACT, "abstract "), (m::FINAL, "final "), (m::STATIC, "static ")] {
        if f.modifiers & flag != 0 && (is_method || flag == m::STATIC) {
            head.push_str(word);
        }
    }
    if is_method {
        head.push_str(&format!("{} method ", visibility(f.modifiers)));
    } else {
        head.push_str("function ");
    }
    if f.returns_ref() {
        head.push('&');
    }
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(&f.name);
    out.extend_from_slice(b" ] {\n");
    if let Some(u) = f.user().filter(|_| !is_invoke) {
        let d = u.decl();
        out.extend_from_slice(
            format!("{indent}  @@ {} {} - {}\n", u.unit.file, d.start_line, d.end_line).as_bytes(),
        );
    }
    let inner = format!("{indent}  ");
    if is_closure {
        bound_variables(of, &inner, &mut out);
    }
    parameters(cx, f, &inner, &mut out)?;
    if let Some((ty, tentative)) = return_type(f) {
        let word = if tentative { "Tentative return" } else { "Return" };
        out.extend_from_slice(format!("{inner}- {word} [ {} ]\n", type_text(&ty)).as_bytes());
    }
    out.extend_from_slice(format!("{indent}}}\n").as_bytes());
    Ok(out)
}

fn bound_variables(of: &FunctionOf, indent: &str, out: &mut Vec<u8>) {
    let Some(data) = of.closure.as_ref().and_then(|o| o.data::<ClosureData>()) else { return };
    let Some(user) = data.func.user() else { return };
    let decl = user.decl();
    if decl.uses.is_empty() {
        return;
    }
    out.extend_from_slice(
        format!("\n{indent}- Bound Variables [{}] {{\n", decl.uses.len()).as_bytes(),
    );
    for (i, (slot, _)) in decl.uses.iter().enumerate() {
        out.extend_from_slice(format!("{indent}    Variable #{i} [ $").as_bytes());
        out.extend_from_slice(&decl.locals[*slot as usize]);
        out.extend_from_slice(b" ]\n");
    }
    out.extend_from_slice(format!("{indent}}}\n").as_bytes());
}

fn parameters(cx: &mut Cx, f: &FuncRef, indent: &str, out: &mut Vec<u8>) -> Ret<()> {
    let count = f.param_count();
    // A function of PHP code without parameters shows no list.
    if count == 0 && f.user().is_some() {
        return Ok(());
    }
    out.extend_from_slice(format!("\n{indent}- Parameters [{count}] {{\n").as_bytes());
    for index in 0..count {
        let Some(p) = parameter(f, index) else { break };
        out.extend_from_slice(indent.as_bytes());
        out.extend_from_slice(b"  ");
        out.extend(parameter_text(cx, index, &p)?);
        out.push(b'\n');
    }
    out.extend_from_slice(format!("{indent}}}\n").as_bytes());
    Ok(())
}

/// A property.
pub fn property_text(cx: &mut Cx, p: &PropertyOf, indent: &str) -> Ret<Vec<u8>> {
    let mut out = Vec::new();
    if let Some(doc) = p.doc() {
        out.extend_from_slice(indent.as_bytes());
        out.extend_from_slice(&doc);
        out.push(b'\n');
    }
    out.extend_from_slice(format!("{indent}Property [ ").as_bytes());
    if matches!(p.kind, PropertyKind::Dynamic) {
        out.extend_from_slice(b"<dynamic> public $");
        out.extend_from_slice(&p.name);
        out.extend_from_slice(b" ]\n");
        return Ok(out);
    }
    let bits = modifiers(p.flags());
    let mut words: Vec<&str> = modifier_names(bits & (64 | 32 | 7));
    words.extend(modifier_names(bits & (2048 | 4096)));
    words.extend(modifier_names(bits & (16 | 128)));
    out.extend_from_slice(words.join(" ").as_bytes());
    out.push(b' ');
    if let Some(ty) = p.ty() {
        out.extend_from_slice(type_text(&ty).as_bytes());
        out.push(b' ');
    }
    out.push(b'$');
    out.extend_from_slice(&p.name);
    if let Some(value) = p.default(cx)? {
        out.extend_from_slice(b" = ");
        match &value {
            // Evaluated: there is no expression to show.
            Value::Object(o) if !o.class().is_enum() => {
                let shown = format!("object({})", o.class().display_name());
                out.extend_from_slice(shown.as_bytes());
            }
            Value::Object(_) => out.extend_from_slice(&value_text(cx, &value)?[1..]),
            v => out.extend(value_text(cx, v)?),
        }
    }
    out.extend_from_slice(b" ]\n");
    Ok(out)
}

/// A class constant.
pub fn constant_text(cx: &mut Cx, c: &Rc<ClassConst>, indent: &str) -> Ret<Vec<u8>> {
    let value = cx.constant_value(c)?;
    let ty = match (&c.ty, &value) {
        (Some(ty), _) => type_text(ty),
        (None, Value::Bool(_)) => "bool".to_owned(),
        (None, v) => cx.value_type_name(v),
    };
    let mut out = Vec::new();
    if let Some(doc) = &c.doc {
        out.extend_from_slice(indent.as_bytes());
        out.extend_from_slice(doc);
        out.push(b'\n');
    }
    let fin = if c.flags & m::FINAL != 0 { "final " } else { "" };
    out.extend_from_slice(
        format!("{indent}Constant [ {fin}{} {ty} {} ] {{ ", visibility(c.flags), c.name).as_bytes(),
    );
    out.extend(plain_text(cx, &value)?);
    out.extend_from_slice(b" }\n");
    Ok(out)
}

fn class_head(class: ClassRef, is_object: bool) -> String {
    let kind = if class.is_interface() {
        "Interface"
    } else if class.is_trait() {
        "Trait"
    } else if is_object {
        "Object of class"
    } else {
        "Class"
    };
    let mut out = format!("{kind} [ ");
    match class.extension {
        Some(e) => out.push_str(&format!("<internal:{e}> ")),
        None => out.push_str("<user> "),
    }
    let hooked = class.props.values().any(|p| p.has_hooks() || p.is_virtual());
    if class.handlers.iterate.is_some() || class.iteration != 0 || hooked && !class.is_interface() {
        out.push_str("<iterateable> ");
    }
    if class.is_interface() {
        out.push_str("interface ");
    } else if class.is_trait() {
        out.push_str("trait ");
    } else {
        for (flag, word) in [
            (class_flags::ABSTRACT | class_flags::IMPLICIT_ABSTRACT, "abstract "),
            (class_flags::FINAL, "final "),
            (class_flags::READONLY, "readonly "),
        ] {
            if class.flags & flag != 0 {
                out.push_str(word);
            }
        }
        out.push_str("class ");
    }
    out.push_str(&class.name.to_str_lossy());
    if let Some(p) = class.parent {
        out.push_str(&format!(" extends {}", p.display_name()));
    }
    let names: Vec<_> = class.interfaces.iter().map(|i| i.display_name()).collect();
    if !names.is_empty() {
        let word = if class.is_interface() { "extends" } else { "implements" };
        out.push_str(&format!(" {word} {}", names.join(", ")));
    }
    out.push_str(" ] {\n");
    out
}

fn section(out: &mut Vec<u8>, title: &str, count: usize) {
    out.extend_from_slice(format!("\n  - {title} [{count}] {{\n").as_bytes());
}

/// A class; `object`: with its dynamic properties.
pub fn class_text(cx: &mut Cx, class: ClassRef, object: Option<&Object>) -> Ret<Vec<u8>> {
    let mut out = Vec::new();
    if let Some(doc) = &class.doc {
        out.extend_from_slice(doc);
        out.push(b'\n');
    }
    out.extend_from_slice(class_head(class, object.is_some()).as_bytes());
    if let Some(u) = &class.unit {
        let lines = format!("  @@ {} {}-{}\n", u.file, class.start_line, class.end_line);
        out.extend_from_slice(lines.as_bytes());
    }
    let constants: Vec<_> = class
        .constants
        .values()
        .filter(|c| c.flags & m::PRIVATE == 0 || c.class.get() == class)
        .cloned()
        .collect();
    section(&mut out, "Constants", constants.len());
    for c in &constants {
        out.extend(constant_text(cx, c, "    ")?);
    }
    out.extend_from_slice(b"  }\n");
    let (statics, own): (Vec<_>, Vec<_>) =
        properties(class).into_iter().partition(|p| matches!(p.kind, PropertyKind::Static(_)));
    section(&mut out, "Static properties", statics.len());
    for p in &statics {
        out.extend(property_text(cx, p, "    ")?);
    }
    out.extend_from_slice(b"  }\n");
    let (static_methods, methods): (Vec<_>, Vec<_>) = class
        .methods
        .values()
        .filter(|f| !f.is_private() || f.scope() == Some(class))
        .cloned()
        .partition(|f| f.is_static());
    section(&mut out, "Static methods", static_methods.len());
    method_list(cx, class, &static_methods, &mut out)?;
    out.extend_from_slice(b"  }\n");
    section(&mut out, "Properties", own.len());
    for p in &own {
        out.extend(property_text(cx, p, "    ")?);
    }
    out.extend_from_slice(b"  }\n");
    if let Some(o) = object {
        let names = dynamic_names(o);
        section(&mut out, "Dynamic properties", names.len());
        for n in names {
            out.extend_from_slice(b"    Property [ <dynamic> public $");
            out.extend_from_slice(&n);
            out.extend_from_slice(b" ]\n");
        }
        out.extend_from_slice(b"  }\n");
    }
    section(&mut out, "Methods", methods.len());
    method_list(cx, class, &methods, &mut out)?;
    out.extend_from_slice(b"  }\n}\n");
    Ok(out)
}

fn method_list(cx: &mut Cx, class: ClassRef, list: &[FuncRef], out: &mut Vec<u8>) -> Ret<()> {
    for (i, f) in list.iter().enumerate() {
        if i > 0 {
            out.push(b'\n');
        }
        let of = FunctionOf { func: f.clone(), closure: None, class: None };
        out.extend(function_text(cx, &of, "    ", Some(class))?);
    }
    Ok(())
}
