//! Where scripts run without our server: the command line, and CGI.

mod cgi;
mod cli;
mod descriptor;

pub use cgi::CgiSapi;
pub use cli::CliSapi;
