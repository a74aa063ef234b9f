//! Settings by place: what `[PATH=]` and `[HOST=]` sections of php.ini, the server's options and
//! `.user.ini` files say over php.ini, for a script in a folder asked for at a host.
//!
//! Order, as php-fpm has it: values of the options go over php.ini, `.user.ini` goes over those (from the
//! document root down to the script's folder), and what the administrator fixed goes over
//! everything: sections `[PATH=]`, then `[HOST=]`, then admin values of the options. Neither `.user.ini`
//! nor the script can change a fixed value.
//! <https://www.php.net/manual/en/configuration.file.per-user.php>

use outlast_vm::ini::{IniBase, access};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many places a worker remembers the settings of; beyond that it starts anew.
const REMEMBERED: usize = 1024;

/// Names with their values, in the order in which they were given.
pub type Settings = Vec<(Vec<u8>, Vec<u8>)>;

/// What the server's options say for a folder or file and all below it.
#[derive(Clone, Debug, Default)]
pub struct PathSettings {
    /// The folder or file, absolute.
    pub path: PathBuf,
    /// Defaults there, which `.user.ini` and the script may change (Apache's `php_value`, `php_flag`).
    pub values: Settings,
    /// Fixed values (`php_admin_value`, `php_admin_flag`).
    pub admin: Settings,
}

impl PathSettings {
    /// The first of the values that a folder may not set, for lack of permission.
    pub fn refused(&self, ini: &IniBase) -> Option<&[u8]> {
        let refuses = |name: &[u8]| ini.access(name).is_some_and(|a| a & access::PERDIR == 0);
        self.values.iter().map(|(name, _)| name.as_slice()).find(|name| refuses(name))
    }
}

/// Everything that depends on the place, as configured.
#[derive(Clone, Debug, Default)]
pub struct Scopes {
    /// `[PATH=]` sections.
    pub(crate) path_sections: BTreeMap<PathBuf, Settings>,
    /// `[HOST=]` sections, by name in lower case.
    pub(crate) host_sections: BTreeMap<Vec<u8>, Settings>,
    /// The server's options.
    pub paths: Vec<PathSettings>,
}

/// Where a script of the web runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The script.
    pub script: PathBuf,
    /// The folder that is served: `.user.ini` files above it are not read.
    pub document_root: PathBuf,
    /// `SERVER_NAME`
    pub host: Vec<u8>,
}

struct Remembered {
    ini: Arc<IniBase>,
    read: Instant,
}

/// The settings of places, as one worker remembers them.
pub(crate) struct Places {
    base: Arc<IniBase>,
    scopes: Arc<Scopes>,
    user_file: Option<String>,
    user_file_keeps: Duration,
    remembered: RefCell<HashMap<Place, Remembered>>,
}

impl Places {
    pub fn new(base: Arc<IniBase>, scopes: Arc<Scopes>) -> Places {
        let name = String::from_utf8_lossy(base.get("user_ini.filename").unwrap_or_default());
        let seconds =
            outlast_vm::ini::parse_quantity(base.get("user_ini.cache_ttl").unwrap_or_default());
        Places {
            user_file: (!name.is_empty()).then(|| name.into_owned()),
            user_file_keeps: Duration::from_secs(u64::try_from(seconds.0).unwrap_or(0)),
            base,
            scopes,
            remembered: RefCell::default(),
        }
    }

    /// The settings that a script of this place starts with; complaints about its files go to `warn`.
    pub fn settings(&self, place: &Place, mut warn: impl FnMut(String)) -> Arc<IniBase> {
        let mut remembered = self.remembered.borrow_mut();
        if let Some(found) = remembered.get(place)
            && (self.user_file.is_none() || found.read.elapsed() < self.user_file_keeps)
        {
            return found.ini.clone();
        }
        let ini = self.compose(place, &mut warn);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(place.clone(), Remembered { ini: ini.clone(), read: Instant::now() });
        ini
    }

