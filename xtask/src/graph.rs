//! The dependency graph that ARCHITECTURE.md draws, held against the one cargo sees.

use crate::workspace;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

const PREFIX: &str = "outlast-";

/// What each crate may depend on. A crate that is not here may not exist.
const ALLOWED: &[(&str, &[&str])] = &[
    ("syntax", &[]),
    ("bytecode", &[]),
    ("value", &[]),
    ("fiber", &[]),
    ("lifecycle", &[]),
    ("host", &["fiber"]),
    ("number", &[]),
    ("text", &[]),
    ("datetime", &[]),
    ("ini", &[]),
    ("xml", &[]),
    ("compiler", &["syntax", "bytecode", "number"]),
    ("vm", &["bytecode", "value", "fiber", "lifecycle", "number", "text", "ini"]),
    ("jit", &["bytecode", "value", "vm"]),
    // `spl` builds on `core`'s internal iterators; `tokenizer` shows the lexer of `syntax`.
    (
        "ext",
        &[
            "vm",
            "bytecode",
            "value",
            "lifecycle",
            "host",
            "number",
            "text",
            "datetime",
            "ini",
            "xml",
            "ext",
            "syntax",
        ],
    ),
    (
        "runtime",
        &[
            "compiler",
            "bytecode",
            "vm",
            "jit",
            "ext",
            "value",
            "fiber",
            "lifecycle",
            "host",
            "ini",
            "text",
        ],
    ),
    ("server", &["host", "lifecycle", "fiber"]),
    ("outlast", &["server", "runtime", "vm", "value", "lifecycle", "host"]),
    ("bench", &["server", "lifecycle", "fiber", "host", "syntax"]),
    ("conformance", &[]),
    ("lifecycle-suite", &[]),
    ("fuzz", &[]),
    ("xtask", &[]),
];

/// Extensions that use another one, as PHP's do.
const BETWEEN_EXTENSIONS: &[(&str, &str)] = &[
    // hash_file() and its kin read through the streams.
    ("ext-hash", "ext-standard"),
    // gzopen() and compress.zlib:// stand on the streams; zlib.* are filters of theirs.
    ("ext-zlib", "ext-standard"),
    // Sessions are serialized and rewrite URLs as `standard` does.
    ("ext-session", "ext-standard"),
    // highlight_file() too; it stands beside the tokens that it colours.
    ("ext-tokenizer", "ext-standard"),
    // shuffle(), array_rand() and str_shuffle() follow mt_srand().
    ("ext-standard", "ext-random"),
    // The parsers' errors, documents and their files are shared, as they are in PHP; lists have
    // internal iterators.
    ("ext-libxml", "ext-standard"),
    ("ext-dom", "ext-libxml"),
    ("ext-dom", "ext-core"),
    // File objects are streams and folders with methods.
    ("ext-spl", "ext-standard"),
    // Large objects are streams; rows are iterated over as core's objects are.
    ("ext-pdo", "ext-standard"),
    ("ext-pdo", "ext-core"),
    // A driver of PDO.
    ("ext-pdo-sqlite", "ext-pdo"),
    // Both extensions for SQLite share its library, whose BLOBs are streams.
    ("ext-pdo-sqlite", "ext-sqlite"),
    ("ext-sqlite3", "ext-sqlite"),
    ("ext-sqlite3", "ext-standard"),
    ("ext-sqlite", "ext-standard"),
];

/// Crates of the workspace with the crates of the workspace that they are built on.
pub type Graph = BTreeMap<String, Vec<String>>;

/// Asks cargo for the graph; dependencies of tests alone are left out.
pub fn actual() -> Result<Graph, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(workspace::root())
        .output()
        .map_err(|e| format!("cargo metadata: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let json: Value = serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
    Ok(from_metadata(&json))
}

fn from_metadata(json: &Value) -> Graph {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = list(&json["packages"]);
    let ours: Vec<String> = packages.iter().map(|p| text(&p["name"])).collect();
    packages
        .iter()
        .map(|package| {
            let deps = list(&package["dependencies"])
                .iter()
                .filter(|d| d["kind"].as_str() != Some("dev") && ours.contains(&text(&d["name"])))
                .map(|d| short(&text(&d["name"])))
                .collect();
            (short(&text(&package["name"])), deps)
        })
        .collect()
}

fn short(name: &str) -> String {
    name.strip_prefix(PREFIX).unwrap_or(name).to_owned()
}

/// All extensions are one layer.
fn layer(name: &str) -> &str {
    if name.starts_with("ext-") { "ext" } else { name }
}

/// What the graph has that it may not have.
pub fn violations(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, deps) in graph {
        let Some((_, allowed)) = ALLOWED.iter().find(|(n, _)| *n == layer(name)) else {
            found.push(format!("{name} has no place in the graph (xtask/src/graph.rs)"));
            continue;
        };
        for dep in deps {
            let pair = (name.as_str(), dep.as_str());
            if !allowed.contains(&layer(dep)) && !BETWEEN_EXTENSIONS.contains(&pair) {
                found.push(format!("{name} may not depend on {dep}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_keeps_the_directions() {
        let graph = actual().unwrap();
        assert!(graph.contains_key("vm"), "{graph:?}");
        assert_eq!(violations(&graph), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_direction_is_found() {
        let graph = Graph::from([
            ("syntax".to_owned(), vec!["vm".to_owned()]),
            ("odd".to_owned(), Vec::new()),
        ]);
        let found = violations(&graph);
        assert_eq!(found.len(), 2);
        assert!(found[1].contains("syntax may not depend on vm"));
    }

    #[test]
    fn what_only_tests_use_does_not_count() {
        let json = serde_json::json!({"packages": [
            {"name": "outlast-vm", "dependencies": [
                {"name": "outlast-compiler", "kind": "dev"},
                {"name": "outlast-value", "kind": null},
                {"name": "serde", "kind": null}]},
            {"name": "outlast-compiler", "dependencies": []},
            {"name": "outlast-value", "dependencies": []}]});
        assert_eq!(from_metadata(&json)["vm"], ["value"]);
    }
}
