//! Classes, and expressions with their members.

use super::Writer;

/// A class that the program declares.
#[derive(Debug, Clone)]
pub(super) struct Class {
    name: String,
    /// Interfaces, enums and abstract classes are not made.
    makes: bool,
    /// Can be extended without giving bodies.
    open: bool,
}

impl Writer<'_> {
    pub(super) fn class_name(&mut self) -> String {
        if self.classes.is_empty() || self.yes(3) {
            return self
                .random
                .pick(&[
                    "stdClass",
                    "Countable",
                    "Closure",
                    "Traversable",
                    "Stringable",
                    "Exception",
                ])
                .to_owned();
        }
        let n = self.random.below(self.classes.len());
        self.classes[n].name.clone()
    }

    pub(super) fn new_object(&mut self) -> String {
        let n = self.random.below(self.classes.len());
        let class = self.classes[n].clone();
        if !class.makes {
            return format!("{}::{}", class.name, self.random.pick(&["One", "Two"]));
        }
        match self.random.below(4) {
            0 => format!("new {}({})", class.name, self.scalar()),
            1 => format!("new {}(q: {})", class.name, self.scalar()),
            _ => format!("new {}", class.name),
        }
    }

    /// A use of a member of an object or class.
    pub(super) fn member(&mut self, depth: usize) -> String {
        let variable = self.variable();
        if self.classes.is_empty() {
            return format!("{variable}->count({})", self.expression(0));
        }
        let class = self.class_name();
        let argument = self.expression(depth.min(1));
        match self.random.below(12) {
            0 | 1 => format!("{variable}->m0({argument})"),
            2 => format!("{variable}->m1({argument}, {})", self.expression(0)),
            3 => format!("{class}::s0({argument})"),
            4 => format!("{class}::C"),
            5 => format!("{class}::$s"),
            6 => format!("({class}::$s = {argument})"),
            7 => format!("{class}::class"),
            8 => format!("({})->m0({argument})", self.new_object()),
            9 => format!("(clone {variable})->p"),
            10 => format!("{variable}?->m2(...)({argument})"),
            _ => format!("[{variable}, 'm0']({argument})"),
        }
    }

    pub(super) fn class(&mut self) {
        let name = format!("C{}_{}", self.number, self.classes.len());
        if self.yes(6) {
            return self.enumeration(name);
        }
        let parent: Option<Class> = self.classes.iter().rev().find(|c| c.open).cloned();
        let parent = parent.filter(|_| !self.yes(3));
        let mut interfaces: Vec<&str> = Vec::new();
        if parent.is_none() {
            for interface in ["ArrayAccess", "IteratorAggregate", "Countable", "JsonSerializable"] {
                if self.yes(5) {
                    interfaces.push(interface);
                }
            }
        }
        let mut head =
            format!("{}class {name}", self.random.pick(&["", "", "", "final ", "readonly "]));
        let readonly = head.starts_with("readonly") && parent.is_none();
        if !readonly {
            head = head.replace("readonly ", "");
        }
        if let Some(parent) = &parent {
            head.push_str(&format!(" extends {}", parent.name));
        }
        if !interfaces.is_empty() {
            head.push_str(&format!(" implements {}", interfaces.join(", ")));
        }
        let open = !head.starts_with("final") && !readonly;
        let parented = parent.is_some();
        self.block(
            &head,
            |w| {
                w.members(readonly, parented);
                for interface in &interfaces {
                    w.interface(interface);
                }
            },
            "",
        );
        self.classes.push(Class { name, makes: true, open });
    }

    fn members(&mut self, readonly: bool, parented: bool) {
        let constant = self.array(1);
        self.line(&format!("const C = {constant};"));
        if !parented {
            if readonly {
                self.line(
                    "public function __construct(public mixed $p = 1, protected ?int $q = 2) {}",
                );
            } else {
                let value = self.scalar();
                self.line(&format!("public $p = {value};"));
                let kind = self.random.pick(&[
                    "protected ?int $q = 5;",
                    "public int $q = 5;",
                    "private $q = 'q';",
                ]);
                self.line(kind);
                self.line("public array $list = [1, 'k' => 2];");
                self.line("public static $s = 0;");
                if self.yes(3) {
                    self.line("public string $n = 'n' { get => $this->n . '!'; set => strtoupper($value); }");
                } else if self.yes(3) {
                    self.line("public private(set) int $n = 3;");
                }
                if self.yes(2) {
                    self.line("public function __construct($p = 'p', $q = 4) { $this->p = $p; $this->q = $q; }");
                }
            }
        }
        for n in 0..1 + self.random.below(2) {
            self.method(&format!("m{n}"), parented);
        }
        if !parented && self.yes(6) {
            self.method("m9", false);
        }
        let value = self.expression(1).replace("$this", "$a");
        self.line(&format!("public static function s0($a = 1) {{ [$b, $c, $d, $e, $f, $g] = [1, 'b', null, [], 2.5, true]; return [static::class, {value}]; }}"));
        let magic = [
            "public function __get($name) { echo \"get $name\\n\"; return $this->p; }",
            "public function __set($name, $value) { echo \"set $name\\n\"; }",
            "public function __isset($name) { echo \"isset $name\\n\"; return $name === 'r'; }",
            "public function __unset($name) { echo \"unset $name\\n\"; }",
            "public function __call($name, $arguments) { return [$name, $arguments]; }",
            "public static function __callStatic($name, $arguments) { return [$name, count($arguments)]; }",
            "public function __toString(): string { return static::class; }",
            "public function __invoke($x = 0) { return [$x]; }",
            "public function __clone() { echo \"clone\\n\"; }",
            "public function __destruct() { echo \"destroyed\\n\"; }",
            "public function __debugInfo() { return ['debug' => 1]; }",
            "public function __serialize(): array { return ['p' => 1]; }",
        ];
        for text in magic {
            if self.yes(6) {
                self.line(text);
            }
        }
    }

    fn method(&mut self, name: &str, parented: bool) {
        // One that is overridden has to stay as it is.
        let by = if name == "m9" { "&" } else { "" };
        self.block(
            &format!("public function {by}{name}($a = null, ...$b)"),
            |w| {
                w.line("$c = $this->p; $d = [1, 2]; $e = 'e'; $f = $this; $g = null;");
                w.statement();
                if parented && w.yes(2) {
                    w.line(&format!("$d = parent::{name}($a);"));
                }
                let value = w.expression(2);
                w.line(&format!("return $c = {value};"));
            },
            "",
        );
    }

    fn interface(&mut self, name: &str) {
        let list = "$this->list";
        let lines: &[String] = &match name {
            "ArrayAccess" => vec![
                "public function offsetExists($o): bool { echo 'exists '; var_dump($o); return $o === 'k'; }".to_owned(),
                "public function offsetGet($o): mixed { echo 'get '; var_dump($o); return [1]; }".to_owned(),
                "public function offsetSet($o, $v): void { echo 'set '; var_dump($o, $v); }".to_owned(),
                "public function offsetUnset($o): void { echo 'unset '; var_dump($o); }".to_owned(),
            ],
            "IteratorAggregate" => {
                vec!["public function getIterator(): Iterator { yield 'a' => 1; yield 'b' => 2; }".to_owned()]
            }
            "Countable" => vec![format!("public function count(): int {{ return count({list} ?? []); }}")],
            _ => vec!["public function jsonSerialize(): mixed { return $this->p; }".to_owned()],
        };
        for line in lines {
            self.line(line);
        }
    }

    fn enumeration(&mut self, name: String) {
        let backed = self.random.pick(&["", ": int", ": string"]);
        let (one, two) = match backed {
            ": int" => (" = 1", " = 2"),
            ": string" => (" = 'one'", " = 'two'"),
            _ => ("", ""),
        };
        self.block(
            &format!("enum {name}{backed}"),
            |w| {
                w.line(&format!("case One{one};"));
                w.line(&format!("case Two{two};"));
                w.line("const C = self::Two;");
                w.line("public function m0($x = 1) { return [$this->name, $x, $this]; }");
                w.line("public static function s0($a = 1) { return self::cases(); }");
            },
            "",
        );
        self.classes.push(Class { name, makes: false, open: false });
    }
}
