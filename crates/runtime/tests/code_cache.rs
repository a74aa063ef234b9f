//! Compiled code is kept as long as its file does not change.

use outlast_runtime::{CodeCache, CodeOptions, FileLoader};
use outlast_vm::sapi::{CodeError, LoadError, Loader};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const OPTIONS: CodeOptions =
    CodeOptions { short_open_tag: true, multibyte: false, assertions: true };

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("outlast-cache-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a file whose last change is `age` seconds ago.
fn write(file: &Path, text: &str, age: u64) {
    std::fs::write(file, text).unwrap();
    let then = SystemTime::now() - Duration::from_secs(age);
    File::options().write(true).open(file).unwrap().set_modified(then).unwrap();
}

#[test]
fn code_is_shared_until_its_file_changes() {
    let file = folder("change").join("a.php");
    let path = file.as_os_str().as_encoded_bytes();
    let cache = Arc::new(CodeCache::default());
    let one = FileLoader::new(cache.clone(), OPTIONS);
    let two = FileLoader::new(cache.clone(), OPTIONS);
    write(&file, "<?php return 1;", 100);
    let first = one.load_file(path).unwrap();
    assert!(Arc::ptr_eq(&first, &two.load_file(path).unwrap()));

    write(&file, "<?php return 2;", 50);
    let second = one.load_file(path).unwrap();
    assert!(!Arc::ptr_eq(&first, &second), "the time has changed, the size has not");

    cache.clear();
    assert!(!Arc::ptr_eq(&second, &one.load_file(path).unwrap()));
}

#[test]
fn a_file_that_was_just_written_is_not_kept() {
    let file = folder("fresh").join("a.php");
    let path = file.as_os_str().as_encoded_bytes();
    let loader = FileLoader::new(Arc::default(), OPTIONS);
    write(&file, "<?php return 1;", 0);
    let first = loader.load_file(path).unwrap();
    assert!(!Arc::ptr_eq(&first, &loader.load_file(path).unwrap()));
}

#[test]
fn options_are_part_of_the_key() {
    let file = folder("options").join("a.php");
    let path = file.as_os_str().as_encoded_bytes();
    let cache = Arc::new(CodeCache::default());
    write(&file, "<? return 1;", 100);
    let short = FileLoader::new(cache.clone(), OPTIONS);
    let long = FileLoader::new(cache, CodeOptions { short_open_tag: false, ..OPTIONS });
    let first = short.load_file(path).unwrap();
    assert!(!Arc::ptr_eq(&first, &long.load_file(path).unwrap()));
}

#[test]
fn what_cannot_be_loaded_says_why() {
    let folder = folder("errors");
    let loader = FileLoader::new(Arc::default(), OPTIONS);
    let missing = loader.load_file(folder.join("no.php").as_os_str().as_encoded_bytes());
    assert!(matches!(missing, Err(LoadError::Io(text)) if text == "No such file or directory"));
    let broken = folder.join("broken.php");
    write(&broken, "<?php\necho 1", 100);
    match loader.load_file(broken.as_os_str().as_encoded_bytes()) {
        Err(LoadError::Parse(CodeError { message, line, .. })) => {
            assert_eq!(message, b"syntax error, unexpected end of file, expecting \",\" or \";\"");
            assert_eq!(line, 2);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn eval_code_is_kept_by_text_and_name() {
    let loader = FileLoader::new(Arc::default(), OPTIONS);
    let first = loader.load_string(b"return 1;", b"a(1) : eval()'d code").unwrap();
    let same = loader.load_string(b"return 1;", b"a(1) : eval()'d code").unwrap();
    let elsewhere = loader.load_string(b"return 1;", b"a(2) : eval()'d code").unwrap();
    assert!(Arc::ptr_eq(&first, &same) && !Arc::ptr_eq(&first, &elsewhere));
}
