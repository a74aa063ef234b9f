//! A case: a script, the settings around it, and a client.

use crate::options::Target;
use crate::visit::Visit;

/// What stands between client and PHP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Front {
    Plain,
    /// nginx compresses; Apache has mod_deflate; Outlast compresses by itself.
    Gzip,
    /// nginx passes on what it gets at once.
    Unbuffered,
    /// nginx does not tell php-fpm that the client has gone.
    IgnoresAborts,
    /// nginx and php-fpm talk over TCP.
    Tcp,
    /// nginx hands bodies on as they come.
    StreamsBodies,
}

/// Settings in PHP's notation.
pub type Settings = Vec<(&'static str, &'static str)>;

type Run = Box<dyn Fn(&Visit) -> Result<String, String> + Send + Sync>;

/// One row of the table.
pub struct Case {
    pub group: u8,
    pub name: String,
    /// Names of the suite's scripts that it needs in its folder.
    pub scripts: &'static [&'static str],
    /// Settings of its folder: `.user.ini`, `.htaccess`.
    pub folder: Settings,
    /// Settings in php.ini itself.
    pub main: Settings,
    /// Settings of the place, which the folder may change: a pool's or a virtual host's.
    pub place: Settings,
    /// The same, which nobody below may change.
    pub place_admin: Settings,
    pub front: Front,
    /// Only Outlast has what it asks for.
    pub outlast_only: bool,
    /// It takes seconds; `--short` leaves it out.
    pub long: bool,
    /// It keeps a core busy, and so waits until the others are through.
    pub busy: bool,
    run: Run,
}

impl Case {
    /// A case of `scripts`; `run` is the client, and tells what it saw.
    pub fn new(
        group: u8,
        name: impl Into<String>,
        scripts: &'static [&'static str],
        run: impl Fn(&Visit) -> Result<String, String> + Send + Sync + 'static,
    ) -> Case {
        Case {
            group,
            name: name.into(),
            scripts,
            folder: Vec::new(),
            main: Vec::new(),
            place: Vec::new(),
            place_admin: Vec::new(),
            front: Front::Plain,
            outlast_only: false,
            long: false,
            busy: false,
            run: Box::new(run),
        }
    }

    /// With this setting in its folder.
    pub fn set(mut self, name: &'static str, value: &'static str) -> Case {
        self.folder.push((name, value));
        self
    }

    /// With this in between.
    pub fn behind(mut self, front: Front) -> Case {
        self.front = front;
        self
    }

    /// Keeps a core busy, for seconds.
    pub fn busy(mut self) -> Case {
        self.busy = true;
        self.long = true;
        self
    }

    /// Takes seconds.
    pub fn long(mut self) -> Case {
        self.long = true;
        self
    }

    /// Asks for what only Outlast has.
    pub fn of_outlast(mut self) -> Case {
        self.outlast_only = true;
        self
    }

    /// Group and name, as tables and `expected.txt` show them.
    pub fn title(&self) -> String {
        format!("{} {}", self.group, self.name)
    }

    /// A name for its folder in the document root.
    pub fn slug(&self) -> String {
        let words: String =
            self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
        let words: Vec<&str> = words.split_whitespace().collect();
        format!("{}-{}", self.group, words.join("-").to_lowercase())
    }

    /// Whether `target` has what the case asks for.
    pub fn applies_to(&self, target: &Target) -> bool {
        let placed = !self.place.is_empty() || !self.place_admin.is_empty();
        let outlast = matches!(target, Target::Outlast(_)) || target.column() == "Outlast";
        let own = !self.outlast_only || outlast;
        own && match target {
            Target::Running { .. } => !placed && self.main.is_empty() && self.front == Front::Plain,
            Target::Outlast(_) => matches!(self.front, Front::Plain | Front::Gzip),
            Target::Fpm { .. } => true,
            Target::Apache { .. } => matches!(self.front, Front::Plain | Front::Gzip),
            // It has one php.ini and nothing else.
            Target::BuiltIn(_) => {
                let both = !self.main.is_empty() && !self.folder.is_empty();
                !placed && !both && self.front == Front::Plain
            }
        }
    }

    /// What the client saw.
    pub fn run(&self, visit: &Visit) -> Result<String, String> {
        (self.run)(visit)
    }
}
