//! Values of expressions.

use super::XPathError;
use super::parse::{Axis, Expr, From, Path, Step, Test};
use crate::tree::{Kind, Node, NodeId, Tree};
use std::cell::OnceCell;
use std::collections::HashMap;

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nodes in document order, each once.
    Nodes(Vec<NodeId>),
    Text(Vec<u8>),
    Number(f64),
    Boolean(bool),
}

/// Where an expression is evaluated.
pub struct Context<'t> {
    pub tree: &'t Tree,
    pub node: NodeId,
    pub position: usize,
    pub size: usize,
    /// Namespaces of prefixes.
    pub namespaces: &'t dyn Fn(&[u8]) -> Option<Vec<u8>>,
    order: OnceCell<HashMap<NodeId, u32>>,
}

type Eval<T> = Result<T, XPathError>;

/// A number as XPath writes it.
pub fn number_text(n: f64) -> Vec<u8> {
    if n.is_nan() {
        return b"NaN".to_vec();
    }
    if n.is_infinite() {
        return if n > 0.0 { b"Infinity".to_vec() } else { b"-Infinity".to_vec() };
    }
    if n == 0.0 {
        return b"0".to_vec();
    }
    let shown = format!("{n}");
    let digits = shown.trim_start_matches('-').len();
    if digits <= 16 {
        return shown.into_bytes();
    }
    // Fifteen significant digits, as libxml2 prints them.
    let whole = n.abs().log10().floor() as i32;
    if (-5..15).contains(&whole) {
        let fixed = format!("{n:.*}", (14 - whole).max(0) as usize);
        let fixed = if fixed.contains('.') {
            fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            fixed
        };
        return fixed.into_bytes();
    }
    let scientific = format!("{n:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()).into_bytes()
}

/// Text as a number.
pub fn text_number(text: &[u8]) -> f64 {
    let text = std::str::from_utf8(text).unwrap_or("").trim_matches([' ', '\t', '\n', '\r']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty()
        && digits != "."
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

impl Value {
    /// As text.
    pub fn text(&self, tree: &Tree) -> Vec<u8> {
        match self {
            Value::Nodes(nodes) => nodes.first().map(|n| tree.text(*n)).unwrap_or_default(),
            Value::Text(text) => text.clone(),
            Value::Number(n) => number_text(*n),
            Value::Boolean(b) => b.to_string().into_bytes(),
        }
    }

    /// As a number.
    pub fn number(&self, tree: &Tree) -> f64 {
        match self {
            Value::Number(n) => *n,
            Value::Boolean(b) => f64::from(u8::from(*b)),
            v => text_number(&v.text(tree)),
        }
    }

    /// As a truth value.
    pub fn boolean(&self) -> bool {
        match self {
            Value::Nodes(nodes) => !nodes.is_empty(),
            Value::Text(text) => !text.is_empty(),
            Value::Number(n) => *n != 0.0 && !n.is_nan(),
            Value::Boolean(b) => *b,
        }
    }
}

fn reversed(axis: Axis) -> bool {
    matches!(
        axis,
        Axis::Ancestor
            | Axis::AncestorOrSelf
            | Axis::Preceding
            | Axis::PrecedingSibling
            | Axis::Parent
    )
}

impl<'t> Context<'t> {
    /// A context of one node.
    pub fn new(
        tree: &'t Tree,
        node: NodeId,
        namespaces: &'t dyn Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Context<'t> {
        Context { tree, node, position: 1, size: 1, namespaces, order: OnceCell::new() }
    }

    pub(super) fn evaluate(&self, expr: &Expr) -> Eval<Value> {
        Ok(match expr {
            Expr::Literal(text) => Value::Text(text.clone()),
            Expr::Number(n) => Value::Number(*n),
            Expr::Variable(name) => return Err(XPathError::Variable(name.clone())),
            Expr::Negate(inner) => Value::Number(-self.evaluate(inner)?.number(self.tree)),
            Expr::Call(prefix, name, args) => self.call(prefix.as_deref(), name, args)?,
            Expr::Path(path) => Value::Nodes(self.path(path)?),
            Expr::Binary(operator, left, right) => self.binary(operator, left, right)?,
        })
    }

    fn binary(&self, operator: &str, left: &Expr, right: &Expr) -> Eval<Value> {
        let a = self.evaluate(left)?;
        match operator {
            "or" => return Ok(Value::Boolean(a.boolean() || self.evaluate(right)?.boolean())),
            "and" => return Ok(Value::Boolean(a.boolean() && self.evaluate(right)?.boolean())),
            _ => {}
        }
        let b = self.evaluate(right)?;
        if operator == "|" {
            let (Value::Nodes(mut all), Value::Nodes(more)) = (a, b) else {
                return Err(XPathError::Type);
            };
            all.extend(more);
            self.sort(&mut all);
            return Ok(Value::Nodes(all));
        }
        if matches!(operator, "=" | "!=" | "<" | "<=" | ">" | ">=") {
            return Ok(Value::Boolean(self.compare(operator, &a, &b)));
        }
        let (x, y) = (a.number(self.tree), b.number(self.tree));
        Ok(Value::Number(match operator {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "div" => x / y,
            _ => x % y,
        }))
    }

    fn compare(&self, operator: &str, a: &Value, b: &Value) -> bool {
        let tree = self.tree;
        match (a, b) {
            (Value::Boolean(_), _) | (_, Value::Boolean(_)) => {
                compare_atoms(operator, &Value::Boolean(a.boolean()), &Value::Boolean(b.boolean()))
            }
            (Value::Nodes(nodes), other) => nodes.iter().any(|n| {
                let text = Value::Text(tree.text(*n));
                self.compare(operator, &text, other)
            }),
            (other, Value::Nodes(nodes)) => nodes.iter().any(|n| {
                let text = Value::Text(tree.text(*n));
                self.compare(operator, other, &text)
            }),
            (a, b) => compare_atoms(operator, a, b),
        }
    }

    fn path(&self, path: &Path) -> Eval<Vec<NodeId>> {
        let mut nodes = match &path.from {
            From::Root => vec![self.tree.top(self.node)],
            From::Here => vec![self.node],
            From::Expr(expr, predicates) => {
                let Value::Nodes(nodes) = self.evaluate(expr)? else {
                    return Err(XPathError::Type);
                };
                self.filter(nodes, predicates)?
            }
        };
        let mut steps = path.steps.as_slice();
        while let [step, rest @ ..] = steps {
            // `//x` asks each node for its children; asking for descendants gives the same at once.
            if let [next, behind @ ..] = rest
                && step.axis == Axis::DescendantOrSelf
                && matches!(step.test, Test::Node)
                && next.axis == Axis::Child
                && next.predicates.is_empty()
            {
                let joined = Step { axis: Axis::Descendant, ..next.clone() };
                nodes = self.step(&nodes, &joined)?;
                steps = behind;
                continue;
            }
            nodes = self.step(&nodes, step)?;
            steps = rest;
        }
        Ok(nodes)
    }

    fn step(&self, from: &[NodeId], step: &Step) -> Eval<Vec<NodeId>> {
        let ns = match &step.test {
            Test::AnyIn(prefix) | Test::Name(Some(prefix), _) => Some(self.namespace(prefix)?),
            _ => None,
        };
        let mut out = Vec::new();
        for node in from {
            let mut found = self.axis(*node, step.axis)?;
            found.retain(|n| matches(self.tree.node(*n), &step.test, step.axis, ns.as_deref()));
            found = self.filter(found, &step.predicates)?;
            if reversed(step.axis) {
                found.reverse();
            }
            out.extend(found);
        }
        if from.len() > 1 {
            self.sort(&mut out);
        }
        Ok(out)
    }

    pub(super) fn namespace(&self, prefix: &[u8]) -> Eval<Vec<u8>> {
        (self.namespaces)(prefix).ok_or_else(|| XPathError::Prefix(prefix.to_vec()))
    }

    fn filter(&self, mut nodes: Vec<NodeId>, predicates: &[Expr]) -> Eval<Vec<NodeId>> {
        for predicate in predicates {
            let size = nodes.len();
            if let Expr::Number(n) = predicate {
                let at = *n as usize;
                nodes = nodes
                    .into_iter()
                    .skip(at.wrapping_sub(1))
                    .take(usize::from(at as f64 == *n))
                    .collect();
                continue;
            }
            let mut kept = Vec::new();
            for (i, node) in nodes.into_iter().enumerate() {
                let mut inner = Context::new(self.tree, node, self.namespaces);
                (inner.position, inner.size) = (i + 1, size);
                let keep = match inner.evaluate(predicate)? {
                    Value::Number(n) => n == (i + 1) as f64,
                    v => v.boolean(),
                };
                if keep {
                    kept.push(node);
                }
            }
            nodes = kept;
        }
        Ok(nodes)
    }

    /// Nodes along an axis, nearest first.
    fn axis(&self, node: NodeId, axis: Axis) -> Eval<Vec<NodeId>> {
        let tree = self.tree;
        let siblings = |back: bool| {
            let step = move |n: &NodeId| {
                let n = tree.node(*n);
                if back { n.prev } else { n.next }
            };
            std::iter::successors(step(&node), step)
        };
        Ok(match axis {
            Axis::Child => tree.children(node).collect(),
            Axis::Descendant => tree.descendants(node).collect(),
            Axis::DescendantOrSelf => std::iter::once(node).chain(tree.descendants(node)).collect(),
            Axis::Parent => tree.node(node).parent.into_iter().collect(),
            Axis::Ancestor => tree.ancestors(node).skip(1).collect(),
            Axis::AncestorOrSelf => tree.ancestors(node).collect(),
            Axis::FollowingSibling => siblings(false).collect(),
            Axis::PrecedingSibling => siblings(true).collect(),
            Axis::Following => {
                let top = tree.top(node);
                std::iter::successors(tree.following_outside(node, top), |n| {
                    tree.following(*n, top)
                })
                .collect()
            }
            Axis::Preceding => {
                let above: Vec<NodeId> = tree.ancestors(node).collect();
                let mut before: Vec<NodeId> = tree
                    .descendants(tree.top(node))
                    .take_while(|n| *n != node)
                    .filter(|n| !above.contains(n))
                    .collect();
                before.reverse();
                before
            }
            Axis::Attribute => tree.node(node).attrs.clone(),
            Axis::Itself => vec![node],
            Axis::Namespace => return Err(XPathError::Unsupported("the namespace axis")),
        })
    }

    /// Document order, each node once.
    pub(super) fn sort(&self, nodes: &mut Vec<NodeId>) {
        if nodes.len() < 2 {
            return;
        }
        let order = self.order.get_or_init(|| {
            let top = self.tree.top(self.node);
            let mut order = HashMap::new();
            for n in std::iter::once(top).chain(self.tree.descendants(top)) {
                order.insert(n, order.len() as u32);
                for a in &self.tree.node(n).attrs {
                    order.insert(*a, order.len() as u32);
                }
            }
            order
        });
        nodes.sort_by_key(|n| order.get(n).copied().unwrap_or(u32::MAX));
        nodes.dedup();
    }
}

fn compare_atoms(operator: &str, a: &Value, b: &Value) -> bool {
    let number = |v: &Value| match v {
        Value::Number(n) => *n,
        Value::Boolean(b) => f64::from(u8::from(*b)),
        Value::Text(t) => text_number(t),
        Value::Nodes(_) => f64::NAN,
    };
    if let (Value::Text(x), Value::Text(y)) = (a, b) {
        match operator {
            "=" => return x == y,
            "!=" => return x != y,
            _ => {}
        }
    }
    let (x, y) = (number(a), number(b));
    match operator {
        "=" => x == y,
        "!=" => x != y,
        "<" => x < y,
        "<=" => x <= y,
        ">" => x > y,
        _ => x >= y,
    }
}

fn matches(node: &Node, test: &Test, axis: Axis, ns: Option<&[u8]>) -> bool {
    let principal = if axis == Axis::Attribute { Kind::Attribute } else { Kind::Element };
    match test {
        Test::Node => node.kind != Kind::DocumentType,
        Test::Text => matches!(node.kind, Kind::Text | Kind::CData),
        Test::Comment => node.kind == Kind::Comment,
        Test::Pi(target) => {
            node.kind == Kind::Pi && target.as_ref().is_none_or(|t| **t == *node.name)
        }
        Test::Any => node.kind == principal,
        Test::AnyIn(_) => node.kind == principal && node.ns.as_deref() == ns,
        Test::Name(_, name) => {
            node.kind == principal && *node.name == **name && node.ns.as_deref() == ns
        }
    }
}