    fn compose(&self, place: &Place, warn: &mut impl FnMut(String)) -> Arc<IniBase> {
        let mut ini = IniBase::clone(&self.base);
        let scopes = &*self.scopes;
        let mut changed = false;
        let mut paths: Vec<&PathSettings> =
            scopes.paths.iter().filter(|p| place.script.starts_with(&p.path)).collect();
        paths.sort_by_key(|p| p.path.components().count());
        for (name, value) in paths.iter().flat_map(|p| &p.values) {
            changed |= ini.set_perdir(name, value);
        }
        for (name, value) in self.user_settings(place, warn) {
            changed |= ini.set_perdir(&name, &value);
        }
        let sections = place.script.ancestors().skip(1).collect::<Vec<_>>();
        let sections = sections.iter().rev().filter_map(|folder| scopes.path_sections.get(*folder));
        let host = scopes.host_sections.get(&place.host.to_ascii_lowercase());
        let admin = paths.iter().map(|p| &p.admin);
        for (name, value) in sections.chain(host).chain(admin).flatten() {
            ini.lock(name, value);
            changed = true;
        }
        if changed { Arc::new(ini) } else { self.base.clone() }
    }

    /// What the `.user.ini` files say, the outermost first.
    fn user_settings(&self, place: &Place, warn: &mut impl FnMut(String)) -> Settings {
        let Some(name) = &self.user_file else { return Settings::new() };
        let Some(own) = place.script.parent() else { return Settings::new() };
        let mut folders: Vec<&Path> = own.ancestors().collect();
        match folders.iter().position(|folder| *folder == place.document_root) {
            Some(root) => folders.truncate(root + 1),
            None => folders.truncate(1),
        }
        let mut settings = Settings::new();
        for folder in folders.iter().rev() {
            let file = folder.join(name);
            match std::fs::read(&file) {
                Ok(text) => {
                    let modules = crate::modules::all();
                    let (found, complaint) =
                        crate::config::user_file(&text, &file, &modules, &self.base);
                    settings.extend(found);
                    complaint.map(&mut *warn);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => warn(format!("cannot read {}: {error}", file.display())),
            }
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Settings {
        list.iter().map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())).collect()
    }

    fn settings(scopes: Scopes, root: &Path, script: &str, host: &str) -> Arc<IniBase> {
        let places = Places::new(Arc::new(IniBase::new(&[])), Arc::new(scopes));
        let place = Place {
            script: root.join(script),
            document_root: root.to_owned(),
            host: host.as_bytes().to_vec(),
        };
        places.settings(&place, |complaint| panic!("{complaint}"))
    }

    fn folder(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("outlast-{name}-{}", std::process::id()));
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        root
    }

    #[test]
    fn user_files_add_up_below_the_document_root() {
        let root = folder("user-ini");
        std::fs::write(root.join(".user.ini"), "precision = 3\nignore_user_abort = On\n").unwrap();
        std::fs::write(root.join("a/.user.ini"), "precision = 4\nallow_url_fopen = 0\n").unwrap();
        let ini = settings(Scopes::default(), &root, "a/b/x.php", "h");
        assert_eq!(ini.get("precision"), Some(&b"4"[..]));
        assert_eq!(ini.get("ignore_user_abort"), Some(&b"1"[..]));
        assert_eq!(ini.get("allow_url_fopen"), Some(&b"1"[..]), "not for a folder to set");
        let above = settings(Scopes::default(), &root.join("a"), "b/x.php", "h");
        assert_eq!(above.get("ignore_user_abort"), Some(&b"0"[..]), "above the document root");
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn sections_and_admin_values_hold_against_user_files() {
        let root = folder("scopes");
        std::fs::write(root.join(".user.ini"), "precision = 3\nmemory_limit = 1G\n").unwrap();
        let scopes = Scopes {
            path_sections: [(root.clone(), pairs(&[("precision", "5")]))].into(),
            host_sections: [(b"example.org".to_vec(), pairs(&[("precision", "6")]))].into(),
            paths: vec![PathSettings {
                path: root.join("a"),
                values: pairs(&[("memory_limit", "2G"), ("max_input_time", "9")]),
                admin: pairs(&[("allow_url_fopen", "0")]),
            }],
        };
        let ini = settings(scopes.clone(), &root, "a/x.php", "Example.org");
        assert_eq!(ini.get("precision"), Some(&b"6"[..]));
        assert!(ini.is_locked("precision") && ini.is_locked("allow_url_fopen"));
        assert_eq!(ini.get("memory_limit"), Some(&b"1G"[..]));
        assert_eq!(ini.get("max_input_time"), Some(&b"9"[..]));
        let ini = settings(scopes, &root, "x.php", "other");
        assert_eq!(ini.get("precision"), Some(&b"5"[..]));
        assert_eq!(ini.get("allow_url_fopen"), Some(&b"1"[..]));
        std::fs::remove_dir_all(root).unwrap();
    }
}
