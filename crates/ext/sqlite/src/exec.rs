//! Running several statements at once.

use crate::Connection;
use crate::codes::SQLITE_OK;
use crate::statement::Statement;
use outlast_vm::{Cx, Ret};

impl Connection {
    /// Runs all statements of `sql` up to the first that fails; a code of the library.
    pub fn exec(&self, cx: &mut Cx, sql: &[u8]) -> Ret<i32> {
        let end = sql.iter().position(|b| *b == 0).unwrap_or(sql.len());
        let mut rest = &sql[..end];
        loop {
            let (statement, used) = match Statement::prepare_first(cx, self, rest)? {
                Ok(prepared) => prepared,
                Err(code) => return Ok(code),
            };
            rest = &rest[used..];
            while let Some(statement) = &statement {
                match statement.step(cx)? {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(code) => return Ok(code),
                }
            }
            if rest.is_empty() {
                return Ok(SQLITE_OK);
            }
        }
    }
}
