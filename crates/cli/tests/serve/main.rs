//! `outlast serve`, looked at from outside: real scripts, real clients, clients that leave.

mod aborts;
mod builtin;
mod compression;
mod ends;
mod examples;
mod hostile;
mod output;
mod running;
mod seeds;
mod serving;
mod sessions;
mod settings;
mod site;
mod sqlite;
mod uploads;
