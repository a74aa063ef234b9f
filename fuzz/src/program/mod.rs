//! Random programs of PHP: small, without loops that do not end, and with much to print.

mod classes;
mod expressions;
mod functions;
mod idioms;
mod statements;

use crate::random::Random;

/// The variables that programs use.
const VARIABLES: &[&str] = &["$a", "$b", "$c", "$d", "$e", "$f", "$g"];

/// A program being written.
struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    indent: usize,
    /// Keeps the names of a batch apart.
    number: usize,
    /// Classes so far, with how they are made.
    classes: Vec<classes::Class>,
    /// Functions so far, with their number of parameters.
    functions: Vec<(String, usize)>,
    /// How deep statements stand in each other.
    depth: usize,
    in_loop: bool,
}

/// Writes a program; `number` makes its names its own among the programs of a process.
pub fn generate(random: &mut Random, number: usize) -> Vec<u8> {
    let mut writer = Writer {
        random,
        text: "<?php\n".to_owned(),
        indent: 0,
        number,
        classes: Vec::new(),
        functions: Vec::new(),
        depth: 0,
        in_loop: false,
    };
    writer.program();
    writer.text.into_bytes()
}

impl Writer<'_> {
    fn program(&mut self) {
        if self.random.one_in(5) {
            self.text.push_str("declare(strict_types=1);\n");
        }
        if self.yes(60) {
            return self.namespaced();
        }
        for _ in 0..self.random.below(3) {
            self.class();
        }
        for _ in 0..self.random.below(3) {
            self.function();
        }
        self.body(4);
        for _ in 0..self.random.below(2) {
            self.module();
        }
    }

    /// Variables with values, statements, and what became of the variables.
    fn body(&mut self, most: usize) {
        for variable in VARIABLES {
            let value = self.value();
            self.line(&format!("{variable} = {value};"));
        }
        for _ in 0..2 + self.random.below(most * 2) {
            self.statement();
        }
        for variable in &VARIABLES[..4] {
            self.line(&format!("var_dump({variable});"));
        }
    }

    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.text.push_str("  ");
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Lines between braces.
    fn block(&mut self, head: &str, write: impl FnOnce(&mut Self), tail: &str) {
        self.line(&format!("{head} {{"));
        self.indent += 1;
        self.depth += 1;
        write(self);
        self.depth -= 1;
        self.indent -= 1;
        self.line(&format!("}}{tail}"));
    }

    fn variable(&mut self) -> String {
        self.random.pick(VARIABLES).to_owned()
    }

    fn yes(&mut self, times: usize) -> bool {
        self.random.one_in(times)
    }
}

#[cfg(test)]
mod tests {
    use super::generate;
    use crate::random::Random;

    #[test]
    fn a_seed_repeats_its_programs() {
        let program = |seed| generate(&mut Random::new(seed), 3);
        assert_eq!(program(7), program(7));
        assert_ne!(program(7), program(8));
    }
}
