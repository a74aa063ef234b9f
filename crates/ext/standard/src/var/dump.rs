//! `var_dump`, `debug_zval_dump` and `print_r`.

use super::props::{Content, Seen, Shown, count, runs_code, shown};
use outlast_number as number;
use outlast_value::{Key, Object, PhpArray, Reference, Value};
use outlast_vm::{Cx, ObjectClass, PropertiesFor, Ret, lazy, maybe_grow};
use std::io::Write;

/// Text on its way out; it goes out before code runs that might print.
struct Printer {
    out: Vec<u8>,
    /// `debug_zval_dump`: with counts of references.
    counts: bool,
    depth: u32,
}

/// A class name as it is shown: that of an anonymous class ends at its NUL.
fn label(name: &[u8]) -> &[u8] {
    name.split(|&b| b == 0).next().unwrap_or_default()
}

impl Printer {
    fn flush(&mut self, cx: &mut Cx) -> Ret<()> {
        cx.echo(&self.out)?;
        self.out.clear();
        Ok(())
    }

    fn text(&mut self, s: &str) {
        self.out.extend_from_slice(s.as_bytes());
    }

    fn format(&mut self, args: std::fmt::Arguments<'_>) {
        // Writing to a vector cannot fail.
        let _ = self.out.write_fmt(args);
    }

    fn indent(&mut self, n: usize) {
        self.out.resize(self.out.len() + n, b' ');
    }

    /// ` refcount(n)`, without the handles made here.
    fn refcount(&mut self, n: u32, own: u32) {
        self.format(format_args!(" refcount({})", n.saturating_sub(own).max(1)));
    }

    /// `own`: how many counts are of handles made here.
    fn dump(&mut self, cx: &mut Cx, v: &Value, indent: usize, own: u32) -> Ret<()> {
        match v {
            Value::Ref(r) if self.counts => self.reference(cx, r, indent, own),
            Value::Ref(r) => {
                self.plain(cx, &r.get(), indent, if r.count() > own + 1 { "&" } else { "" }, 0)
            }
            v => self.plain(cx, v, indent, "", own),
        }
    }

    fn plain(&mut self, cx: &mut Cx, v: &Value, indent: usize, shared: &str, own: u32) -> Ret<()> {
        match v {
            Value::Undef | Value::Null => self.format(format_args!("{shared}NULL\n")),
            Value::Bool(b) => self.format(format_args!("{shared}bool({b})\n")),
            Value::Int(i) => self.format(format_args!("{shared}int({i})\n")),
            Value::Float(f) => {
                self.format(format_args!("{shared}float("));
                let text = number::to_string_precision(*f, cx.ini.serialize_precision());
                self.out.extend_from_slice(&text);
                self.text(")\n");
            }
            Value::Str(s) => {
                self.format(format_args!("{shared}string({}) \"", s.len()));
                self.out.extend_from_slice(s);
                self.text("\"");
                if self.counts {
                    if s.is_immortal() {
                        self.text(" interned");
                    } else {
                        self.refcount(s.count(), own);
                    }
                }
                self.text("\n");
            }
            Value::Array(a) => self.array(cx, a, indent, shared, own)?,
            Value::Object(o) => self.object(cx, o, indent, shared, own)?,
            Value::Resource(r) => {
                let kind = if r.is_closed() { "Unknown" } else { r.kind() };
                self.format(format_args!("{shared}resource({}) of type ({kind})", r.id()));
                if self.counts {
                    self.refcount(r.count(), own);
                }
                self.text("\n");
            }
            Value::Ref(_) => {}
        }
        Ok(())
    }

    fn reference(&mut self, cx: &mut Cx, r: &Reference, indent: usize, own: u32) -> Ret<()> {
        if r.count() <= own + 1 {
            return self.plain(cx, &r.get(), indent, "", 1);
        }
        self.format(format_args!(
            "reference refcount({}) {{
",
            r.count() - own
        ));
        self.indent(indent + 2);
        self.plain(cx, &r.get(), indent + 2, "", 1)?;
        self.indent(indent);
        self.text(
            "}
",
        );
        Ok(())
    }

