//! The table, for people and as Markdown, and what in it is not as it should be.

use crate::case::Case;
use crate::cases::GROUPS;
use crate::expected::{Expected, REFERENCE};
use crate::runner::Column;

const OURS: &str = "Outlast";

/// One block a case, one line a server.
pub fn plain(cases: &[Case], columns: &[Column]) -> String {
    let width = columns.iter().map(|c| c.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for case in cases {
        text.push_str(&format!("{}\n", case.title()));
        for column in columns {
            let told = column.seen.get(&case.title()).map_or("–", String::as_str);
            text.push_str(&format!("  {:width$}  {told}\n", column.name));
        }
    }
    text
}

/// The table that the project keeps.
pub fn markdown(cases: &[Case], columns: &[Column], known: &Expected) -> String {
    let mut text = String::from(HEAD);
    for column in columns {
        let php = if column.name == OURS { "speaks PHP" } else { "PHP" };
        text.push_str(&format!("- {}: {php} {}\n", column.name, column.version));
    }
    for (group, title) in GROUPS {
        let rows: Vec<&Case> = cases.iter().filter(|c| c.group == *group).collect();
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!("\n## {group}. {title}\n\n| case |"));
        columns.iter().for_each(|c| text.push_str(&format!(" {} |", c.name)));
        text.push_str("\n| --- |");
        columns.iter().for_each(|_| text.push_str(" --- |"));
        text.push('\n');
        for case in rows {
            row(&mut text, case, columns, known);
        }
    }
    text
}

fn row(text: &mut String, case: &Case, columns: &[Column], known: &Expected) {
    let title = case.title();
    let told = |column: &Column| column.seen.get(&title).cloned();
    let reference = columns.iter().find(|c| c.name == REFERENCE).and_then(told);
    text.push_str(&format!("| {} |", escape(&case.name)));
    for column in columns {
        let cell = match told(column) {
            None => "–".to_owned(),
            Some(told) if column.name != REFERENCE && Some(&told) == reference.as_ref() => {
                "=".to_owned()
            }
            Some(told) => escape(&told),
        };
        let ours = column.name == OURS && cell != "=";
        let holds = known.of(&title, OURS) == column.seen.get(&title).map(String::as_str);
        let mark = match known.why(&title) {
            _ if column.name == OURS && cell != "–" && !holds => " — **a defect**".to_owned(),
            Some(why) if ours => format!(" — **on purpose**: {}", escape(why)),
            _ => String::new(),
        };
        text.push_str(&format!(" {cell}{mark} |"));
    }
    text.push('\n');
}

fn escape(text: &str) -> String {
    let text = text.replace(" > ", " → ").replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('|', "\\|").replace('\n', " ")
}

/// What is not as expected, and whether Outlast is among it.
pub fn differences(cases: &[Case], columns: &[Column], known: &Expected) -> (String, bool) {
    let (mut text, mut failed, mut held, mut unknown) = (String::new(), false, 0, 0);
    for case in cases {
        let title = case.title();
        for column in columns {
            let Some(told) = column.seen.get(&title) else { continue };
            match known.of(&title, &column.name) {
                Some(expected) if expected == told => held += 1,
                Some(expected) => {
                    text.push_str(&format!(
                        "{title}: {}\n  shows   {told}\n  not     {expected}\n",
                        column.name
                    ));
                    failed |= column.name == OURS;
                }
                None => {
                    unknown += 1;
                    failed |= column.name == OURS;
                }
            }
        }
    }
    if unknown > 0 {
        text.push_str(&format!("{unknown} of which nothing is known\n"));
    }
    let verdict = if failed { "; Outlast does not hold" } else { "" };
    text.push_str(&format!("{held} as expected{verdict}\n"));
    (text, failed)
}

const HEAD: &str = "\
# What happens to a script when its client leaves, measured

Written by `lifecycle-suite` (`.ci/lifecycle` runs it). Each row is a small PHP script (`lifecycle-suite/src/php`) and a
client (`lifecycle-suite/src/cases`), the same for every server.

- ob0: `output_buffering` off; deb: 4096, as Debian's php.ini has it. cs: `connection_status()`.
- stopped at write 1: the first write after the client left ended the script. seen at write 1: the script asked for the
  status there, and knew. never: ten writes passed. bytes came before: the client had got some output when it left.
- In group 3: what ran, in order, with the status that it saw. In quotes: what the client read.
- =: as php-fpm. –: the server has nothing that the case asks for.

Measured:

";
