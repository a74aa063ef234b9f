//! The command line.

use super::descriptor::Descriptor;
use outlast_vm::sapi::{ClientGone, Sapi};

/// Output goes to standard output at once; there are no headers.
pub struct CliSapi {
    output: Descriptor,
    errors: Descriptor,
}

impl CliSapi {
    /// On the process's own standard output and error.
    pub fn new() -> CliSapi {
        CliSapi {
            output: Descriptor::of(std::io::stdout()),
            errors: Descriptor::of(std::io::stderr()),
        }
    }
}

impl Default for CliSapi {
    fn default() -> CliSapi {
        CliSapi::new()
    }
}

impl Sapi for CliSapi {
    fn name(&self) -> &'static str {
        "cli"
    }

    fn send_headers(&mut self, _: u16, _: Option<&str>, _: &[(String, Vec<u8>)]) {}

    fn write(&mut self, bytes: &[u8]) -> Result<(), ClientGone> {
        self.output.write(bytes).map_err(|_| ClientGone)
    }

    fn flush(&mut self) -> Result<(), ClientGone> {
        Ok(())
    }

    fn log(&mut self, message: &[u8]) {
        self.stderr(&[message, b"\n"].concat());
    }

    fn log_to(&mut self, file: &[u8], message: &[u8]) {
        if !super::append_to_error_log(file, message) {
            self.log(message);
        }
    }

    fn stderr(&mut self, bytes: &[u8]) {
        // Nobody can be told that standard error is closed.
        let _ = self.errors.write(bytes);
    }
}
