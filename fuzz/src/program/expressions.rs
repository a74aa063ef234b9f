//! Values and expressions.

use super::Writer;
use super::functions::{FUNCTIONS, STRINGS};

const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "-5",
    "42",
    "63",
    "64",
    "100",
    "255",
    "256",
    "65535",
    "0x7f",
    "0b101",
    "0o17",
    "1_000",
    "2147483647",
    "-2147483648",
    "4294967296",
    "PHP_INT_MAX",
    "PHP_INT_MIN",
];

const FLOATS: &[&str] = &[
    "0.0",
    "-0.0",
    "1.5",
    "-2.5",
    "0.1",
    "1e3",
    "1e15",
    "1e17",
    "1e100",
    "-1e-7",
    "3.14159",
    "1.0",
    "NAN",
    "INF",
    "-INF",
    "9.2233720368547758E+18",
    "0.5",
    "123456789.12345678",
    "1e-320",
];

const BINARY: &[&str] = &[
    "+", "-", "*", "/", "%", "**", ".", "<", ">", "<=", ">=", "==", "!=", "===", "!==", "<=>",
    "&&", "||", "xor", "&", "|", "^", "<<", ">>", "??", "<>", "and", "or",
];

const UNARY: &[&str] = &[
    "-", "+", "!", "~", "@", "(int)", "(float)", "(string)", "(bool)", "(array)", "(object)",
    "clone ", "print ", "(double)", "(binary)",
];

pub(super) const COMPOUND: &[&str] =
    &["=", "+=", "-=", "*=", "/=", "%=", "**=", ".=", "&=", "|=", "^=", "<<=", ">>=", "??="];

/// Callables that programs pass.
pub(super) struct Callbacks;

impl Callbacks {
    /// For one argument.
    pub(super) const OF_ONE: &[&str] = &[
        "fn($x) => [$x]",
        "fn($x) => is_array($x) ? count($x) : $x",
        "'json_encode'",
        "gettype(...)",
        "fn(mixed $x): string => var_export($x, true)",
        "function ($x) { static $n = 0; return [++$n, $x]; }",
        "fn(int|string $x): int|string => $x . '!'",
        "fn($x) => $x ?: 'empty'",
        "is_scalar(...)",
    ];
}

