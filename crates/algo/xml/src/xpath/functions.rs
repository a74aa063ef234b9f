//! The core library of functions.

use super::XPathError;
use super::eval::{Context, Value};
use super::parse::Expr;
use crate::chars;
use crate::tree::NodeId;

type Eval<T> = Result<T, XPathError>;

impl Context<'_> {
    pub(super) fn call(&self, prefix: Option<&[u8]>, name: &[u8], args: &[Expr]) -> Eval<Value> {
        if let Some(prefix) = prefix {
            self.namespace(prefix)?;
            return Err(XPathError::Function([prefix, b":", name].concat()));
        }
        let (min, max) = match name {
            b"last" | b"position" | b"true" | b"false" => (0, 0),
            b"local-name" | b"namespace-uri" | b"name" | b"string" | b"string-length"
            | b"normalize-space" | b"number" => (0, 1),
            b"count" | b"id" | b"boolean" | b"not" | b"lang" | b"sum" | b"floor" | b"ceiling"
            | b"round" => (1, 1),
            b"starts-with" | b"contains" | b"substring-before" | b"substring-after" => (2, 2),
            b"substring" => (2, 3),
            b"translate" => (3, 3),
            b"concat" => (2, usize::MAX),
            _ => return Err(XPathError::Function(name.to_vec())),
        };
        if args.len() < min || args.len() > max {
            return Err(XPathError::Arity);
        }
        let args = args.iter().map(|a| self.evaluate(a)).collect::<Eval<Vec<Value>>>()?;
        self.core(name, &args)
    }

    fn core(&self, name: &[u8], args: &[Value]) -> Eval<Value> {
        let tree = self.tree;
        let text = |i: usize| args[i].text(tree);
        let number = |i: usize| args[i].number(tree);
        let text_or_here = || args.first().map_or_else(|| tree.text(self.node), |v| v.text(tree));
        Ok(match name {
            b"last" => Value::Number(self.size as f64),
            b"position" => Value::Number(self.position as f64),
            b"true" => Value::Boolean(true),
            b"false" => Value::Boolean(false),
            b"count" => Value::Number(nodes(&args[0])?.len() as f64),
            b"id" => Value::Nodes(self.ids(&args[0])),
            b"local-name" | b"namespace-uri" | b"name" => self.node_name(name, args.first())?,
            b"string" => Value::Text(text_or_here()),
            b"concat" => Value::Text(args.iter().flat_map(|a| a.text(tree)).collect()),
            b"starts-with" => Value::Boolean(text(0).starts_with(&text(1))),
            b"contains" => Value::Boolean(position(&text(0), &text(1)).is_some()),
            b"substring-before" => {
                let (all, part) = (text(0), text(1));
                Value::Text(position(&all, &part).map_or(Vec::new(), |at| all[..at].to_vec()))
            }
            b"substring-after" => {
                let (all, part) = (text(0), text(1));
                let behind = position(&all, &part).map(|at| all[at + part.len()..].to_vec());
                Value::Text(behind.unwrap_or_default())
            }
            b"substring" => {
                Value::Text(substring(&text(0), number(1), args.get(2).map(|_| number(2))))
            }
            b"string-length" => {
                Value::Number(String::from_utf8_lossy(&text_or_here()).chars().count() as f64)
            }
            b"normalize-space" => {
                let text = text_or_here();
                let words = text.split(|b| chars::is_space(*b)).filter(|w| !w.is_empty());
                Value::Text(words.collect::<Vec<_>>().join(&b' '))
            }
            b"translate" => Value::Text(translate(&text(0), &text(1), &text(2))),
            b"boolean" => Value::Boolean(args[0].boolean()),
            b"not" => Value::Boolean(!args[0].boolean()),
            b"lang" => Value::Boolean(self.lang(&text(0))),
            b"number" => Value::Number(match args.first() {
                Some(v) => v.number(tree),
                None => super::eval::text_number(&tree.text(self.node)),
            }),
            b"sum" => {
                let each =
                    nodes(&args[0])?.iter().map(|n| super::eval::text_number(&tree.text(*n)));
                Value::Number(each.sum::<f64>() + 0.0)
            }
            b"floor" => Value::Number(number(0).floor()),
            b"ceiling" => Value::Number(number(0).ceil()),
            _ => Value::Number((number(0) + 0.5).floor()),
        })
    }

    fn node_name(&self, what: &[u8], of: Option<&Value>) -> Eval<Value> {
        let node = match of {
            Some(v) => nodes(v)?.first().copied(),
            None => Some(self.node),
        };
        let Some(node) = node else { return Ok(Value::Text(Vec::new())) };
        let n = self.tree.node(node);
        Ok(Value::Text(match what {
            b"local-name" => n.name.to_vec(),
            b"namespace-uri" => n.ns.as_deref().unwrap_or_default().to_vec(),
            _ => self.tree.qualified(node),
        }))
    }

    fn ids(&self, of: &Value) -> Vec<NodeId> {
        let texts = match of {
            Value::Nodes(nodes) => nodes.iter().map(|n| self.tree.text(*n)).collect(),
            v => vec![v.text(self.tree)],
        };
        let mut found: Vec<NodeId> = texts
            .iter()
            .flat_map(|t| t.split(|b| chars::is_space(*b)).filter(|w| !w.is_empty()))
            .filter_map(|id| self.tree.by_id(id))
            .collect();
        self.sort(&mut found);
        found
    }

    fn lang(&self, wanted: &[u8]) -> bool {
        let found = self
            .tree
            .ancestors(self.node)
            .find_map(|n| self.tree.attr_ns(n, Some(crate::tree::XML_NS), b"lang"));
        let Some(found) = found else { return false };
        let value = self.tree.node(found).value.to_ascii_lowercase();
        let wanted = wanted.to_ascii_lowercase();
        value.starts_with(&wanted) && matches!(value.get(wanted.len()), None | Some(b'-'))
    }
}

fn nodes(value: &Value) -> Eval<&[NodeId]> {
    match value {
        Value::Nodes(nodes) => Ok(nodes),
        _ => Err(XPathError::Type),
    }
}

fn position(all: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    all.windows(part.len()).position(|w| w == part)
}

fn round(n: f64) -> f64 {
    (n + 0.5).floor()
}

fn substring(text: &[u8], from: f64, len: Option<f64>) -> Vec<u8> {
    let from = round(from);
    let end = len.map_or(f64::INFINITY, |l| from + round(l));
    String::from_utf8_lossy(text)
        .chars()
        .enumerate()
        .filter(|(i, _)| {
            let at = (*i + 1) as f64;
            at >= from && at < end
        })
        .map(|(_, c)| c)
        .collect::<String>()
        .into_bytes()
}

fn translate(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let from: Vec<char> = String::from_utf8_lossy(from).chars().collect();
    let to: Vec<char> = String::from_utf8_lossy(to).chars().collect();
    String::from_utf8_lossy(text)
        .chars()
        .filter_map(|c| match from.iter().position(|f| *f == c) {
            Some(at) => to.get(at).copied(),
            None => Some(c),
        })
        .collect::<String>()
        .into_bytes()
}
