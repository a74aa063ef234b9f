//! The options of PHP's command line, read as its `getopt` reads them.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// Run a file, or standard input.
    #[default]
    Run,
    /// `-r`
    Code(Vec<u8>),
    /// `-R`, `-F`, `-B`, `-E`: for each line of standard input.
    Lines(Lines),
    /// `-l`
    Lint,
    /// `-a`
    Interactive,
    /// `-S`
    Serve(String),
    /// `-h`
    Help,
    /// `-v`
    Version,
    /// `-m`
    Modules,
    /// `-i`
    Info,
    /// `-s`
    Highlight,
    /// `-w`
    Strip,
    /// `--ini`
    IniFiles,
    /// `--rf`, `--rc`, `--re`: the Reflection class and the name.
    Reflect(&'static str, Vec<u8>),
}

/// The code of `-B`, `-R` or `-F`, `-E`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// `-B`
    pub begin: Option<Vec<u8>>,
    /// `-R`
    pub code: Option<Vec<u8>>,
    /// `-F`
    pub file: Option<Vec<u8>>,
    /// `-E`
    pub end: Option<Vec<u8>>,
}

/// A command line taken apart.
#[derive(Debug, Default)]
pub struct Options {
    /// What is asked for.
    pub action: Action,
    /// `-n`
    pub no_ini: bool,
    /// `-c`
    pub ini: Option<PathBuf>,
    /// `-d`
    pub defines: Vec<Vec<u8>>,
    /// `-t`
    pub document_root: Option<PathBuf>,
    /// `-q`: CGI prints no headers.
    pub quiet: bool,
    /// The script, if it is a file.
    pub script: Option<Vec<u8>>,
    /// What follows it.
    pub arguments: Vec<Vec<u8>>,
}

/// Short options; `:` marks those with an argument.
const SHORT: &[u8] = b"aB:Cc:d:eE:F:f:hHiIlmnqr:R:S:st:vwz:?T:b:";

/// Long options, what they stand for, and whether they take an argument.
const LONG: &[(&str, Name, bool)] = &[
    ("interactive", Name::Short(b'a'), false),
    ("bindpath", Name::Short(b'b'), true),
    ("process-begin", Name::Short(b'B'), true),
    ("no-chdir", Name::Short(b'C'), false),
    ("php-ini", Name::Short(b'c'), true),
    ("define", Name::Short(b'd'), true),
    ("profile-info", Name::Short(b'e'), false),
    ("process-end", Name::Short(b'E'), true),
    ("process-file", Name::Short(b'F'), true),
    ("file", Name::Short(b'f'), true),
    ("help", Name::Short(b'h'), false),
    ("usage", Name::Short(b'h'), false),
    ("hide-args", Name::Short(b'H'), false),
    ("info", Name::Short(b'i'), false),
    ("syntax-check", Name::Short(b'l'), false),
    ("modules", Name::Short(b'm'), false),
    ("no-php-ini", Name::Short(b'n'), false),
    ("no-header", Name::Short(b'q'), false),
    ("run", Name::Short(b'r'), true),
    ("process-code", Name::Short(b'R'), true),
    ("server", Name::Short(b'S'), true),
    ("syntax-highlight", Name::Short(b's'), false),
    ("syntax-highlighting", Name::Short(b's'), false),
    ("docroot", Name::Short(b't'), true),
    ("version", Name::Short(b'v'), false),
    ("strip", Name::Short(b'w'), false),
    ("zend-extension", Name::Short(b'z'), true),
    ("ini", Name::IniFiles, false),
    ("rf", Name::Reflect("ReflectionFunction"), true),
    ("rfunction", Name::Reflect("ReflectionFunction"), true),
    ("rc", Name::Reflect("ReflectionClass"), true),
    ("rclass", Name::Reflect("ReflectionClass"), true),
    ("re", Name::Reflect("ReflectionExtension"), true),
    ("rextension", Name::Reflect("ReflectionExtension"), true),
];

