//! `[[path]]` tables of the server's TOML file: settings of PHP for a folder or a file.
//!
//! ```toml
//! [[path]]
//! path = "admin"                            # below the document root, or absolute
//! ini = { max_execution_time = 5 }          # may be changed by .user.ini and scripts
//! admin_ini = { ignore_user_abort = true }  # may not
//! ```

use outlast_runtime::{PathSettings, Settings};
use std::path::Path;
use toml::{Table, Value};

/// Takes the tables out of the file's; paths stay as written.
pub fn take(table: &mut Table) -> Result<Vec<PathSettings>, String> {
    let tables = match table.remove("path") {
        None => return Ok(Vec::new()),
        Some(Value::Array(tables)) => tables,
        Some(_) => return Err("path must be an array of tables, [[path]]".into()),
    };
    let entries = tables.into_iter().map(|entry| match entry {
        Value::Table(entry) => path_settings(entry),
        _ => Err("path must be an array of tables, [[path]]".into()),
    });
    entries.collect()
}

fn path_settings(mut entry: Table) -> Result<PathSettings, String> {
    let path = match entry.remove("path") {
        Some(Value::String(path)) => path,
        _ => return Err("[[path]] needs a path, the folder or file that it is for".into()),
    };
    let mut of = |name: &str| match entry.remove(name) {
        None => Ok(Settings::new()),
        Some(Value::Table(table)) => settings(table, &format!("{name} of path {path}")),
        Some(_) => Err(format!("{name} of path {path} must be a table")),
    };
    let (values, admin) = (of("ini")?, of("admin_ini")?);
    if let Some(unknown) = entry.keys().next() {
        return Err(format!(
            "unknown option {unknown} of path {path}; there are ini and admin_ini"
        ));
    }
    Ok(PathSettings { path: path.into(), values, admin })
}

fn settings(table: Table, whose: &str) -> Result<Settings, String> {
    let pair = |(name, value): (String, Value)| match text(&value) {
        Some(value) => Ok((name.into_bytes(), value.into_bytes())),
        None => Err(format!("{whose}: {name} must be a plain value")),
    };
    table.into_iter().map(pair).collect()
}

/// A plain value as a setting's text.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Boolean(on) => Some(String::from(if *on { "1" } else { "0" })),
        Value::Integer(_) | Value::Float(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Paths made absolute, as scripts' paths are.
pub fn resolve(paths: &mut [PathSettings], root: &Path) -> Result<(), String> {
    for entry in paths {
        let path = root.join(&entry.path);
        entry.path = std::fs::canonicalize(&path)
            .map_err(|error| format!("[[path]] {}: {error}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Result<Vec<PathSettings>, String> {
        take(&mut text.parse().unwrap())
    }

    #[test]
    fn a_path_has_values_and_admin_values() {
        let text = "[[path]]\npath = \"a\"\nini = { x = true, y = \"z;\" }\nadmin_ini.n = 5\n";
        let paths = taken(text).unwrap();
        assert_eq!(paths[0].path, Path::new("a"));
        let pair = |n: &str, v: &str| (n.as_bytes().to_vec(), v.as_bytes().to_vec());
        assert_eq!(paths[0].values, [pair("x", "1"), pair("y", "z;")]);
        assert_eq!(paths[0].admin, [pair("n", "5")]);
    }

    #[test]
    fn complaints_name_the_option() {
        let error = |text: &str| taken(text).unwrap_err();
        assert!(error("[[path]]\nini = {}").contains("needs a path"));
        assert!(error("[[path]]\npath = \"a\"\nini.x = [1]").contains("ini of path a: x"));
        assert!(error("[[path]]\npath = \"a\"\nphp = 1").contains("unknown option php of path a"));
        assert!(error("path = \"a\"").contains("[[path]]"));
    }
}
