//! php-fpm behind nginx: a pool for all, and one for each case that sets something of its own there.

use super::{Site, write};
use crate::case::Front;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

pub fn commands(site: &Site, fpm: &Path, nginx: &Path) -> Result<Vec<Command>, String> {
    let home = site.home.display();
    let root_user = rustix::process::getuid().is_root();
    let tcp =
        TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?;
    let user = if root_user { "user = root\ngroup = root\n" } else { "" };
    let pool = |name: &str, listen: &str, children: u32, settings: &str| {
        format!(
            "[{name}]\n{user}listen = {listen}\npm = static\npm.max_children = {children}\n\
             clear_env = no\n{settings}\n"
        )
    };
    let mut pools =
        format!("[global]\nerror_log = {home}/error.log\ndaemonize = no\nlog_level = error\n");
    pools.push_str(&pool("www", &format!("{home}/www.sock"), 30, ""));
    pools.push_str(&pool("tcp", &tcp.to_string(), 4, ""));
    let mut locations = String::new();
    for (folder, case) in site.plan.folders() {
        let mut socket = format!("unix:{home}/www.sock");
        if !case.place.is_empty() || !case.place_admin.is_empty() {
            let line = |kind: &str, (n, v): &(&str, &str)| format!("{kind}[{n}] = {v}\n");
            let mut settings = String::new();
            settings.extend(case.place.iter().map(|s| line("php_value", s)));
            settings.extend(case.place_admin.iter().map(|s| line("php_admin_value", s)));
            pools.push_str(&pool(&folder, &format!("{home}/{folder}.sock"), 1, &settings));
            socket = format!("unix:{home}/{folder}.sock");
        }
        let extra = match case.front {
            Front::Plain => "",
            Front::Gzip => "gzip on; gzip_types *; gzip_min_length 0;",
            Front::Unbuffered => "fastcgi_buffering off;",
            Front::IgnoresAborts => "fastcgi_ignore_client_abort on;",
            Front::StreamsBodies => "fastcgi_request_buffering off;",
            Front::Tcp => {
                socket = tcp.to_string();
                ""
            }
        };
        if extra.is_empty() && socket.ends_with("www.sock") {
            continue;
        }
        locations.push_str(&format!(
            "location ^~ /{folder}/ {{ {extra} fastcgi_pass {socket}; {} }}\n",
            include(site)
        ));
    }
    write(&site.home.join("fpm.conf"), &pools)?;
    write(&site.home.join("fastcgi.conf"), PARAMETERS)?;
    let user = if root_user { "user root;" } else { "" };
    let conf = format!(
        "{user} daemon off; worker_processes 2; pid {home}/nginx.pid; error_log {home}/error.log;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; default_type text/html; client_max_body_size 64m;\n\
         client_body_temp_path {home}/body; fastcgi_temp_path {home}/fastcgi;\n\
         proxy_temp_path {home}/proxy; scgi_temp_path {home}/scgi; uwsgi_temp_path {home}/uwsgi;\n\
         server {{ listen 127.0.0.1:{port}; root {root};\n{locations}\
         location ~ \\.php$ {{ fastcgi_pass unix:{home}/www.sock; {include} }} }} }}\n",
        port = site.port,
        root = site.root.display(),
        include = include(site),
    );
    write(&site.home.join("nginx.conf"), &conf)?;
    let mut first = Command::new(fpm);
    first
        .arg("-F")
        .arg("-y")
        .arg(site.home.join("fpm.conf"))
        .arg("-c")
        .arg(site.home.join("php.ini"));
    if root_user {
        first.arg("-R");
    }
    let mut second = Command::new(nginx);
    second.arg("-p").arg(site.home).arg("-c").arg(site.home.join("nginx.conf"));
    second.arg("-e").arg(site.home.join("error.log"));
    Ok(vec![first, second])
}

fn include(site: &Site) -> String {
    format!("include {}/fastcgi.conf;", site.home.display())
}

const PARAMETERS: &str = "
fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
fastcgi_param DOCUMENT_ROOT $document_root;
fastcgi_param SCRIPT_NAME $fastcgi_script_name;
fastcgi_param REQUEST_URI $request_uri;
fastcgi_param QUERY_STRING $query_string;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param CONTENT_TYPE $content_type;
fastcgi_param CONTENT_LENGTH $content_length;
fastcgi_param SERVER_PROTOCOL $server_protocol;
fastcgi_param GATEWAY_INTERFACE CGI/1.1;
fastcgi_param REMOTE_ADDR $remote_addr;
fastcgi_param SERVER_NAME $server_name;
fastcgi_param SERVER_PORT $server_port;
";