/// What a value looks like to those who choose one.
impl Writer<'_> {
    /// A literal, or an array or object of them.
    pub(super) fn value(&mut self) -> String {
        match self.random.below(14) {
            0..=2 => self.random.pick(INTEGERS).to_owned(),
            3 => self.random.pick(FLOATS).to_owned(),
            4..=6 => self.random.pick(STRINGS).to_owned(),
            7 => self.random.pick(&["true", "false", "null"]).to_owned(),
            8 => self.object(),
            9 => self.closure(),
            _ => self.array(2),
        }
    }

    pub(super) fn scalar(&mut self) -> String {
        match self.random.below(6) {
            0 | 1 => self.random.pick(INTEGERS).to_owned(),
            2 => self.random.pick(FLOATS).to_owned(),
            3 | 4 => self.random.pick(STRINGS).to_owned(),
            _ => self.random.pick(&["true", "false", "null"]).to_owned(),
        }
    }

    pub(super) fn integer_or_float(&mut self) -> &'static str {
        if self.yes(3) { self.random.pick(FLOATS) } else { self.random.pick(INTEGERS) }
    }

    pub(super) fn key(&mut self) -> String {
        match self.random.below(8) {
            0..=2 => self.random.pick(&["0", "1", "2", "3", "-3", "'1'", "'01'"]).to_owned(),
            3..=5 => self.random.pick(&["'k'", "'x'", "'name'", "''"]).to_owned(),
            6 => self.scalar(),
            _ => self.variable(),
        }
    }

    pub(super) fn array(&mut self, depth: usize) -> String {
        let mut items = Vec::new();
        for _ in 0..self.random.below(5) {
            let value =
                if depth > 0 && self.yes(4) { self.array(depth - 1) } else { self.scalar() };
            items.push(match self.random.below(6) {
                0 | 1 => format!(
                    "{} => {value}",
                    self.random.pick(&["'k'", "'x'", "5", "'7'", "-4", "true"])
                ),
                2 if self.yes(8) => {
                    format!("...{}", if depth > 0 { self.array(0) } else { "[]".into() })
                }
                _ => value,
            });
        }
        format!("[{}]", items.join(", "))
    }

    fn object(&mut self) -> String {
        if !self.classes.is_empty() && !self.yes(3) {
            return self.new_object();
        }
        match self.random.below(6) {
            0 => "new stdClass".to_owned(),
            1 => format!("(object) {}", self.array(1)),
            2 => format!("new ArrayObject({})", self.array(1)),
            3 => format!("new Exception({})", self.random.pick(STRINGS)),
            4 => format!("new ArrayIterator({})", self.array(1)),
            _ => "new SplObjectStorage".to_owned(),
        }
    }

    fn closure(&mut self) -> String {
        let body = self.expression(1);
        match self.random.below(6) {
            0 => format!("fn($x = 1) => {body}"),
            1 => format!("function (&$x = null, ...$y) use ($a) {{ $x = {body}; return $y; }}"),
            2 => format!("static fn(int|string $x = 2): int|float|string => {body}"),
            3 => format!("function () use (&$b) {{ static $n = 0; $b = {body}; return ++$n; }}"),
            4 => self
                .random
                .pick(&["strlen(...)", "strrev(...)", "abs(...)", "count(...)"])
                .to_owned(),
            _ => format!(
                "function (?int $x = null, string ...$r): mixed {{ return [{body}, $x, $r]; }}"
            ),
        }
    }

    /// Something that can be assigned to.
    pub(super) fn place(&mut self) -> String {
        let variable = self.variable();
        match self.random.below(10) {
            0..=4 => variable,
            5 => format!("{variable}[]"),
            6 => format!("{variable}[{}]", self.key()),
            7 => format!("{variable}[{}][{}]", self.key(), self.key()),
            8 => format!("{variable}->{}", self.property()),
            _ => format!("{variable}->{}[{}]", self.property(), self.key()),
        }
    }

    pub(super) fn property(&mut self) -> &'static str {
        self.random.pick(&["p", "q", "r", "list", "n", "missing"])
    }

    /// An expression, at most so deep.
    pub(super) fn expression(&mut self, depth: usize) -> String {
        if depth == 0 {
            return if self.yes(2) { self.variable() } else { self.scalar() };
        }
        let next = depth - 1;
        match self.random.below(34) {
            0..=6 => {
                let operator = self.random.pick(BINARY);
                format!("({} {operator} {})", self.expression(next), self.expression(next))
            }
            7 | 8 => format!("({}{})", self.random.pick(UNARY), self.expression(next)),
            9 | 10 => {
                let (place, operator) = (self.place(), self.random.pick(COMPOUND));
                format!("({place} {operator} {})", self.expression(next))
            }
            11 => self.step(),
            12 => {
                let condition = self.expression(next);
                match self.yes(2) {
                    true => format!("({condition} ?: {})", self.expression(next)),
                    false => format!(
                        "({condition} ? {} : {})",
                        self.expression(next),
                        self.expression(next)
                    ),
                }
            }
            13 | 14 => format!("{}[{}]", self.variable(), self.key()),
            15 => format!("isset({}[{}])", self.variable(), self.key()),
            16 => format!("empty({}[{}][{}])", self.variable(), self.key(), self.key()),
            17 => self.choice(next),
            18 => format!("{}->{}", self.variable(), self.property()),
            19 => format!("{}?->{}", self.variable(), self.property()),
            20 => self.interpolation(),
            21 => self.member(next),
            22 => self.own_call(next),
            23 => format!("({} instanceof {})", self.variable(), self.class_name()),
            24 => self.spread_array(next),
            25 => format!("{}({})", self.variable(), self.expression(next)),
            26 => format!("({} ?? {})", self.place_read(), self.expression(next)),
            27 => format!("(fn($x) => {})({})", self.expression(next), self.expression(next)),
            _ => self.builtin(next),
        }
    }

    fn place_read(&mut self) -> String {
        let variable = self.variable();
        match self.random.below(4) {
            0 => format!("{variable}[{}]", self.key()),
            1 => format!("{variable}[{}][{}]", self.key(), self.key()),
            2 => format!("{variable}->{}", self.property()),
            _ => format!("{variable}?->{}[{}]", self.property(), self.key()),
        }
    }

    fn step(&mut self) -> String {
        let place = match self.random.below(4) {
            0 => format!("{}[{}]", self.variable(), self.key()),
            1 => format!("{}->{}", self.variable(), self.property()),
            _ => self.variable(),
        };
        match self.random.below(4) {
            0 => format!("{place}++"),
            1 => format!("{place}--"),
            2 => format!("++{place}"),
            _ => format!("--{place}"),
        }
    }

    fn choice(&mut self, depth: usize) -> String {
        let subject = if self.yes(3) { "true".to_owned() } else { self.expression(depth) };
        let mut arms = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            let label = self.expression(0);
            let label = if self.yes(3) { format!("{label}, {}", self.scalar()) } else { label };
            arms.push(format!("{label} => {}", self.expression(depth)));
        }
        if !self.yes(4) {
            arms.push(format!("default => {}", self.expression(depth)));
        }
        format!("(match({subject}) {{ {} }})", arms.join(", "))
    }

    fn interpolation(&mut self) -> String {
        let (a, b) = (self.variable(), self.variable());
        match self.random.below(5) {
            0 => format!("\"<{a}|{b}>\""),
            1 => format!("\"{a}[1] {b}[k]\""),
            2 => format!("\"{{{a}['x']}} ${{b}}\""),
            3 => format!("\"{a}->p {{{b}->list[0]}}\""),
            _ => format!("\"\\x41\\u{{e9}}{a} {{{b}}}\\n\""),
        }
    }

    fn spread_array(&mut self, depth: usize) -> String {
        let (one, two) = (self.expression(depth), self.expression(depth));
        match self.random.below(4) {
            0 => format!("[{one}, 'k' => {two}, ...{}]", self.variable()),
            1 => format!("[{} => {one}, {two}]", self.key()),
            2 => format!("[&{}, {two}]", self.variable()),
            _ => format!("[{one}, {two}]"),
        }
    }

    fn own_call(&mut self, depth: usize) -> String {
        if self.functions.is_empty() {
            return self.builtin(depth);
        }
        let n = self.random.below(self.functions.len());
        let (name, parameters) = self.functions[n].clone();
        let count = (parameters + self.random.below(3)).saturating_sub(1);
        let mut arguments: Vec<String> =
            (0..count).map(|_| self.expression(depth.min(1))).collect();
        if self.yes(6) {
            arguments.push(format!("...{}", self.array(0)));
        } else if self.yes(6) {
            arguments =
                vec![format!("p1: {}", self.expression(0)), format!("p0: {}", self.expression(0))];
        }
        format!("{name}({})", arguments.join(", "))
    }

    /// A call of a function of PHP with arguments of the kinds that it takes, mostly.
    pub(super) fn builtin(&mut self, depth: usize) -> String {
        let (name, kinds) = FUNCTIONS[self.random.below(FUNCTIONS.len())];
        let mut arguments = Vec::new();
        let mut optional = false;
        if kinds.contains(',') {
            for argument in kinds.split(',') {
                arguments.push(match argument.chars().next() {
                    Some(kind) if argument.len() == 1 => self.argument(kind, depth),
                    _ => argument.to_owned(),
                });
            }
            return format!("{name}({})", arguments.join(", "));
        }
        for kind in kinds.chars() {
            if kind == '?' {
                optional = true;
                continue;
            }
            if optional && self.yes(2) {
                break;
            }
            arguments.push(self.argument(kind, depth));
        }
        format!("{name}({})", arguments.join(", "))
    }

    fn argument(&mut self, kind: char, depth: usize) -> String {
        if kind != 'n' && kind != 'v' && self.yes(10) {
            return self.expression(0);
        }
        match kind {
            'i' if self.yes(3) && depth > 0 => format!("(int) {}", self.expression(depth - 1)),
            'i' => self.random.pick(INTEGERS).to_owned(),
            'n' => self.random.pick(&["0", "1", "2", "3", "5", "8", "-1", "-2"]).to_owned(),
            'f' if self.yes(2) => self.random.pick(INTEGERS).to_owned(),
            'f' => self.random.pick(FLOATS).to_owned(),
            's' if self.yes(8) => format!("(string) {}", self.scalar()),
            's' => self.random.pick(STRINGS).to_owned(),
            'a' if self.yes(4) => format!("(array) {}", self.variable()),
            'a' => self.array(1),
            'v' => self.variable(),
            'c' => self
                .random
                .pick(&[
                    "'strlen'",
                    "fn($x = 0, $y = 0) => $x <=> $y",
                    "fn($x = 0, $y = 0) => [$x, $y]",
                    "fn($x) => $x",
                    "'intval'",
                    "function (&$x, $y = 0) { $x = $y; return true; }",
                    "fn($x = null) => is_int($x)",
                    "strrev(...)",
                ])
                .to_owned(),
            _ => self.expression(depth.min(1)),
        }
    }
}
