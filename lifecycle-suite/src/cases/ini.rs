//! Where `ignore_user_abort` is set, and which place wins.

use crate::case::{Case, Settings};
use crate::visit::Visit;
use std::time::Duration;

const NAME: &str = "ignore_user_abort";

pub fn cases() -> Vec<Case> {
    let rows: &[(&str, [Option<&'static str>; 4])] = &[
        ("default", [None, None, None, None]),
        ("php.ini on", [Some("On"), None, None, None]),
        ("folder on", [None, Some("On"), None, None]),
        ("php.ini on, folder off", [Some("On"), Some("Off"), None, None]),
        ("php.ini off, folder on", [Some("Off"), Some("On"), None, None]),
        ("place on", [None, None, Some("1"), None]),
        ("place on, folder off", [None, Some("Off"), Some("1"), None]),
        ("place off, folder on", [None, Some("On"), Some("0"), None]),
        ("php.ini on, place off", [Some("On"), None, Some("0"), None]),
        ("admin on", [None, None, None, Some("1")]),
        ("admin off, folder on", [None, Some("On"), None, Some("0")]),
    ];
    rows.iter()
        .map(|(name, [main, folder, place, admin])| {
            let mut case = Case::new(7, *name, &["ini.php"], won);
            let setting = |value: &Option<&'static str>| -> Settings {
                value.iter().map(|v| (NAME, *v)).collect()
            };
            case.main = setting(main);
            case.folder = setting(folder);
            case.place = setting(place);
            case.place_admin = setting(admin);
            case
        })
        .collect()
}

fn won(visit: &Visit) -> Result<String, String> {
    let response = visit.get("ini.php")?.whole(Duration::from_secs(10));
    Ok(if response.status == 200 { response.text() } else { format!("{}", response.status) })
}