    /// Shows what is nested, unless it is too deep.
    fn deeper(&mut self, cx: &mut Cx, show: impl FnOnce(&mut Self, &mut Cx) -> Ret<()>) -> Ret<()> {
        if self.depth >= super::DEEPEST {
            return Err(cx.stack_error());
        }
        self.depth += 1;
        let result = maybe_grow(|| show(self, cx));
        self.depth -= 1;
        result
    }

    fn array(
        &mut self,
        cx: &mut Cx,
        a: &PhpArray,
        indent: usize,
        shared: &str,
        own: u32,
    ) -> Ret<()> {
        if a.visit_guard() {
            self.text("*RECURSION*\n");
            return Ok(());
        }
        self.format(format_args!("{shared}array({})", a.len()));
        let immortal = a.is_immortal();
        if self.counts {
            if a.is_packed() && !a.is_empty() {
                self.text(" packed");
            }
            if immortal {
                self.text(" interned {\n");
            } else {
                self.refcount(a.count(), own);
                self.text("{\n");
            }
        } else {
            self.text(" {\n");
        }
        if !immortal {
            a.set_visit_guard(true);
        }
        let mut result = Ok(());
        for (k, v) in a {
            self.indent(indent + 2);
            match &k {
                Key::Int(i) => self.format(format_args!("[{i}]=>\n")),
                Key::Str(s) => {
                    self.text("[\"");
                    self.out.extend_from_slice(s);
                    self.text("\"]=>\n");
                }
            }
            self.indent(indent + 2);
            result = self.deeper(cx, |p, cx| p.dump(cx, v, indent + 2, 0));
            if result.is_err() {
                break;
            }
        }
        if !immortal {
            a.set_visit_guard(false);
        }
        result?;
        self.indent(indent);
        self.text("}\n");
        Ok(())
    }

    fn object(
        &mut self,
        cx: &mut Cx,
        o: &Object,
        indent: usize,
        shared: &str,
        own: u32,
    ) -> Ret<()> {
        let class = o.class();
        if class.is_enum() && !self.counts {
            let name = super::case_name(o);
            self.text(shared);
            self.text("enum(");
            self.out.extend_from_slice(label(&class.name));
            self.text("::");
            self.out.extend_from_slice(&name);
            self.text(")\n");
            return Ok(());
        }
        if o.visits() != 0 {
            self.text("*RECURSION*\n");
            return Ok(());
        }
        o.set_visits(1);
        let result = self.object_body(cx, o, indent, shared, own);
        o.set_visits(0);
        result
    }

    fn object_body(
        &mut self,
        cx: &mut Cx,
        o: &Object,
        indent: usize,
        shared: &str,
        own: u32,
    ) -> Ret<()> {
        if runs_code(o) {
            self.flush(cx)?;
        }
        let props = shown(cx, o, PropertiesFor::Debug)?;
        self.text(shared);
        if lazy::is_lazy(o) {
            self.text(if lazy::is_proxy(o) { "lazy proxy " } else { "lazy ghost " });
        }
        self.text("object(");
        self.out.extend_from_slice(label(&o.class().name));
        self.format(format_args!(")#{} ({})", o.id(), count(&props)));
        if self.counts {
            self.refcount(o.count(), own);
            self.text("{\n");
        } else {
            self.text(" {\n");
        }
        for p in &props {
            self.indent(indent + 2);
            self.text("[");
            match &p.name {
                Key::Int(i) => self.format(format_args!("{i}")),
                Key::Str(s) => {
                    self.text("\"");
                    self.out.extend_from_slice(s);
                    self.text("\"");
                }
            }
            match &p.seen {
                Seen::Public => {}
                Seen::Protected => self.text(":protected"),
                Seen::Private(class) => {
                    self.text(":\"");
                    self.out.extend_from_slice(class);
                    self.text("\":private");
                }
            }
            self.text("]=>\n");
            self.indent(indent + 2);
            match &p.what {
                Content::Value(v) => self.deeper(cx, |p, cx| p.dump(cx, v, indent + 2, 1))?,
                Content::Uninitialized(ty) => {
                    self.format(format_args!("uninitialized({ty})\n"));
                }
            }
        }
        self.indent(indent);
        self.text("}\n");
        Ok(())
    }

