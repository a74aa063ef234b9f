//! Uploads: taken apart as they come, and nothing left of those that are cut.

use crate::site::{Site, await_text, body, folder, serve_with, status};
use std::io::{Read, Write};
use std::path::PathBuf;

/// Serves scripts with folders of their own for sessions and temporary files; gives the latter.
fn serve(name: &str, files: &[(&str, &str)], options: &[&str]) -> (Site, PathBuf) {
    let (sessions, temporary) =
        (folder(&format!("{name}-sessions")), folder(&format!("{name}-temporary")));
    let path = format!("session.save_path={}", sessions.display());
    let place = format!("upload_tmp_dir={}", temporary.display());
    let mut all = vec!["-d", &path, "-d", &place];
    all.extend(options);
    (serve_with(name, files, &all), temporary)
}

fn head(length: usize) -> String {
    format!(
        "POST /t.php HTTP/1.1\r\nHost: h\r\nCookie: PHPSESSID=up\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=X\r\nContent-Length: {length}\r\n\r\n"
    )
}

fn field(name: &str, value: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn file(field: &str, name: &str, text: &str) -> String {
    format!(
        "--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: text/plain\r\n\r\n{text}\r\n"
    )
}

fn is_empty(folder: &PathBuf) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn files_come_with_their_limits_and_go_with_the_script() {
    let code = "<?php echo json_encode([$_POST, array_map(fn($f) => [$f['name'], $f['full_path'], $f['error'],
        $f['size']], $_FILES), is_uploaded_file($_FILES['a']['tmp_name']),
        file_get_contents($_FILES['a']['tmp_name']),
        move_uploaded_file($_FILES['b']['tmp_name'][1], __DIR__ . '/kept')]);";
    let (site, temporary) =
        serve("upload-limits", &[("t.php", code)], &["-d", "upload_max_filesize=10"]);
    let form = field("x[y]", "1")
        + &file("a", "dir/a.txt", "hello")
        + &file("b[]", "b0", "more than ten bytes")
        + &file("b[]", "b1", "short")
        + "--X--\r\n";
    let answer = site.ask(&(head(form.len()) + &form));
    assert_eq!(
        body(&answer),
        r#"[{"x":{"y":"1"}},{"a":["a.txt","dir\/a.txt",0,5],"b":[["b0","b1"],["b0","b1"],[1,0],[0,5]]},true,"hello",true]"#
    );
    assert_eq!(site.file("kept"), "short");
    assert!(is_empty(&temporary));
}

#[test]
fn a_cut_upload_starts_no_script_and_leaves_no_file() {
    let code = "<?php file_put_contents(__DIR__ . '/ran', 'yes'); echo 'whole';";
    for mode in ["output", "immediate", "never"] {
        let option = format!("outlast.abort={mode}");
        let (site, temporary) = serve(&format!("cut-{mode}"), &[("t.php", code)], &["-d", &option]);
        let form = file("a", "a.txt", &"x".repeat(300_000)) + "--X--\r\n";
        let mut client = site.send(&head(form.len()));
        client.write_all(&form.as_bytes()[..200_000]).unwrap();
        crate::site::await_text(|| is_empty(&temporary).to_string(), |empty| empty == "false");
        drop(client);
        crate::site::await_text(|| is_empty(&temporary).to_string(), |empty| empty == "true");
        // The server is as well as before.
        assert_eq!(body(&site.ask(&(head(form.len()) + &form))), "whole");
        assert_eq!(site.file("ran"), "yes");
        std::fs::remove_file(site.folder.join("ran")).unwrap();
        let mut client = site.send(&head(form.len()));
        client.write_all(&form.as_bytes()[..200_000]).unwrap();
        drop(client);
        assert_eq!(status(&site.get("/missing.html")), "404");
        assert_eq!(site.file("ran"), "");
    }
}

#[test]
fn another_request_sees_the_progress() {
    let code = "<?php echo json_encode([session_status(), $_POST, $_FILES['a']['size']]);";
    let look = "<?php session_start(); echo json_encode($_SESSION);";
    let options =
        ["-d", "session.upload_progress.min_freq=0", "-d", "session.upload_progress.freq=0"];
    let (site, _) = serve("progress", &[("t.php", code), ("look.php", look)], &options);
    let look = || {
        body(&site.ask(
            "GET /look.php HTTP/1.1\r\nHost: h\r\nCookie: PHPSESSID=up\r\nConnection: close\r\n\r\n",
        ))
        .to_owned()
    };
    let form = field("PHP_SESSION_UPLOAD_PROGRESS", "mine")
        + &file("a", "a.txt", &"x".repeat(300_000))
        + "--X--\r\n";
    let mut client = site.send(&head(form.len()));
    client.write_all(&form.as_bytes()[..150_000]).unwrap();
    let seen = crate::site::await_text(look, |text| text.contains("\"bytes_processed\":150000"));
    for part in [
        "{\"upload_progress_mine\":{\"start_time\":",
        &format!("\"content_length\":{}", form.len()),
        "\"done\":false",
        "\"field_name\":\"a\",\"name\":\"a.txt\",\"tmp_name\":null,\"error\":0",
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    client.write_all(&form.as_bytes()[150_000..]).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(body(&answer), r#"[1,{"PHP_SESSION_UPLOAD_PROGRESS":"mine"},300000]"#);
    // It is over: cleaned up.
    assert_eq!(look(), "[]");
}

#[test]
fn other_methods_parse_their_bodies_themselves() {
    let code = "<?php [$post, $files] = request_parse_body(['upload_max_filesize' => 3]);
        echo json_encode([$_POST, $post, $files['a']['error'], $files['b']['size']]);";
    let (site, temporary) = serve("put", &[("t.php", code)], &[]);
    let form = field("x", "1") + &file("a", "a", "long") + &file("b", "b", "ok") + "--X--\r\n";
    let request = head(form.len()).replacen("POST", "PUT", 1) + &form;
    assert_eq!(body(&site.ask(&request)), r#"[[],{"x":"1"},1,2]"#);
    assert!(is_empty(&temporary));
}

#[test]
fn without_reading_the_script_gets_the_raw_body() {
    let code =
        "<?php echo json_encode([$_POST, $_FILES, strlen(file_get_contents('php://input'))]);";
    let (site, _) = serve("raw", &[("t.php", code)], &["-d", "enable_post_data_reading=0"]);
    let form = field("x", "1") + "--X--\r\n";
    assert_eq!(body(&site.ask(&(head(form.len()) + &form))), format!("[[],[],{}]", form.len()));
}

#[test]
fn a_script_that_waits_for_its_upload_is_shown_so() {
    let (site, _) = serve("upload-wait", &[("t.php", "<?php echo 'done';")], &[]);
    let form = file("a", "a.txt", &"x".repeat(100_000)) + "--X--\r\n";
    let (front, back) = form.split_at(50_000);
    let mut client = site.send(&(head(form.len()) + front));
    let api = || {
        site.ask(&format!(
            "GET /_outlast/api/scripts?wait=upload HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            site.address
        ))
    };
    let listed = await_text(api, |answer| answer.contains("\"matched\":1,"));
    assert!(listed.contains("\"busy\":0,") && listed.contains("\"wait\":\"upload\""), "{listed}");
    client.write_all(back.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(body(&answer), "done");
}
