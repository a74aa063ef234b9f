//! The binary as PHP's command line and as CGI.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn outlast(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outlast"));
    command.args(arguments).stdin(Stdio::null()).env_remove("PHPRC").env_remove("PHP_INI_SCAN_DIR");
    command
}

fn with_input(command: &mut Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[track_caller]
fn expect(output: Output, status: i32, text: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), text, "stderr: {errors}");
    assert_eq!(output.status.code(), Some(status), "stderr: {errors}");
}

fn script(name: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("outlast-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn code_runs_and_its_exit_status_is_ours() {
    expect(outlast(&["-n", "-r", "echo 1 + 1;"]).output().unwrap(), 0, "2");
    expect(outlast(&["php", "-r", "exit(7);"]).output().unwrap(), 7, "");
    expect(outlast(&["-r", "exit('bye');"]).output().unwrap(), 0, "bye");
    expect(
        outlast(&["-r", "throw new Exception('x');"]).output().unwrap(),
        255,
        "\nFatal error: Uncaught Exception: x in Command line code:1\n\
         Stack trace:\n#0 {main}\n  thrown in Command line code on line 1\n",
    );
}

#[test]
fn variables_of_the_request_are_made_when_they_are_named() {
    let code = "function made() {
            foreach (['_SERVER', '_ENV', '_REQUEST'] as $name) echo isset($GLOBALS[$name]) ? $name : '-';
            echo ' ';
        }
        made(); eval('isset($_REQUEST);'); made(); eval('function f() { return $_ENV[\"A\"]; }'); made();
        $name = '_REQUEST'; echo count($$name), f();";
    let run = |jit| {
        let mut command = outlast(&["-n", "-d", jit, "-r", code]);
        command.env("A", "b").output().unwrap()
    };
    let text = "_SERVER-- _SERVER-_REQUEST _SERVER_ENV_REQUEST 0b";
    expect(run("auto_globals_jit=1"), 0, text);
    let all = "_SERVER_ENV_REQUEST";
    expect(run("auto_globals_jit=0"), 0, &format!("{all} {all} {all} 0b"));
}

#[test]
fn a_script_gets_its_arguments() {
    let file = script(
        "args.php",
        "#!/usr/bin/env php\n<?php\nfor ($i = 1; $i < $argc; $i++) echo $argv[$i], '|'; echo __LINE__;",
    );
    let name = file.to_str().unwrap();
    expect(outlast(&[name, "a", "-b", "--", "c"]).output().unwrap(), 0, "a|-b|--|c|3");
    expect(outlast(&["-n", "-f", name, "--", "-x"]).output().unwrap(), 0, "-x|3");
    let output =
        with_input(&mut outlast(&["--", "q"]), b"<?php echo $argv[0], $argv[1], __FILE__;");
    expect(output, 0, "Standard input codeqStandard input code");
}

#[test]
fn settings_come_from_options_and_files() {
    let ini = script("my.ini", "precision = 5\n");
    let path = ini.to_str().unwrap();
    expect(outlast(&["-n", "-d", "precision=3", "-r", "echo 1/3;"]).output().unwrap(), 0, "0.333");
    expect(outlast(&["-c", path, "-r", "echo 1/3;"]).output().unwrap(), 0, "0.33333");
    expect(outlast(&["-c", path, "-dprecision=2", "-r", "echo 1/3;"]).output().unwrap(), 0, "0.33");
}

#[test]
fn lint_reports_and_tells_by_its_status() {
    let good = script("good.php", "<?php echo 1;");
    let good = good.to_str().unwrap();
    let text = format!("No syntax errors detected in {good}\n");
    expect(outlast(&["-l", good]).output().unwrap(), 0, &text);
    let bad = script("bad.php", "<?php\n echo 1");
    let bad = bad.to_str().unwrap();
    let text = format!(
        "\nParse error: syntax error, unexpected end of file, expecting \",\" or \";\" in {bad} on line 2\n\
         Errors parsing {bad}\n"
    );
    expect(outlast(&["-l", bad]).output().unwrap(), 255, &text);
    let clash = script(
        "clash.php",
        "<?php class A { function f() {} }\nclass B extends A { function f($x) {} }\n$this = 1;",
    );
    let clash = clash.to_str().unwrap();
    let text = format!(
        "\nFatal error: Declaration of B::f($x) must be compatible with A::f() in {clash} on line 2\n\
         Errors parsing {clash}\n"
    );
    expect(outlast(&["-l", clash]).output().unwrap(), 255, &text);
}

