//! Scripts as a table of text.

use serde_json::Value;
use std::fmt::Write;

/// Columns: heading and width; what is wider moves the rest of its line.
const COLUMNS: &str =
    "      ID  STATE             CLIENT        AGE       CPU    MEMORY      SENT  REQUEST  AT";

/// The answer of `/api/scripts` as text; with a width, no line is longer.
pub fn of(answer: &Value, width: Option<usize>) -> String {
    let totals = &answer["totals"];
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} scripts, {} detached, {} busy; {} of memory{}",
        totals["running"],
        totals["detached"],
        totals["busy"],
        size(totals["memory"].as_f64().unwrap_or(0.0)),
        waits(&totals["waits"]),
    );
    let rows = answer["scripts"].as_array().map_or(&[][..], Vec::as_slice);
    if !rows.is_empty() {
        text += COLUMNS;
        text.push('\n');
    }
    for row in rows {
        text += &line(row);
        text.push('\n');
    }
    let hidden = answer["matched"].as_u64().unwrap_or(0).saturating_sub(rows.len() as u64);
    if hidden > 0 {
        let _ = writeln!(text, "and {hidden} more");
    }
    match width {
        None => text,
        Some(width) => text
            .lines()
            .map(|line| line.chars().take(width).chain(['\n']).collect::<String>())
            .collect(),
    }
}

fn waits(waits: &Value) -> String {
    let Some(waits) = waits.as_object().filter(|waits| !waits.is_empty()) else {
        return String::new();
    };
    let waits: Vec<_> = waits.iter().map(|(word, count)| format!("{word} {count}")).collect();
    format!("; waiting: {}", waits.join(", "))
}

fn line(row: &Value) -> String {
    let number = |name: &str| row[name].as_f64().unwrap_or(0.0);
    let plain = |name: &str| printable(row[name].as_str().unwrap_or(""));
    let state = match (row["stopping"].as_bool(), row["wait"].as_str(), row["phase"].as_str()) {
        (Some(true), Some(""), _) => "stopping".to_owned(),
        (Some(true), Some(wait), _) => format!("stopping, {wait}"),
        (_, Some(""), Some("script")) => "busy".to_owned(),
        (_, Some(wait), Some("script")) => wait.to_owned(),
        (_, _, phase) => phase.unwrap_or("").to_owned(),
    };
    let client = match row["detached_for"].as_f64() {
        Some(seconds) => format!("left {}", time(seconds)),
        None => "there".to_owned(),
    };
    let place = match row["file"].as_str() {
        Some(file) => format!("{}:{}", printable(file), row["line"]),
        None => plain("script"),
    };
    format!(
        "{:>8}  {:<16}  {:<10}  {:>5}  {:>8}  {:>8}  {:>8}  {} {}  {}",
        row["id"].to_string(),
        state,
        client,
        time(number("age")),
        time(number("cpu")),
        size(number("memory")),
        size(number("sent")),
        plain("method"),
        plain("uri"),
        place,
    )
}

/// Requests come from anybody: what a terminal would obey is left out.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

fn time(seconds: f64) -> String {
    let whole = seconds as u64;
    match whole {
        _ if seconds < 1.0 => format!("{:.0}ms", seconds * 1000.0),
        0..60 => format!("{seconds:.1}s"),
        60..3600 => format!("{}m{:02}", whole / 60, whole % 60),
        3600..86_400 => format!("{}h{:02}", whole / 3600, whole % 3600 / 60),
        _ => format!("{}d{:02}", whole / 86_400, whole % 86_400 / 3600),
    }
}

fn size(bytes: f64) -> String {
    let mut value = bytes;
    for unit in ["B", "K", "M", "G"] {
        if value < 1024.0 {
            return if unit == "B" { format!("{value:.0}B") } else { format!("{value:.1}{unit}") };
        }
        value /= 1024.0;
    }
    format!("{value:.1}T")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_is_one_line_whatever_the_client_sent() {
        let row = json!({
            "id": 7, "stopping": false, "wait": "sleep", "phase": "script", "detached_for": 61.5,
            "age": 3700.0, "cpu": 0.002, "memory": 2048, "sent": 5, "method": "GET",
            "uri": "/\u{1b}[2J", "file": "/srv/a.php", "line": 3,
        });
        let answer = json!({
            "totals": { "running": 2, "detached": 1, "busy": 1, "memory": 0, "waits": { "sleep": 1 } },
            "matched": 2, "scripts": [row],
        });
        let text = of(&answer, None);
        let row = text.lines().nth(2).unwrap();
        let fields: Vec<_> = row.split_whitespace().collect();
        let wanted = [
            "7",
            "sleep",
            "left",
            "1m01",
            "1h01",
            "2ms",
            "2.0K",
            "5B",
            "GET",
            "/?[2J",
            "/srv/a.php:3",
        ];
        assert_eq!(fields, wanted);
        assert!(text.ends_with("\nand 1 more\n"), "{text}");
        assert!(of(&answer, Some(20)).lines().all(|line| line.chars().count() <= 20));
    }
}