#[derive(Clone, Copy)]
enum Name {
    Short(u8),
    IniFiles,
    Reflect(&'static str),
}

/// Why a command line cannot be followed.
#[derive(Debug)]
pub struct Refused {
    /// What PHP prints.
    pub message: String,
    /// Its usage is printed behind.
    pub usage: bool,
}

impl From<String> for Refused {
    fn from(message: String) -> Refused {
        Refused { message, usage: true }
    }
}

/// Reads a command line.
pub fn parse(arguments: Vec<OsString>) -> Result<Options, Refused> {
    let arguments: Vec<Vec<u8>> = arguments.into_iter().map(OsString::into_vec).collect();
    let mut reader = Reader { options: Options::default(), file: None, server: None };
    let mut at = 0;
    let mut dashes = false;
    while let Some(argument) = arguments.get(at) {
        if argument == b"--" {
            dashes = true;
            at += 1;
            break;
        }
        if argument.len() < 2 || argument[0] != b'-' {
            break;
        }
        let next = arguments.get(at + 1);
        let took_next = match argument.strip_prefix(b"--") {
            Some(long) => reader.long(long, next, at)?,
            None => reader.cluster(&argument[1..], next, at)?,
        };
        at += if took_next { 2 } else { 1 };
    }
    let Reader { mut options, file, server } = reader;
    if let Some(address) = server {
        options.action = Action::Serve(address);
    }
    options.script = file;
    let mut rest = arguments[at..].to_vec();
    let takes_script = !matches!(options.action, Action::Code(_) | Action::Lines(_));
    if options.script.is_none() && takes_script && !dashes && !rest.is_empty() {
        options.script = Some(rest.remove(0));
    }
    options.arguments = rest;
    Ok(options)
}

struct Reader {
    options: Options,
    /// `-f`
    file: Option<Vec<u8>>,
    server: Option<String>,
}

impl Reader {
    /// `--name`, `--name=value` or `--name value`; true if the next argument was used.
    fn long(&mut self, text: &[u8], next: Option<&Vec<u8>>, at: usize) -> Result<bool, Refused> {
        let (name, inline) = match text.iter().position(|&b| b == b'=') {
            Some(equals) => (&text[..equals], Some(text[equals + 1..].to_vec())),
            None => (text, None),
        };
        let Some((_, option, takes)) = LONG.iter().find(|(known, ..)| known.as_bytes() == name)
        else {
            return Err(Refused::from(format!(
                "Error in argument {}, char 3: option not found -",
                at + 1
            )));
        };
        let value = match (takes, inline) {
            (false, _) => None,
            (true, Some(value)) => Some(value),
            (true, None) => match next {
                Some(value) => {
                    self.set(*option, Some(value.clone()))?;
                    return Ok(true);
                }
                None => {
                    return Err(Refused::from(format!(
                        "Error in argument {}, char 3: no argument for option -",
                        at + 1
                    )));
                }
            },
        };
        self.set(*option, value)?;
        Ok(false)
    }

    /// `-nq`, `-dname=value`, `-d name=value`; true if the next argument was used.
    fn cluster(&mut self, text: &[u8], next: Option<&Vec<u8>>, at: usize) -> Result<bool, Refused> {
        for (i, &letter) in text.iter().enumerate() {
            let known = SHORT.iter().position(|&b| b == letter && b != b':');
            if letter == b':' {
                return Err(Refused::from(format!(
                    "Error in argument {}, char {}: : in flags",
                    at + 1,
                    i + 2
                )));
            }
            let Some(known) = known else {
                let letter = letter as char;
                return Err(Refused::from(format!(
                    "Error in argument {}, char {}: option not found {letter}",
                    at + 1,
                    i + 2
                )));
            };
            if SHORT.get(known + 1) != Some(&b':') {
                self.set(Name::Short(letter), None)?;
                continue;
            }
            let rest = &text[i + 1..];
            if !rest.is_empty() {
                let value = rest.strip_prefix(b"=").unwrap_or(rest);
                self.set(Name::Short(letter), Some(value.to_vec()))?;
                return Ok(false);
            }
            let Some(value) = next else {
                let letter = letter as char;
                return Err(Refused::from(format!(
                    "Error in argument {}, char {}: no argument for option {letter}",
                    at + 1,
                    i + 2
                )));
            };
            self.set(Name::Short(letter), Some(value.clone()))?;
            return Ok(true);
        }
        Ok(false)
    }

