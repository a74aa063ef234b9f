//! Names of bodies and wrappers.

use crate::stubs::ast::{Class, Function};

/// Rust's words that PHP uses as function names, or might.
const KEYWORDS: &[&str] =
    &["abstract", "final", "fn", "loop", "match", "mod", "move", "ref", "type", "use"];

/// The body that a function or method is written as: `str_pad`, `array_object_offset_get`,
/// what `@body` names, or the body of the function that `@implementation-alias` names.
pub fn body(function: &Function, class: Option<&Class>) -> String {
    if let Some(name) = function.doc.tag("body") {
        return name.to_owned();
    }
    let name = match (function.doc.tag("implementation-alias"), class) {
        (Some(alias), _) => match alias.split_once("::") {
            Some((class, method)) => format!("{}_{}", snake(class), snake(method)),
            None => snake(alias),
        },
        (None, Some(class)) => format!("{}_{}", snake(&class.name), snake(&function.name)),
        (None, None) => snake(&function.name),
    };
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// The wrapper's name: its own even where the body is shared.
pub fn wrapper(function: &Function, class: Option<&Class>) -> String {
    let name = snake(&function.name);
    // A function may have the name that a method comes to: collator_create, Collator::create.
    class.map_or(format!("call_{name}"), |c| format!("method_{}_{name}", snake(&c.name)))
}

/// `ArrayObject` as `array_object`, `DOMDocument` as `dom_document`, `A\b` as `a_b`.
fn snake(name: &str) -> String {
    // A class may have both serialize() and __serialize().
    let (prefix, name) = match name.strip_prefix("__") {
        Some("construct") => ("", "construct"),
        Some(magic) => ("magic_", magic),
        None => ("", name.trim_start_matches(['\\', '_'])),
    };
    let chars: Vec<char> = name.chars().collect();
    let mut out = prefix.to_owned();
    for (i, &c) in chars.iter().enumerate() {
        if c == '\\' {
            out.push('_');
            continue;
        }
        let before = i.checked_sub(1).map(|i| chars[i]);
        let starts_word = c.is_uppercase()
            && before.is_some_and(|b| {
                b.is_lowercase()
                    || b.is_ascii_digit()
                    || (b.is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase()))
            });
        if starts_word {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn class_names_become_words() {
        assert_eq!(snake("ArrayObject"), "array_object");
        assert_eq!(snake("DOMDocument"), "dom_document");
        assert_eq!(snake("__construct"), "construct");
        assert_eq!(snake("__toString"), "magic_to_string");
        assert_eq!(snake("Dom\\HTMLDocument"), "dom_html_document");
        assert_eq!(snake("PDO"), "pdo");
        assert_eq!(snake("array_multisort"), "array_multisort");
    }
}
