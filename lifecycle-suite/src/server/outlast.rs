//! `outlast serve`.

use super::{Site, write};
use std::path::Path;
use std::process::Command;

pub fn commands(site: &Site, binary: &Path) -> Result<Vec<Command>, String> {
    let mut config = String::from(
        "access_log = \"off\"\ncontrol_socket = \"off\"\nstatus_path = \"off\"\ndrain_timeout = 1\n",
    );
    for (folder, case) in site.plan.folders() {
        let table = |settings: &[(&str, &str)]| {
            let pairs: Vec<String> =
                settings.iter().map(|(n, v)| format!("{n} = \"{v}\"")).collect();
            pairs.join(", ")
        };
        if !case.place.is_empty() || !case.place_admin.is_empty() {
            let (ini, admin) = (table(&case.place), table(&case.place_admin));
            config.push_str(&format!(
                "[[path]]\npath = \"{folder}\"\nini = {{ {ini} }}\nadmin_ini = {{ {admin} }}\n"
            ));
        }
    }
    let file = site.home.join("outlast.toml");
    write(&file, &config)?;
    let mut command = Command::new(binary);
    command
        .arg("serve")
        .arg(site.root)
        .args(["--listen", &format!("127.0.0.1:{}", site.port)])
        .arg("--config")
        .arg(&file)
        .arg("-c")
        .arg(site.home.join("php.ini"));
    Ok(vec![command])
}
