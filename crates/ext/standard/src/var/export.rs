//! `var_export`.

use super::props::{Content, shown};
use outlast_number as number;
use outlast_value::{Key, Object, PhpArray, Value};
use outlast_vm::{Cx, ObjectClass, PropertiesFor, Ret, maybe_grow};

/// A string as PHP code.
fn quoted(out: &mut Vec<u8>, s: &[u8]) {
    out.push(b'\'');
    for &b in s {
        match b {
            b'\'' | b'\\' => out.extend_from_slice(&[b'\\', b]),
            0 => out.extend_from_slice(b"' . \"\\0\" . '"),
            b => out.push(b),
        }
    }
    out.push(b'\'');
}

fn indent(out: &mut Vec<u8>, n: usize) {
    out.resize(out.len() + n, b' ');
}

/// A nested array or object starts on its own line.
fn own_line(out: &mut Vec<u8>, level: usize) {
    if level > 1 {
        out.push(b'\n');
        indent(out, level - 1);
    }
}

fn circular(cx: &mut Cx, out: &mut Vec<u8>) -> Ret<()> {
    out.extend_from_slice(b"NULL");
    cx.raise_warning("var_export does not handle circular references")
}

fn export(cx: &mut Cx, out: &mut Vec<u8>, v: &Value, level: usize) -> Ret<()> {
    if level / 2 > super::DEEPEST as usize {
        return Err(cx.stack_error());
    }
    maybe_grow(|| export_value(cx, out, v, level))
}

fn export_value(cx: &mut Cx, out: &mut Vec<u8>, v: &Value, level: usize) -> Ret<()> {
    match v {
        Value::Undef | Value::Null | Value::Resource(_) => out.extend_from_slice(b"NULL"),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        // PHP code has no literal for the least int.
        Value::Int(i64::MIN) => out.extend_from_slice(b"-9223372036854775807-1"),
        Value::Int(i) => out.extend_from_slice(i.to_string().as_bytes()),
        Value::Float(f) => {
            out.extend_from_slice(&number::var_export(*f, cx.ini.serialize_precision()));
        }
        Value::Str(s) => quoted(out, s),
        Value::Ref(r) => return export(cx, out, &r.get(), level),
        Value::Array(a) => {
            if a.visit_guard() {
                return circular(cx, out);
            }
            let guard = !a.is_immortal();
            if guard {
                a.set_visit_guard(true);
            }
            let result = export_array(cx, out, a, level);
            if guard {
                a.set_visit_guard(false);
            }
            return result;
        }
        Value::Object(o) => {
            if o.visits() != 0 {
                return circular(cx, out);
            }
            o.set_visits(1);
            let result = export_object(cx, out, o, level);
            o.set_visits(0);
            return result;
        }
    }
    Ok(())
}

fn export_array(cx: &mut Cx, out: &mut Vec<u8>, a: &PhpArray, level: usize) -> Ret<()> {
    own_line(out, level);
    out.extend_from_slice(b"array (\n");
    for (k, v) in a {
        indent(out, level + 1);
        match &k {
            Key::Int(i) => out.extend_from_slice(i.to_string().as_bytes()),
            Key::Str(s) => quoted(out, s),
        }
        out.extend_from_slice(b" => ");
        export(cx, out, v, level + 2)?;
        out.extend_from_slice(b",\n");
    }
    if level > 1 {
        indent(out, level - 1);
    }
    out.push(b')');
    Ok(())
}

fn export_object(cx: &mut Cx, out: &mut Vec<u8>, o: &Object, level: usize) -> Ret<()> {
    let class = o.class();
    own_line(out, level);
    if class.is_enum() {
        out.push(b'\\');
        out.extend_from_slice(&class.name);
        out.extend_from_slice(b"::");
        out.extend_from_slice(&super::case_name(o));
        return Ok(());
    }
    let plain = class.key == *"stdclass";
    if plain {
        out.extend_from_slice(b"(object) array(\n");
    } else {
        out.push(b'\\');
        out.extend_from_slice(&class.name);
        out.extend_from_slice(b"::__set_state(array(\n");
    }
    for p in shown(cx, o, PropertiesFor::VarExport)? {
        let Content::Value(v) = &p.what else { continue };
        indent(out, level + 2);
        match &p.name {
            Key::Int(i) => out.extend_from_slice(i.to_string().as_bytes()),
            Key::Str(s) => quoted(out, s),
        }
        out.extend_from_slice(b" => ");
        export(cx, out, v, level + 2)?;
        out.extend_from_slice(b",\n");
    }
    if level > 1 {
        indent(out, level - 1);
    }
    out.extend_from_slice(if plain { b")" } else { b"))" });
    Ok(())
}

/// `var_export()`
pub fn var_export(cx: &mut Cx, value: &Value, return_: bool) -> Ret<Option<Vec<u8>>> {
    let mut out = Vec::new();
    export(cx, &mut out, value, 1)?;
    if return_ {
        return Ok(Some(out));
    }
    cx.echo(&out)?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn strings_are_code() {
        let mut out = Vec::new();
        quoted(&mut out, b"a'\\\0b");
        assert_eq!(out, b"'a\\'\\\\' . \"\\0\" . 'b'");
    }
}
