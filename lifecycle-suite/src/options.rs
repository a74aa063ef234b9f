//! The command line.

use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
Shows how PHP servers treat scripts whose clients leave: a table, case by server

Usage: lifecycle-suite [OPTIONS]

Servers (at least one; each is a command, a path or a name on the PATH):
  --outlast CMD           `CMD serve`
  --fpm CMD --nginx CMD   php-fpm behind nginx
  --apache CMD            Apache with mod_php ...
  --apache-modules DIR      ... its folder of modules [default: /usr/lib/apache2/modules]
  --php CMD               `CMD -S`
  --server NAME=http://HOST:PORT=DOCROOT
                          a server that runs already; DOCROOT gets a folder for the time

Options:
  --php-ini FILE          settings to put before the suite's own (extension_dir, extensions)
  --filter TEXT           only cases whose title contains TEXT; may be repeated
  --short                 leave out the cases that take long
  --scale N               how much slower than usual scripts and clients are [default: 1]
  --jobs N                cases at a time [default: 16]
  --table FILE            write the table there, as Markdown, instead of printing it; servers not
                          named above are in it as they were recorded
  --record FILE           write what was measured there, as src/expected.txt is written
  -h, --help              print this

Exit status: 0, or 1 where Outlast does not show what src/expected.txt says it must, or 2.
";

/// A server to measure.
pub enum Target {
    /// Outlast's binary.
    Outlast(PathBuf),
    /// php-fpm behind nginx.
    Fpm { fpm: PathBuf, nginx: PathBuf },
    /// Apache with mod_php.
    Apache { apache: PathBuf, modules: PathBuf },
    /// PHP's built-in server.
    BuiltIn(PathBuf),
    /// One that runs already: its name, `HOST:PORT`, and its document root.
    Running { name: String, address: String, root: PathBuf },
}

impl Target {
    /// The head of its column.
    pub fn column(&self) -> &str {
        match self {
            Target::Outlast(_) => "Outlast",
            Target::Fpm { .. } => "php-fpm",
            Target::Apache { .. } => "mod_php",
            Target::BuiltIn(_) => "php -S",
            Target::Running { name, .. } => name,
        }
    }
}

/// What the command line asks for.
pub struct Options {
    pub targets: Vec<Target>,
    pub php_ini: Option<PathBuf>,
    pub filters: Vec<String>,
    pub short: bool,
    pub scale: f64,
    pub jobs: usize,
    pub table: Option<PathBuf>,
    pub record: Option<PathBuf>,
}

/// `None` where help is asked for.
pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        targets: Vec::new(),
        php_ini: None,
        filters: Vec::new(),
        short: false,
        scale: 1.0,
        jobs: 16,
        table: None,
        record: None,
    };
    let (mut outlast, mut fpm, mut nginx, mut apache, mut php) = (None, None, None, None, None);
    let mut modules = PathBuf::from("/usr/lib/apache2/modules");
    let mut running = Vec::new();
    while let Some(arg) = args.next() {
        if matches!(arg.as_str(), "-h" | "--help") {
            return Ok(None);
        }
        if arg == "--short" {
            options.short = true;
            continue;
        }
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--outlast" => outlast = Some(value()?.into()),
            "--fpm" => fpm = Some(value()?.into()),
            "--nginx" => nginx = Some(value()?.into()),
            "--apache" => apache = Some(value()?.into()),
            "--apache-modules" => modules = value()?.into(),
            "--php" => php = Some(value()?.into()),
            "--server" => running.push(running_server(&value()?)?),
            "--php-ini" => options.php_ini = Some(value()?.into()),
            "--filter" => options.filters.push(value()?),
            "--scale" => options.scale = number(&arg, &value()?)?,
            "--jobs" => options.jobs = number(&arg, &value()?)? as usize,
            "--table" => options.table = Some(value()?.into()),
            "--record" => options.record = Some(value()?.into()),
            _ => return Err(format!("no such option: {arg} (--help lists them)")),
        }
    }
    match (fpm, nginx) {
        (Some(fpm), Some(nginx)) => options.targets.push(Target::Fpm { fpm, nginx }),
        (None, None) => {}
        _ => return Err("--fpm and --nginx go together".to_owned()),
    }
    options.targets.extend(apache.map(|apache| Target::Apache { apache, modules }));
    options.targets.extend(php.map(Target::BuiltIn));
    options.targets.extend(outlast.map(Target::Outlast));
    options.targets.extend(running);
    if options.targets.is_empty() {
        return Err("no server to measure (--help lists how to name one)".to_owned());
    }
    Ok(Some(options))
}

fn number(name: &str, text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(n) if n > 0.0 => Ok(n),
        _ => Err(format!("{name} needs a number above 0, not {text}")),
    }
}

fn running_server(text: &str) -> Result<Target, String> {
    let wrong = || format!("--server needs NAME=http://HOST:PORT=DOCROOT, not {text}");
    let (name, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (url, root) = rest.split_once('=').ok_or_else(wrong)?;
    let address = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    let address = if address.contains(':') { address.to_owned() } else { format!("{address}:80") };
    Ok(Target::Running { name: name.to_owned(), address, root: root.into() })
}
