//! `php -S`.

use super::Site;
use std::path::Path;
use std::process::Command;

pub fn commands(site: &Site, php: &Path) -> Result<Vec<Command>, String> {
    let mut command = Command::new(php);
    command
        .arg("-c")
        .arg(site.home.join("php.ini"))
        .args(["-d", &format!("error_log={}/php.log", site.root.display())])
        .args(["-S", &format!("127.0.0.1:{}", site.port), "-t"])
        .arg(site.root)
        // One at a time, otherwise.
        .env("PHP_CLI_SERVER_WORKERS", "40");
    Ok(vec![command])
}