    fn set(&mut self, name: Name, value: Option<Vec<u8>>) -> Result<(), Refused> {
        let text = value.unwrap_or_default();
        let letter = match name {
            Name::IniFiles => {
                self.options.action = Action::IniFiles;
                return Ok(());
            }
            Name::Reflect(class) => {
                self.options.action = Action::Reflect(class, text);
                return Ok(());
            }
            Name::Short(letter) => letter,
        };
        if let Some(option) = self.repeated(letter) {
            let message = format!("You can use {option} only once.");
            return Err(Refused { message, usage: false });
        }
        let options = &mut self.options;
        match letter {
            b'a' => options.action = Action::Interactive,
            b'B' => self.lines().begin = Some(text),
            b'R' => self.lines().code = Some(text),
            b'F' => self.lines().file = Some(text),
            b'E' => self.lines().end = Some(text),
            b'c' => options.ini = Some(OsString::from_vec(text).into()),
            b'd' => options.defines.push(text),
            b'f' => self.file = Some(text),
            b'h' | b'?' => options.action = Action::Help,
            b'i' => options.action = Action::Info,
            b'l' => options.action = Action::Lint,
            b'm' => options.action = Action::Modules,
            b'n' => options.no_ini = true,
            b'q' => options.quiet = true,
            b'r' => options.action = Action::Code(text),
            b'S' => self.server = Some(String::from_utf8_lossy(&text).into_owned()),
            b't' => options.document_root = Some(OsString::from_vec(text).into()),
            b'v' => options.action = Action::Version,
            b's' => options.action = Action::Highlight,
            b'w' => options.action = Action::Strip,
            b'z' | b'b' | b'T' => {
                let message = format!("Option -{} is not supported", letter as char);
                return Err(Refused::from(message));
            }
            // -C, -e, -H, -I: what they ask for is so already.
            _ => {}
        }
        Ok(())
    }

    /// The name of an option that may come once, and came already.
    fn repeated(&self, letter: u8) -> Option<&'static str> {
        match (letter, &self.options.action) {
            (b'B', Action::Lines(lines)) if lines.begin.is_some() => Some("-B"),
            (b'R' | b'F', Action::Lines(lines)) if lines.code.is_some() || lines.file.is_some() => {
                Some("-R or -F")
            }
            (b'E', Action::Lines(lines)) if lines.end.is_some() => Some("-E"),
            (b'r', Action::Code(_)) => Some("-r"),
            (b'f', _) if self.file.is_some() => Some("-f"),
            _ => None,
        }
    }

    fn lines(&mut self) -> &mut Lines {
        if !matches!(self.options.action, Action::Lines(_)) {
            self.options.action = Action::Lines(Lines::default());
        }
        match &mut self.options.action {
            Action::Lines(lines) => lines,
            _ => unreachable!("just set"),
        }
    }
}

/// A path from a command line.
pub fn path_of(bytes: &[u8]) -> PathBuf {
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Options {
        parse(line.split(' ').map(OsString::from).collect()).unwrap()
    }

    #[test]
    fn options_end_at_the_script() {
        let options = parsed("-n -dfoo=1 -d bar -nq a.php -x -- y");
        assert!(options.no_ini && options.quiet);
        assert_eq!(options.defines, [&b"foo=1"[..], b"bar"]);
        assert_eq!(options.script.as_deref(), Some(&b"a.php"[..]));
        assert_eq!(options.arguments, [&b"-x"[..], b"--", b"y"]);
    }

    #[test]
    fn dashes_end_options_and_are_dropped() {
        let options = parsed("-f a.php -- -x");
        assert_eq!(options.arguments, [b"-x"]);
        let options = parsed("-- b");
        assert_eq!((options.script, options.arguments.len()), (None, 1));
        let options = parsed("-r code b");
        assert_eq!(options.action, Action::Code(b"code".to_vec()));
        assert_eq!((options.script, options.arguments.len()), (None, 1));
    }

    #[test]
    fn a_bad_option_is_named_as_php_names_it() {
        let error =
            |line: &str| parse(line.split(' ').map(OsString::from).collect()).unwrap_err().message;
        assert_eq!(error("-nZ"), "Error in argument 1, char 3: option not found Z");
        assert_eq!(error("-n -r"), "Error in argument 2, char 2: no argument for option r");
    }
}
