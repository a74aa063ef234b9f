//! From tokens to a tree.

use super::XPathError;
use super::lex::Token;

/// An expression.
#[derive(Debug, Clone)]
pub enum Expr {
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Literal(Vec<u8>),
    Number(f64),
    Variable(Vec<u8>),
    Call(Option<Vec<u8>>, Vec<u8>, Vec<Expr>),
    Path(Path),
}

/// Steps from somewhere.
#[derive(Debug, Clone)]
pub struct Path {
    pub from: From,
    pub steps: Vec<Step>,
}

/// Where a path begins.
#[derive(Debug, Clone)]
pub enum From {
    Root,
    Here,
    /// An expression with predicates over all its nodes.
    Expr(Box<Expr>, Vec<Expr>),
}

/// `axis::test[predicate]…`
#[derive(Debug, Clone)]
pub struct Step {
    pub axis: Axis,
    pub test: Test,
    pub predicates: Vec<Expr>,
}

/// Directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    Child,
    Descendant,
    DescendantOrSelf,
    Parent,
    Ancestor,
    AncestorOrSelf,
    FollowingSibling,
    PrecedingSibling,
    Following,
    Preceding,
    Attribute,
    Itself,
    Namespace,
}

/// Which nodes a step takes.
#[derive(Debug, Clone)]
pub enum Test {
    /// `*`
    Any,
    /// `p:*`
    AnyIn(Vec<u8>),
    Name(Option<Vec<u8>>, Vec<u8>),
    Node,
    Text,
    Comment,
    Pi(Option<Vec<u8>>),
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

/// Nesting beyond which an expression is refused.
const MAX_DEPTH: usize = 500;

const LEVELS: &[&[&str]] =
    &[&["or"], &["and"], &["=", "!="], &["<", "<=", ">", ">="], &["+", "-"], &["*", "div", "mod"]];

/// Parses all tokens as one expression.
pub fn expression(tokens: &[Token]) -> Result<Expr, XPathError> {
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let expr = parser.expr()?;
    if parser.at < tokens.len() {
        return Err(XPathError::Invalid);
    }
    Ok(expr)
}

fn axis_of(name: &[u8]) -> Option<Axis> {
    Some(match name {
        b"child" => Axis::Child,
        b"descendant" => Axis::Descendant,
        b"descendant-or-self" => Axis::DescendantOrSelf,
        b"parent" => Axis::Parent,
        b"ancestor" => Axis::Ancestor,
        b"ancestor-or-self" => Axis::AncestorOrSelf,
        b"following-sibling" => Axis::FollowingSibling,
        b"preceding-sibling" => Axis::PrecedingSibling,
        b"following" => Axis::Following,
        b"preceding" => Axis::Preceding,
        b"attribute" => Axis::Attribute,
        b"self" => Axis::Itself,
        b"namespace" => Axis::Namespace,
        _ => return None,
    })
}

fn any_node(axis: Axis) -> Step {
    Step { axis, test: Test::Node, predicates: Vec::new() }
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn symbol(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(s)) if *s == wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), XPathError> {
        if self.symbol(wanted) { Ok(()) } else { Err(XPathError::Invalid) }
    }

    fn operator(&mut self, wanted: &[&'static str]) -> Option<&'static str> {
        let Some(Token::Operator(o)) = self.peek() else { return None };
        let found = wanted.iter().find(|w| *w == o).copied();
        self.at += usize::from(found.is_some());
        found
    }

    fn expr(&mut self) -> Result<Expr, XPathError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(XPathError::Invalid);
        }
        let expr = self.binary(0);
        self.depth -= 1;
        expr
    }

