//! `PhpToken`

use crate::names::name_of;
use crate::{id_of, text_of, tokens};
use outlast_syntax::TokenKind;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, Ret, Unwind};

// Where the properties are.
const ID: usize = 0;
const TEXT: usize = 1;
const LINE: usize = 2;
const POS: usize = 3;

pub fn php_token_tokenize(
    cx: &mut Cx,
    called: Option<ClassRef>,
    code: &PhpString,
    flags: i64,
) -> Ret<PhpArray> {
    let class = match called {
        Some(class) => class,
        None => cx.class(b"PhpToken").expect("it is declared here"),
    };
    let tokens = tokens(cx, code, flags)?;
    let mut out = PhpArray::with_capacity(tokens.len());
    for token in &tokens {
        let object = cx.instantiate(class)?;
        fill(
            &object,
            id_of(token),
            PhpString::new(text_of(code, token)),
            i64::from(token.line),
            i64::from(token.start),
        );
        out.push(Value::Object(object)).ok();
    }
    Ok(out)
}

fn fill(object: &Object, id: i64, text: PhpString, line: i64, pos: i64) {
    object.set_slot(ID, Value::Int(id));
    object.set_slot(TEXT, Value::Str(text));
    object.set_slot(LINE, Value::Int(line));
    object.set_slot(POS, Value::Int(pos));
}

pub fn php_token_construct(
    _: &mut Cx,
    this: &Object,
    id: i64,
    text: &PhpString,
    line: i64,
    pos: i64,
) -> Ret<()> {
    fill(this, id, text.clone(), line, pos);
    Ok(())
}

/// What is thrown if a property has no value yet.
fn uninitialized(cx: &mut Cx, name: &str) -> Unwind {
    cx.throw_error(format!(
        "Typed property PhpToken::${name} must not be accessed before initialization"
    ))
}

fn id(cx: &mut Cx, this: &Object) -> Ret<i64> {
    match this.slot(ID).into_deref() {
        Value::Int(id) => Ok(id),
        _ => Err(uninitialized(cx, "id")),
    }
}

fn text(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    match this.slot(TEXT).into_deref() {
        Value::Str(text) => Ok(text),
        _ => Err(uninitialized(cx, "text")),
    }
}

/// Is the token of the kind? `None`: the value names none.
fn matches_kind(cx: &mut Cx, this: &Object, kind: &Value) -> Ret<Option<bool>> {
    Ok(match kind {
        Value::Int(kind) => Some(id(cx, this)? == *kind),
        Value::Str(kind) => Some(text(cx, this)? == *kind),
        _ => None,
    })
}

pub fn php_token_is(cx: &mut Cx, this: &Object, kind: &Value) -> Ret<bool> {
    if let Value::Array(kinds) = kind {
        for (_, kind) in kinds.iter() {
            let kind = kind.deref();
            match matches_kind(cx, this, &kind)? {
                Some(true) => return Ok(true),
                Some(false) => {}
                None => {
                    let given = cx.value_type_name(&kind);
                    let text = format!("must only have elements of type string|int, {given} given");
                    return Err(cx.arg_type_error(1, &text));
                }
            }
        }
        return Ok(false);
    }
    match matches_kind(cx, this, kind)? {
        Some(matches) => Ok(matches),
        None => {
            let given = cx.value_type_name(kind);
            let text = format!("must be of type string|int|array, {given} given");
            Err(cx.arg_type_error(1, &text))
        }
    }
}

pub fn php_token_is_ignorable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let id = id(cx, this)?;
    let ignorable =
        [TokenKind::Whitespace, TokenKind::Comment, TokenKind::DocComment, TokenKind::OpenTag];
    Ok(ignorable.iter().any(|kind| i64::from(kind.id()) == id))
}

pub fn php_token_get_token_name(cx: &mut Cx, this: &Object) -> Ret<Option<Vec<u8>>> {
    let id = id(cx, this)?;
    Ok(match u8::try_from(id) {
        Ok(byte) => Some(vec![byte]),
        Err(_) => name_of(id).map(|name| name.as_bytes().to_vec()),
    })
}

pub fn php_token_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    text(cx, this)
}
