//! A longest-match scanner over a set of patterns, built as a DFA one state at a time.
//!
//! The notation of the patterns: `'text'` in any case, `"text"` as it is, `[a-z]` one of a class,
//! a name for another pattern, `|`, `(…)`, `*`, `+`, `?` and `{n}` or `{n,m}`; blanks separate.

use std::collections::HashMap;

/// The instructions the patterns are compiled to.
#[derive(Clone, Debug)]
enum Node {
    /// One byte of a class, then the node.
    Class(Box<[bool; 256]>, usize),
    /// Either of two nodes.
    Split(usize, usize),
    /// The end of a rule.
    Accept(usize),
}

/// A parsed pattern.
#[derive(Clone, Debug)]
enum Pattern {
    Empty,
    Class(Box<[bool; 256]>),
    Sequence(Vec<Pattern>),
    Choice(Vec<Pattern>),
    Repeat(Box<Pattern>, usize, Option<usize>),
}

const UNKNOWN: u16 = u16::MAX;
const DEAD: u16 = u16::MAX - 1;

struct State {
    nodes: Vec<usize>,
    accept: Option<usize>,
    next: Box<[u16; 256]>,
}

/// The scanner.
pub struct Automaton {
    nodes: Vec<Node>,
    states: Vec<State>,
    known: HashMap<Vec<usize>, u16>,
}

impl Automaton {
    /// Compiles the rules, given the patterns they may name, each defined before it is used.
    pub fn new<'a>(
        definitions: impl IntoIterator<Item = (&'a str, &'a str)>,
        rules: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut names = HashMap::new();
        for (name, text) in definitions {
            let pattern = PatternReader::read(text, &names);
            names.insert(name, pattern);
        }
        let mut automaton = Self { nodes: Vec::new(), states: Vec::new(), known: HashMap::new() };
        let mut starts = Vec::new();
        for (rule, text) in rules.into_iter().enumerate() {
            let end = automaton.push(Node::Accept(rule));
            starts.push(automaton.compile(&PatternReader::read(text, &names), end));
        }
        automaton.add_state(&starts);
        automaton
    }

    fn push(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Compiles a pattern in front of the node `next`.
    fn compile(&mut self, pattern: &Pattern, next: usize) -> usize {
        match pattern {
            Pattern::Empty => next,
            Pattern::Class(class) => self.push(Node::Class(class.clone(), next)),
            Pattern::Sequence(parts) => {
                parts.iter().rev().fold(next, |next, part| self.compile(part, next))
            }
            Pattern::Choice(parts) => {
                let starts: Vec<_> = parts.iter().map(|part| self.compile(part, next)).collect();
                let joined = starts.into_iter().reduce(|one, two| self.push(Node::Split(one, two)));
                joined.unwrap_or(next)
            }
            Pattern::Repeat(part, least, most) => {
                let mut start = next;
                match most {
                    Some(most) => {
                        for _ in *least..*most {
                            let once = self.compile(part, start);
                            start = self.push(Node::Split(once, next));
                        }
                    }
                    None => {
                        let turn = self.push(Node::Split(next, next));
                        let body = self.compile(part, turn);
                        self.nodes[turn] = Node::Split(body, next);
                        start = turn;
                    }
                }
                (0..*least).fold(start, |start, _| self.compile(part, start))
            }
        }
    }

    /// The state of a set of nodes, with all that is reached without a byte.
    fn add_state(&mut self, starts: &[usize]) -> u16 {
        let mut seen = vec![false; self.nodes.len()];
        let mut stack = starts.to_vec();
        let mut nodes = Vec::new();
        let mut accept: Option<usize> = None;
        while let Some(node) = stack.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            match &self.nodes[node] {
                Node::Split(one, two) => stack.extend([*one, *two]),
                Node::Accept(rule) => accept = Some(accept.map_or(*rule, |best| best.min(*rule))),
                Node::Class(..) => {}
            }
            if !matches!(self.nodes[node], Node::Split(..)) {
                nodes.push(node);
            }
        }
        nodes.sort_unstable();
        if nodes.is_empty() {
            return DEAD;
        }
        if let Some(known) = self.known.get(&nodes) {
            return *known;
        }
        let id = self.states.len() as u16;
        self.known.insert(nodes.clone(), id);
        self.states.push(State { nodes, accept, next: Box::new([UNKNOWN; 256]) });
        id
    }

    fn step(&mut self, state: u16, byte: u8) -> u16 {
        let known = self.states[usize::from(state)].next[usize::from(byte)];
        if known != UNKNOWN {
            return known;
        }
        let nodes = self.states[usize::from(state)].nodes.iter();
        let targets: Vec<_> = nodes
            .filter_map(|node| match &self.nodes[*node] {
                Node::Class(class, next) if class[usize::from(byte)] => Some(*next),
                _ => None,
            })
            .collect();
        let target = self.add_state(&targets);
        self.states[usize::from(state)].next[usize::from(byte)] = target;
        target
    }

    /// The rule with the longest match at the start of `text` and the length of the match; of
    /// rules with equal matches it is the first. A NUL is taken to follow the text.
    pub fn scan(&mut self, text: &[u8]) -> Option<(usize, usize)> {
        let mut state = 0;
        let mut best = None;
        for (index, byte) in text.iter().chain([&0]).enumerate() {
            state = self.step(state, *byte);
            if state == DEAD {
                break;
            }
            if let Some(rule) = self.states[usize::from(state)].accept {
                best = Some((rule, (index + 1).min(text.len())));
            }
        }
        best
    }
}

