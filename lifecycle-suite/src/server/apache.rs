//! Apache with mod_php.

use super::{Site, write};
use std::path::Path;
use std::process::Command;

pub fn commands(site: &Site, apache: &Path, modules: &Path) -> Result<Vec<Command>, String> {
    let home = site.home.display();
    let root = site.root.display();
    let php = php_module(modules)?;
    let mut load = String::new();
    for name in ["mpm_prefork", "authz_core", "authz_host", "filter", "deflate", "mime", "dir"] {
        let file = modules.join(format!("mod_{name}.so"));
        load.push_str(&format!("LoadModule {name}_module {}\n", file.display()));
    }
    load.push_str(&format!("LoadModule php_module {}\n", php.display()));
    let user =
        if rustix::process::getuid().is_root() { "User nobody\nGroup nogroup\n" } else { "" };
    let mut places = String::new();
    for (folder, case) in site.plan.folders() {
        if case.place.is_empty() && case.place_admin.is_empty() {
            continue;
        }
        places.push_str(&format!("<Directory \"{root}/{folder}\">\n"));
        for (name, value) in &case.place {
            places.push_str(&format!("php_value {name} {value}\n"));
        }
        for (name, value) in &case.place_admin {
            places.push_str(&format!("php_admin_value {name} {value}\n"));
        }
        places.push_str("</Directory>\n");
    }
    let conf = format!(
        "ServerRoot \"{home}\"\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {home}/apache.pid\n\
         DefaultRuntimeDir {home}\nMutex default:{home}\nErrorLog {home}/error.log\nLogLevel error\n\
         {load}{user}StartServers 30\nMinSpareServers 10\nMaxSpareServers 60\nMaxRequestWorkers 60\n\
         TypesConfig /dev/null\nPHPIniDir {home}\nDocumentRoot \"{root}\"\n\
         <Directory \"{root}\">\nAllowOverride All\nRequire all granted\n</Directory>\n\
         <FilesMatch \"\\.php$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n{places}",
        port = site.port,
    );
    let file = site.home.join("httpd.conf");
    write(&file, &conf)?;
    let mut command = Command::new(apache);
    command.arg("-f").arg(file).arg("-DFOREGROUND");
    Ok(vec![command])
}

/// `libphp.so`, or with a version in its name.
fn php_module(folder: &Path) -> Result<std::path::PathBuf, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let is_php = |p: &std::path::PathBuf| {
        let name = p.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("libphp") && name.ends_with(".so")
    };
    let mut found = entries.filter_map(|e| Some(e.ok()?.path())).filter(is_php);
    found.next().ok_or_else(|| format!("there is no libphp*.so in {}", folder.display()))
}
