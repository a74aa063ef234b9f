//! What real programs do, as patterns with holes: `@{e}` becomes an expression, `@{N}` a number of its own.

use super::Writer;
use super::expressions::Callbacks;
use super::functions::STRINGS;

/// Patterns that may stand wherever a statement may.
const STATEMENTS: &str = include_str!("../../idioms/statements.txt");

/// Patterns that declare functions and classes: at the top of a program only.
const MODULES: &str = include_str!("../../idioms/modules.txt");

fn patterns(text: &'static str) -> Vec<&'static str> {
    text.split("\n---\n").map(str::trim).collect()
}

impl Writer<'_> {
    /// One of the patterns for statements.
    pub(super) fn idiom(&mut self) {
        self.fill(STATEMENTS, |_| true);
    }

    /// One of the patterns that declare.
    pub(super) fn module(&mut self) {
        self.fill(MODULES, |pattern| !pattern.starts_with("namespace "));
    }

    /// A pattern with a namespace, which is a program of its own.
    pub(super) fn namespaced(&mut self) {
        self.fill(MODULES, |pattern| pattern.starts_with("namespace "));
    }

    fn fill(&mut self, text: &'static str, fits: impl Fn(&str) -> bool) {
        let patterns: Vec<_> = patterns(text).into_iter().filter(|p| fits(p)).collect();
        let pattern = self.random.pick(&patterns).to_owned();
        let own = format!("{}_{}", self.number, self.text.len());
        let mut pieces = pattern.split("@{");
        let mut line = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (hole, after) = piece.split_once('}').unwrap_or((piece, ""));
            if hole == "S" {
                // Statements write lines of their own.
                self.text.push_str(&line);
                self.text.push('\n');
                line.clear();
                if self.depth <= 3 {
                    self.block("if (true)", Self::statement, "");
                }
            } else {
                line.push_str(&self.hole(hole, &own));
            }
            line.push_str(after);
        }
        self.line(&line);
    }

    fn hole(&mut self, hole: &str, own: &str) -> String {
        match hole {
            "N" => own.to_owned(),
            "e" => self.expression(2),
            "f" => self.expression(1),
            "v" => self.scalar(),
            "s" => self.random.pick(STRINGS).to_owned(),
            "n" => self.random.below(9).to_string(),
            "m" => format!("{}{}", self.random.pick(&["+", "-"]), self.random.below(400)),
            "i" => format!("({})", self.integer_or_float()),
            "a" => self.array(1),
            "A" => self.array(3),
            "k" => self.key(),
            "$" => self.variable(),
            "c" => self.random.pick(Callbacks::OF_ONE).to_owned(),
            other => unreachable!("a hole of the name {other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::program::generate;
    use crate::random::Random;

    #[test]
    fn every_hole_is_filled() {
        for seed in 0..200 {
            let text = String::from_utf8(generate(&mut Random::new(seed), 0)).unwrap();
            assert!(!text.contains("@{"), "{text}");
        }
    }
}