    fn readable(&mut self, cx: &mut Cx, v: &Value, indent: usize) -> Ret<()> {
        match v {
            Value::Ref(r) => self.readable(cx, &r.get(), indent),
            Value::Array(a) => {
                self.text("Array\n");
                if a.visit_guard() {
                    self.text(" *RECURSION*");
                    return Ok(());
                }
                let guard = !a.is_immortal();
                if guard {
                    a.set_visit_guard(true);
                }
                let result = self.readable_elements(cx, a, indent);
                if guard {
                    a.set_visit_guard(false);
                }
                result
            }
            Value::Object(o) => {
                let class = o.class();
                self.out.extend_from_slice(label(&class.name));
                if class.is_enum() {
                    self.text(" Enum");
                    if class.backing != 0 {
                        let int = class.backing & outlast_bytecode::type_bits::INT != 0;
                        self.text(if int { ":int" } else { ":string" });
                    }
                    self.text("\n");
                } else {
                    self.text(" Object\n");
                }
                if o.visits() != 0 {
                    self.text(" *RECURSION*");
                    return Ok(());
                }
                o.set_visits(1);
                let result = shown(cx, o, PropertiesFor::Debug)
                    .and_then(|props| self.readable_props(cx, &props, indent));
                o.set_visits(0);
                result
            }
            v => {
                let text = cx.to_str(v)?;
                self.out.extend_from_slice(&text);
                Ok(())
            }
        }
    }

    fn readable_elements(&mut self, cx: &mut Cx, a: &PhpArray, indent: usize) -> Ret<()> {
        self.indent(indent);
        self.text("(\n");
        for (k, v) in a {
            self.indent(indent + 4);
            self.readable_key(&k);
            self.text("] => ");
            self.deeper(cx, |p, cx| p.readable(cx, v, indent + 8))?;
            self.text("\n");
        }
        self.indent(indent);
        self.text(")\n");
        Ok(())
    }

    fn readable_key(&mut self, k: &Key) {
        self.text("[");
        match k {
            Key::Int(i) => self.format(format_args!("{i}")),
            Key::Str(s) => self.out.extend_from_slice(s),
        }
    }

    fn readable_props(&mut self, cx: &mut Cx, props: &[Shown], indent: usize) -> Ret<()> {
        self.indent(indent);
        self.text("(\n");
        for p in props {
            let Content::Value(v) = &p.what else { continue };
            self.indent(indent + 4);
            self.readable_key(&p.name);
            match &p.seen {
                Seen::Public => {}
                Seen::Protected => self.text(":protected"),
                Seen::Private(class) => {
                    self.text(":");
                    self.out.extend_from_slice(class);
                    self.text(":private");
                }
            }
            self.text("] => ");
            self.deeper(cx, |p, cx| p.readable(cx, v, indent + 8))?;
            self.text("\n");
        }
        self.indent(indent);
        self.text(")\n");
        Ok(())
    }
}

fn dump_all(cx: &mut Cx, value: &Value, values: &[Value], counts: bool) -> Ret<()> {
    let mut p = Printer { out: Vec::new(), counts, depth: 0 };
    for v in std::iter::once(value).chain(values) {
        let result = p.dump(cx, v, 0, 1);
        p.flush(cx)?;
        result?;
    }
    Ok(())
}

/// `var_dump()`
pub fn var_dump(cx: &mut Cx, value: &Value, values: &[Value]) -> Ret<()> {
    dump_all(cx, value, values, false)
}

/// `debug_zval_dump()`
pub fn debug_zval_dump(cx: &mut Cx, value: &Value, values: &[Value]) -> Ret<()> {
    dump_all(cx, value, values, true)
}

/// `print_r()`
pub fn print_r(cx: &mut Cx, value: &Value, return_: bool) -> Ret<Value> {
    let mut p = Printer { out: Vec::new(), counts: false, depth: 0 };
    p.readable(cx, value, 0)?;
    if return_ {
        return Ok(Value::str(&p.out));
    }
    p.flush(cx)?;
    Ok(Value::Bool(true))
}
