//! Where scripts run without our server: the command line, and CGI.

mod cgi;
mod cli;
mod descriptor;
mod error_log;

pub use cgi::CgiSapi;
pub use cli::CliSapi;
pub use error_log::append as append_to_error_log;
