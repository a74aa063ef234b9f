//! The server over real sockets.

mod common;
mod disconnect;
mod serving;
