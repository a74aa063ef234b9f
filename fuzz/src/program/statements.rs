//! Statements and functions.

use super::Writer;
use super::expressions::COMPOUND;

impl Writer<'_> {
    pub(super) fn statement(&mut self) {
        let simple = if self.depth > 3 { 10 } else { 34 };
        match self.random.below(simple) {
            0..=3 => {
                let value = self.expression(3);
                self.line(&format!("var_dump({value});"));
            }
            4 | 5 => self.assignment(),
            6 => {
                let value = self.expression(2);
                let how = self.random.pick(&[
                    "echo json_encode(#), \"\\n\";",
                    "echo serialize(#), \"\\n\";",
                    "var_export(#);",
                    "print_r(#);",
                    "echo #, \"\\n\";",
                    "debug_zval_refcount: var_dump(#);",
                    "echo gettype(#), get_debug_type($a), \"\\n\";",
                ]);
                let how = how.replace("debug_zval_refcount: ", "");
                self.line(&how.replace('#', &value));
            }
            7 => self.destructuring(),
            8 => {
                let (one, two) = (self.variable(), self.place());
                self.line(&format!("{one} =& {two};"));
            }
            9 => {
                let (variable, key) = (self.variable(), self.key());
                let text = match self.random.below(3) {
                    0 => format!("unset({variable}[{key}]);"),
                    1 => format!("unset({variable}->{});", self.property()),
                    _ => format!("unset({variable});"),
                };
                self.line(&text);
            }
            10 | 11 => self.condition(),
            12..=14 => self.each(),
            15 => self.counting(),
            16..=19 => self.attempt(),
            20 => self.selection(),
            21 | 22 => self.generator(),
            23 => self.reference_loop(),
            24 if self.in_loop => {
                let condition = self.expression(1);
                let word = self.random.pick(&["continue", "break"]);
                self.line(&format!("if ({condition}) {word};"));
            }
            25 => self.late_closure(),
            27..=33 => self.idiom(),
            _ => {
                let call = self.member(2);
                self.line(&format!("var_dump({call});"));
            }
        }
    }

    fn some(&mut self) {
        for _ in 0..1 + self.random.below(3) {
            self.statement();
        }
    }

    fn assignment(&mut self) {
        let (place, value) = (self.place(), self.expression(3));
        let operator = self.random.pick(COMPOUND);
        self.line(&format!("{place} {operator} {value};"));
    }

    fn destructuring(&mut self) {
        let (one, two, three) = (self.place(), self.variable(), self.variable());
        let (key, value) = (self.key(), self.expression(2));
        let text = match self.random.below(6) {
            0 => format!("[{one}, {two}] = {value};"),
            1 => format!("[{key} => {one}, 'k' => {two}] = {value};"),
            2 => format!("list(, [{two}, {three}]) = {value};"),
            3 => format!("[&{two}, {three}] = {};", self.variable()),
            4 => format!("[{two}, {three}] = [{three}, {two}];"),
            _ => {
                format!("foreach ([{value}, [1, 2]] as [{two}, {three}]) var_dump({two}, {three});")
            }
        };
        self.line(&text);
    }

    fn condition(&mut self) {
        let condition = self.expression(2);
        self.block(&format!("if ({condition})"), Self::some, "");
        if self.yes(2) {
            let condition = self.expression(1);
            self.block(&format!("elseif ({condition})"), Self::some, "");
            self.block("else", Self::some, "");
        }
    }

    fn looping(&mut self, head: &str, tail: &str, count: &str) {
        let outer = std::mem::replace(&mut self.in_loop, true);
        let count = count.to_owned();
        self.block(
            head,
            |w| {
                // Loops may change what they walk over.
                w.line(&format!("if (++{count} > 6) break;"));
                w.some();
            },
            tail,
        );
        self.in_loop = outer;
    }

    fn counter(&mut self) -> String {
        let name = format!("$n{}", self.text.len());
        self.line(&format!("{name} = 0;"));
        name
    }

    fn each(&mut self) {
        let count = self.counter();
        let over = if self.yes(2) { self.variable() } else { self.expression(2) };
        let (key, value) = (self.variable(), self.variable());
        let head = match self.random.below(3) {
            0 => format!("foreach ({over} as {value})"),
            1 => format!("foreach ({over} as {key} => [{value}])"),
            _ => format!("foreach ({over} as {key} => {value})"),
        };
        self.looping(&head, "", &count);
    }

    fn reference_loop(&mut self) {
        let count = self.counter();
        let (over, key, value) = (self.variable(), self.variable(), self.variable());
        self.looping(&format!("foreach ({over} as {key} => &{value})"), "", &count);
        if self.yes(2) {
            self.line(&format!("unset({value});"));
        }
    }

    fn counting(&mut self) {
        let count = self.counter();
        let condition = self.expression(1);
        let variable = self.variable();
        match self.random.below(3) {
            0 => self.looping(&format!("for ({variable} = 0; {condition}; )"), "", &count),
            1 => self.looping(&format!("while ({condition})"), "", &count),
            _ => self.looping("do", &format!(" while ({condition});"), &count),
        }
    }

    fn attempt(&mut self) {
        self.block(
            "try",
            |w| {
                w.some();
                if w.yes(3) {
                    let class =
                        w.random.pick(&["Exception", "TypeError", "LogicException", "Error"]);
                    w.line(&format!("throw new {class}('thrown', 3);"));
                }
            },
            "",
        );
        let class = self.random.pick(&[
            "Throwable",
            "Exception",
            "Error",
            "TypeError|ValueError",
            "Throwable",
        ]);
        self.block(
            &format!("catch ({class} $x)"),
            |w| {
                w.line("echo get_class($x), ': ', $x->getMessage(), ' @', $x->getLine(), \"\\n\";");
                if w.yes(4) {
                    w.some();
                }
            },
            "",
        );
        if self.yes(3) {
            // Jumps out of it are not allowed.
            let outer = std::mem::replace(&mut self.in_loop, false);
            self.block("finally", Self::some, "");
            self.in_loop = outer;
        }
    }

    fn selection(&mut self) {
        let subject = self.expression(1);
        let outer = std::mem::replace(&mut self.in_loop, false);
        self.block(
            &format!("switch ({subject})"),
            |w| {
                for _ in 0..1 + w.random.below(3) {
                    let label = w.expression(0);
                    w.line(&format!("case {label}:"));
                    w.statement();
                    if !w.yes(3) {
                        w.line("break;");
                    }
                }
                w.line("default:");
                w.statement();
            },
            "",
        );
        self.in_loop = outer;
    }

    fn generator(&mut self) {
        let outer = std::mem::replace(&mut self.in_loop, false);
        let name = self.random.pick(&["$g", "$f"]);
        self.block(
            &format!("{name} = (function () use ($a, &$b)"),
            |w| {
                for _ in 0..1 + w.random.below(4) {
                    let (key, value) = (w.key(), w.expression(2));
                    let text = match w.random.below(7) {
                        0 => format!("yield {value};"),
                        1 => format!("yield {key} => {value};"),
                        2 => format!("var_dump(yield {value});"),
                        3 => format!("yield from {};", w.array(1)),
                        4 => {
                            format!("try {{ $b = yield {value}; }} finally {{ echo \"end\\n\"; }}")
                        }
                        5 => format!("if ({value}) return {};", w.expression(1)),
                        _ => format!(
                            "var_dump(yield from (function () {{ yield {value}; return 5; }})());"
                        ),
                    };
                    w.line(&text);
                }
            },
            ")();",
        );
        self.in_loop = outer;
        let value = self.scalar();
        let uses = [
            format!("foreach ({name} as $k => $v) {{ var_dump($k, $v); }}"),
            format!("var_dump({name}->current(), {name}->send({value}), {name}->key());"),
            format!("var_dump(iterator_to_array({name}, false));"),
            format!(
                "{name}->next(); try {{ {name}->throw(new Exception('in')); }} catch (Exception $x) {{ echo $x->getMessage(); }}"
            ),
            format!(
                "foreach ({name} as $v) {{ var_dump($v); break; }} {name} = null; echo \"gone\\n\";"
            ),
        ];
        let n = self.random.below(uses.len());
        self.line(&uses[n]);
    }

    fn late_closure(&mut self) {
        let value = self.expression(2);
        let (a, b) = (self.variable(), self.variable());
        let text = match self.random.below(5) {
            0 => format!(
                "{a} = function (&$x) {{ $x = {value}; return $x; }}; var_dump({a}({b}), {b});"
            ),
            1 => format!("var_dump(array_map(fn($x) => {value}, (array) {b}));"),
            2 => format!(
                "var_dump((function () {{ try {{ return {value}; }} finally {{ echo \"fin\\n\"; }} }})());"
            ),
            3 => format!("echo (string) {value}, PHP_EOL;"),
            _ => format!("usort({a}, fn($x, $y) => $x <=> $y); var_dump({a});"),
        };
        self.line(&text);
    }

    pub(super) fn function(&mut self) {
        let name = format!("f{}_{}", self.number, self.functions.len());
        let count = self.random.below(4);
        let parameters: Vec<String> = (0..count).map(|n| self.parameter(n)).collect();
        let result = self.random.pick(&[
            "",
            "",
            "",
            ": int",
            ": ?string",
            ": mixed",
            ": array|int",
            ": void",
        ]);
        let head = format!("function {name}({}){result}", parameters.join(", "));
        let gives = result != ": void";
        self.block(
            &head,
            |w| {
                w.line("static $a = 0, $b = [];");
                w.line("$c = func_get_args(); $d = $p0 ?? 5; $e = $f = $g = null;");
                w.some();
                if gives {
                    let value = w.expression(2);
                    w.line(&format!("return {value};"));
                }
            },
            "",
        );
        self.functions.push((name, count));
    }

    pub(super) fn parameter(&mut self, n: usize) -> String {
        let kind = self.random.pick(&[
            "",
            "",
            "",
            "int ",
            "string ",
            "?int ",
            "float ",
            "bool ",
            "array ",
            "int|string ",
            "mixed ",
            "iterable ",
            "callable ",
            "self ",
            "?float ",
            "int|float|null ",
        ]);
        let kind = if kind == "self " { "object " } else { kind };
        let default = match kind {
            "" | "mixed " => " = 1",
            "int " | "int|string " => " = 7",
            "?int " | "?float " | "int|float|null " => " = null",
            "string " => " = 'd'",
            "array " | "iterable " => " = []",
            "float " => " = 2",
            _ => "",
        };
        let default = if self.yes(2) { default } else { "" };
        let by = if self.yes(10) && default.is_empty() { "&" } else { "" };
        format!("{kind}{by}$p{n}{default}")
    }
}