struct PatternReader<'a> {
    text: &'a [u8],
    position: usize,
    names: &'a HashMap<&'a str, Pattern>,
}

impl<'a> PatternReader<'a> {
    fn read(text: &'a str, names: &'a HashMap<&'a str, Pattern>) -> Pattern {
        PatternReader { text: text.as_bytes(), position: 0, names }.choice()
    }

    fn peek(&self) -> u8 {
        self.text.get(self.position).copied().unwrap_or(0)
    }

    fn bump(&mut self) -> u8 {
        let byte = self.peek();
        self.position += 1;
        byte
    }

    fn choice(&mut self) -> Pattern {
        let mut parts = vec![self.sequence()];
        while self.peek() == b'|' {
            self.position += 1;
            parts.push(self.sequence());
        }
        Pattern::Choice(parts)
    }

    fn sequence(&mut self) -> Pattern {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                b' ' | b'\n' => self.position += 1,
                0 | b'|' | b')' => return Pattern::Sequence(parts),
                _ => {
                    let part = self.atom();
                    parts.push(self.repeat(part));
                }
            }
        }
    }

    fn repeat(&mut self, part: Pattern) -> Pattern {
        let (least, most) = match self.peek() {
            b'*' => (0, None),
            b'+' => (1, None),
            b'?' => (0, Some(1)),
            b'{' => {
                self.position += 1;
                let least = self.number();
                let most = if self.peek() == b',' {
                    self.position += 1;
                    self.number()
                } else {
                    least
                };
                (least, Some(most))
            }
            _ => return part,
        };
        self.position += 1;
        Pattern::Repeat(Box::new(part), least, most)
    }

    fn number(&mut self) -> usize {
        let mut value = 0;
        while self.peek().is_ascii_digit() {
            value = value * 10 + usize::from(self.bump() - b'0');
        }
        value
    }

    fn atom(&mut self) -> Pattern {
        match self.bump() {
            b'(' => {
                let inner = self.choice();
                self.position += 1;
                inner
            }
            b'[' => self.class(),
            quote @ (b'\'' | b'"') => {
                let mut parts = Vec::new();
                while self.peek() != quote {
                    let byte = self.bump();
                    let mut class = Box::new([false; 256]);
                    class[usize::from(byte)] = true;
                    if quote == b'\'' {
                        class[usize::from(byte.to_ascii_lowercase())] = true;
                        class[usize::from(byte.to_ascii_uppercase())] = true;
                    }
                    parts.push(Pattern::Class(class));
                }
                self.position += 1;
                Pattern::Sequence(parts)
            }
            _ => {
                let start = self.position - 1;
                while self.peek().is_ascii_alphanumeric() {
                    self.position += 1;
                }
                let name = std::str::from_utf8(&self.text[start..self.position]);
                let found = name.ok().and_then(|name| self.names.get(name));
                debug_assert!(found.is_some(), "pattern {name:?} is not defined");
                found.cloned().unwrap_or(Pattern::Empty)
            }
        }
    }

    fn class(&mut self) -> Pattern {
        let mut class = Box::new([false; 256]);
        while self.peek() != b']' {
            let from = self.class_byte();
            let range = self.peek() == b'-' && self.text.get(self.position + 1) != Some(&b']');
            let to = if range {
                self.position += 1;
                self.class_byte()
            } else {
                from
            };
            for byte in from..=to {
                class[usize::from(byte)] = true;
            }
        }
        self.position += 1;
        Pattern::Class(class)
    }

    /// A byte of a class; `\0` is NUL and `\t` the tabulator.
    fn class_byte(&mut self) -> u8 {
        match self.bump() {
            b'\\' => match self.bump() {
                b'0' => 0,
                b't' => b'\t',
                b'n' => b'\n',
                other => other,
            },
            byte => byte,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_match_then_first_rule() {
        let definitions = [("digit", "[0-9]"), ("pair", "digit{2}")];
        let mut automaton =
            Automaton::new(definitions, ["pair \":\" pair", "pair", "digit+", "'x'"]);
        assert_eq!(automaton.scan(b"12:34"), Some((0, 5)));
        assert_eq!(automaton.scan(b"12:3"), Some((1, 2)));
        assert_eq!(automaton.scan(b"123"), Some((2, 3)));
        assert_eq!(automaton.scan(b"X"), Some((3, 1)));
        assert_eq!(automaton.scan(b"y"), None);
    }
}