    fn binary(&mut self, level: usize) -> Result<Expr, XPathError> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            let right = self.binary(level + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, XPathError> {
        let mut negative = false;
        let mut signs = 0;
        while self.operator(&["-"]).is_some() {
            negative = !negative;
            signs += 1;
        }
        let mut left = self.path()?;
        while self.operator(&["|"]).is_some() {
            let right = self.path()?;
            left = Expr::Binary("|", Box::new(left), Box::new(right));
        }
        if signs == 0 {
            return Ok(left);
        }
        let negated = Expr::Negate(Box::new(left));
        Ok(if negative { negated } else { Expr::Negate(Box::new(negated)) })
    }

    fn path(&mut self) -> Result<Expr, XPathError> {
        if self.symbol("//") {
            let mut steps = vec![any_node(Axis::DescendantOrSelf)];
            self.steps(&mut steps)?;
            return Ok(Expr::Path(Path { from: From::Root, steps }));
        }
        if self.symbol("/") {
            let mut steps = Vec::new();
            if self.begins_step() {
                self.steps(&mut steps)?;
            }
            return Ok(Expr::Path(Path { from: From::Root, steps }));
        }
        if !self.begins_filter() {
            let mut steps = Vec::new();
            self.steps(&mut steps)?;
            return Ok(Expr::Path(Path { from: From::Here, steps }));
        }
        let primary = self.primary()?;
        let predicates = self.predicates()?;
        let mut steps = Vec::new();
        if self.symbol("//") {
            steps.push(any_node(Axis::DescendantOrSelf));
            self.steps(&mut steps)?;
        } else if self.symbol("/") {
            self.steps(&mut steps)?;
        }
        if predicates.is_empty() && steps.is_empty() {
            return Ok(primary);
        }
        Ok(Expr::Path(Path { from: From::Expr(Box::new(primary), predicates), steps }))
    }

    fn begins_step(&self) -> bool {
        match self.peek() {
            Some(Token::Name(..)) => true,
            Some(Token::Symbol(s)) => matches!(*s, "." | ".." | "@" | "*"),
            _ => false,
        }
    }

    /// A primary expression, not a step?
    fn begins_filter(&self) -> bool {
        match self.peek() {
            Some(Token::Literal(_) | Token::Number(_) | Token::Variable(_)) => true,
            Some(Token::Symbol(s)) => *s == "(",
            Some(Token::Name(prefix, name)) => {
                matches!(self.tokens.get(self.at + 1), Some(Token::Symbol("(")))
                    && (prefix.is_some()
                        || !matches!(
                            name.as_slice(),
                            b"node" | b"text" | b"comment" | b"processing-instruction"
                        ))
            }
            _ => false,
        }
    }

    fn primary(&mut self) -> Result<Expr, XPathError> {
        let token = self.peek().cloned().ok_or(XPathError::Invalid)?;
        self.at += 1;
        Ok(match token {
            Token::Literal(text) => Expr::Literal(text),
            Token::Number(n) => Expr::Number(n),
            Token::Variable(name) => Expr::Variable(name),
            Token::Symbol("(") => {
                let inner = self.expr()?;
                self.expect(")")?;
                inner
            }
            Token::Name(prefix, name) => {
                self.expect("(")?;
                let mut args = Vec::new();
                if !self.symbol(")") {
                    loop {
                        args.push(self.expr()?);
                        if self.symbol(")") {
                            break;
                        }
                        self.expect(",")?;
                    }
                }
                Expr::Call(prefix, name, args)
            }
            _ => return Err(XPathError::Invalid),
        })
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), XPathError> {
        loop {
            steps.push(self.step()?);
            if self.symbol("//") {
                steps.push(any_node(Axis::DescendantOrSelf));
            } else if !self.symbol("/") {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<Step, XPathError> {
        if self.symbol(".") {
            return Ok(any_node(Axis::Itself));
        }
        if self.symbol("..") {
            return Ok(any_node(Axis::Parent));
        }
        let mut axis = Axis::Child;
        if self.symbol("@") {
            axis = Axis::Attribute;
        } else if let (Some(Token::Name(None, name)), Some(Token::Symbol("::"))) =
            (self.peek(), self.tokens.get(self.at + 1))
        {
            axis = axis_of(name).ok_or(XPathError::Invalid)?;
            self.at += 2;
        }
        let test = self.test()?;
        let predicates = self.predicates()?;
        Ok(Step { axis, test, predicates })
    }

    fn test(&mut self) -> Result<Test, XPathError> {
        if self.symbol("*") {
            return Ok(Test::Any);
        }
        let Some(Token::Name(prefix, name)) = self.peek().cloned() else {
            return Err(XPathError::Invalid);
        };
        self.at += 1;
        if prefix.is_none() && self.symbol("(") {
            let test = match name.as_slice() {
                b"node" => Test::Node,
                b"text" => Test::Text,
                b"comment" => Test::Comment,
                b"processing-instruction" => match self.peek().cloned() {
                    Some(Token::Literal(target)) => {
                        self.at += 1;
                        Test::Pi(Some(target))
                    }
                    _ => Test::Pi(None),
                },
                _ => return Err(XPathError::Invalid),
            };
            self.expect(")")?;
            return Ok(test);
        }
        Ok(match prefix {
            Some(prefix) if name == b"*" => Test::AnyIn(prefix),
            prefix => Test::Name(prefix, name),
        })
    }

    fn predicates(&mut self) -> Result<Vec<Expr>, XPathError> {
        let mut out = Vec::new();
        while self.symbol("[") {
            out.push(self.expr()?);
            self.expect("]")?;
        }
        Ok(out)
    }
}