#[test]
fn what_is_wrong_is_said() {
    let text = "Could not open input file: none.php\n";
    for arguments in [&["none.php"][..], &["-l", "none.php"]] {
        let output = outlast(arguments).output().unwrap();
        assert_eq!((output.status.code(), &output.stderr[..]), (Some(1), text.as_bytes()));
    }
    let output = outlast(&["-nZ"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.starts_with(b"Error in argument 1, char 3: option not found Z\nUsage: "));
}

#[test]
fn lines_of_input_are_processed() {
    let mut command = outlast(&["-B", "echo '<';", "-R", "echo $argi, $argn;", "-E", "echo '>';"]);
    expect(with_input(&mut command, b"a\nb\n"), 0, "<1a2b>");
}

#[test]
fn the_shell_goes_on_after_an_error() {
    let input = b"function f() {\nreturn 5; }\necho f();\nthrow new Error('z');\necho 6;\n";
    let output = with_input(&mut outlast(&["-a"]), input);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.starts_with("Interactive shell\n\n5"), "{text}");
    assert!(text.contains("Uncaught Error: z in php shell code:1") && text.contains('6'), "{text}");
}

#[test]
fn a_closed_output_is_no_panic() {
    let mut command = outlast(&["-r", "while (true) echo 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.code().is_some(), "it ended by itself");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn cgi_answers_a_form() {
    let code = "<?php echo $_GET['q'], $_POST['a']['x'], $_COOKIE['c'], $_REQUEST['q'], \
                $_SERVER['REQUEST_METHOD'];";
    let file = script("form.php", code);
    let mut command = outlast(&["cgi", "-n", "-C", "-f", file.to_str().unwrap()]);
    command.envs([
        ("QUERY_STRING", "q=1"),
        ("REQUEST_METHOD", "POST"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ("CONTENT_LENGTH", "6"),
        ("HTTP_COOKIE", "c=3"),
    ]);
    let text = "X-Powered-By: PHP/8.4.24\r\nContent-type: text/html; charset=UTF-8\r\n\r\n1231POST";
    expect(with_input(&mut command, b"a[x]=2"), 0, text);
}

#[test]
fn cgi_stores_uploads_and_removes_them() {
    let code = "<?php $f = $_FILES['f']; echo $f['name'], $f['size'], $f['error'], \"\\n\", $f['tmp_name'], \"\\n\"; \
                include $f['tmp_name'];";
    let file = script("upload.php", code);
    let body = b"--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nhello\r\n--X--\r\n";
    let mut command = outlast(&["cgi", "-n", "-q", "-f", file.to_str().unwrap()]);
    command.env("REQUEST_METHOD", "POST");
    command.env("CONTENT_TYPE", "multipart/form-data; boundary=X");
    command.env("CONTENT_LENGTH", body.len().to_string());
    let output = with_input(&mut command, body);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2]), ("a.txt50", "hello"), "{text}");
    assert!(!std::path::Path::new(lines[1]).exists());
}

#[test]
fn modules_version_and_information_are_listed() {
    let output = outlast(&["-n", "-m"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("[PHP Modules]\n") && text.contains("\n[Zend Modules]\n"), "{text}");
    for module in ["Core", "ctype", "json", "pcre", "standard"] {
        assert!(text.lines().any(|line| line == module), "{module}: {text}");
    }
    let output = outlast(&["-v"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"PHP 8.4."));
    let output = outlast(&["-n", "-i"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.starts_with("phpinfo()\nPHP Version => 8.4."), "{text}");
}

#[test]
fn a_script_on_standard_input_and_a_failing_one_tell_by_their_status() {
    expect(with_input(&mut outlast(&["-n"]), b"a<?php echo PHP_SAPI; exit(3);"), 3, "acli");
    let fatal = script("fatal.php", "<?php\nnope();");
    let name = fatal.to_str().unwrap();
    let text = format!(
        "PHP Fatal error:  Uncaught Error: Call to undefined function nope() in {name}:2\n\
         Stack trace:\n#0 {{main}}\n  thrown in {name} on line 2\n"
    );
    let output = outlast(&["-n", "-d", "display_errors=stderr", name]).output().unwrap();
    assert_eq!(output.status.code(), Some(255));
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains(text.trim_start_matches("PHP ").split_once("  ").unwrap().1),
        "{output:?}"
    );
    let code = "register_shutdown_function(function () { exit(9); }); exit(2);";
    expect(outlast(&["-n", "-r", code]).output().unwrap(), 9, "");
}

#[test]
fn there_is_no_client_to_lose_and_no_time_limit() {
    let code = "echo connection_status(), connection_aborted(), ini_get('max_execution_time'), PHP_BINARY != '', \
                function_exists('fastcgi_finish_request') ? 'web' : 'cli';";
    expect(outlast(&["-n", "-r", code]).output().unwrap(), 0, "0001cli");
}
