//! What is known of each server: `expected.txt`.
//!
//! A case is a line `[title]`, then lines `column = what it shows`. `same` stands for what php-fpm shows.
//! Where Outlast shows something else, `why = ` says what that is good for.

use crate::case::Case;
use crate::runner::Column;
use std::collections::BTreeMap;

/// The column that the others are held against.
pub const REFERENCE: &str = "php-fpm";

/// The others that `expected.txt` tells of, in its order, but for Outlast.
pub const REFERENCES: [&str; 3] = [REFERENCE, "mod_php", "php -S"];

/// Cases by title; what each column shows, and why.
pub struct Expected {
    cases: BTreeMap<String, BTreeMap<String, String>>,
    order: Vec<String>,
}

impl Expected {
    /// What the suite itself brings.
    pub fn built_in() -> Expected {
        Expected::parse(include_str!("expected.txt"))
    }

    fn parse(text: &str) -> Expected {
        let mut expected = Expected { cases: BTreeMap::new(), order: Vec::new() };
        for line in text.lines() {
            if let Some(title) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                expected.order.push(title.to_owned());
                expected.cases.insert(title.to_owned(), BTreeMap::new());
            } else if let Some((column, told)) = line.split_once(" = ")
                && let Some(case) = expected.order.last().and_then(|t| expected.cases.get_mut(t))
            {
                case.insert(column.to_owned(), told.to_owned());
            }
        }
        expected
    }

    /// What `column` is to show in a case, if that is known.
    pub fn of(&self, title: &str, column: &str) -> Option<&str> {
        let case = self.cases.get(title)?;
        match case.get(column).map(String::as_str) {
            Some("same") => case.get(REFERENCE).map(String::as_str),
            told => told,
        }
    }

    /// What is known of a server that is not measured now.
    pub fn column(&self, name: &str) -> Column {
        let told = |title: &String| Some((title.clone(), self.of(title, name)?.to_owned()));
        Column {
            name: name.to_owned(),
            version: "8.4.24, as recorded".to_owned(),
            seen: self.order.iter().filter_map(told).collect(),
        }
    }

    /// Why Outlast differs, where it is meant to.
    pub fn why(&self, title: &str) -> Option<&str> {
        self.cases.get(title)?.get("why").map(String::as_str)
    }

    /// Takes over what was measured; cases that are gone go.
    pub fn record(&mut self, cases: &[Case], columns: &[Column]) {
        self.order = cases.iter().map(Case::title).collect();
        for title in &self.order {
            let case = self.cases.entry(title.clone()).or_default();
            for column in columns {
                if let Some(told) = column.seen.get(title) {
                    let reference = column.name != REFERENCE && case.get(REFERENCE) == Some(told);
                    let told = if reference { "same".to_owned() } else { told.clone() };
                    case.insert(column.name.clone(), told);
                }
            }
        }
    }

    /// As `expected.txt` has it.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# What each server shows; see expected.rs. Written by --record; `why` by hand.\n",
        );
        for title in &self.order {
            text.push_str(&format!("\n[{title}]\n"));
            for column in [REFERENCE, "mod_php", "php -S", "Outlast", "why"] {
                if let Some(told) = self.cases.get(title).and_then(|c| c.get(column)) {
                    text.push_str(&format!("{column} = {told}\n"));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_as_the_reference_is_looked_up_there() {
        let text = "# x\n[1 a]\nphp-fpm = dies = soon\nOutlast = same\n\n[1 b]\nOutlast = lives\nwhy = it can\n";
        let expected = Expected::parse(text);
        assert_eq!(expected.of("1 a", "Outlast"), Some("dies = soon"));
        assert_eq!(expected.of("1 b", "Outlast"), Some("lives"));
        assert_eq!(expected.of("1 b", REFERENCE), None);
        assert_eq!(expected.why("1 b"), Some("it can"));
    }

    /// A difference from php-fpm without a reason is a defect that somebody recorded.
    #[test]
    fn each_difference_from_php_fpm_has_its_reason() {
        let expected = Expected::built_in();
        for title in &expected.order {
            let (reference, ours) = (expected.of(title, REFERENCE), expected.of(title, "Outlast"));
            let differs = reference.is_some() && ours.is_some() && reference != ours;
            assert_eq!(differs, differs && expected.why(title).is_some(), "{title}");
        }
    }
}
