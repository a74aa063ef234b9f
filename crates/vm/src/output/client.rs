//! What leaves the buffers: headers, bytes, flushes, and the client that may be gone.

use crate::sapi::{ClientGone, Sapi};
use crate::{Cx, Ret, Unwind};
use outlast_lifecycle::{Output, Verdict};

/// Stands in the context for the sapi while that one waits for the client; no code runs that could ask it.
struct Lent;

impl Sapi for Lent {
    fn name(&self) -> &'static str {
        ""
    }
    fn send_headers(&mut self, _: u16, _: Option<&str>, _: &[(String, Vec<u8>)]) {}
    fn write(&mut self, _: &[u8]) -> Result<(), ClientGone> {
        Ok(())
    }
    fn flush(&mut self) -> Result<(), ClientGone> {
        Ok(())
    }
    fn log(&mut self, _: &[u8]) {}
}

impl Cx {
    /// Sends bytes to the client, headers first.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Ret<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.send_headers()?;
        if self.out.closed || !self.may_send(Output::Write)? {
            return Ok(());
        }
        if self.with_client(|sapi| sapi.write(bytes))?.is_err() {
            return self.client_left(Output::Write);
        }
        if self.out.implicit_flush && self.with_client(|sapi| sapi.flush())?.is_err() {
            return self.client_left(Output::Flush);
        }
        Ok(())
    }

    /// `flush()`: hands what was sent so far to the client. With the client gone this is where a
    /// script learns of it.
    pub fn flush(&mut self) -> Ret<()> {
        self.send_headers()?;
        if self.out.closed || !self.may_send(Output::Flush)? {
            return Ok(());
        }
        if self.with_client(|sapi| sapi.flush())?.is_err() {
            return self.client_left(Output::Flush);
        }
        Ok(())
    }

    /// Calls the sapi for something that parks the script while its client does not read.
    fn with_client<R>(&mut self, call: impl FnOnce(&mut dyn Sapi) -> R) -> Ret<R> {
        self.parked_in_sapi("client", call)
    }

    /// Calls the sapi for something that parks the script for what `wait` names in one word. No PHP code runs
    /// meanwhile.
    pub fn parked_in_sapi<R>(
        &mut self,
        wait: &'static str,
        call: impl FnOnce(&mut dyn Sapi) -> R,
    ) -> Ret<R> {
        // It is out of the context meanwhile, since others may look into that one.
        let mut sapi = std::mem::replace(&mut self.sapi, Box::new(Lent));
        let result = self.parked_quietly(wait, || call(&mut *sapi));
        self.sapi = sapi;
        result
    }

    fn may_send(&mut self, output: Output) -> Ret<bool> {
        match self.lifecycle.output(output) {
            Verdict::Deliver => Ok(true),
            Verdict::Discard => Ok(false),
            Verdict::Stop(stop) => Err(Unwind::Stop(stop)),
        }
    }

    #[cold]
    fn client_left(&mut self, output: Output) -> Ret<()> {
        self.lifecycle.client_left();
        self.may_send(output).map(|_| ())
    }

    /// `fastcgi_finish_request`: everything is sent and the response ends; the script runs on and
    /// what it writes is dropped. False if that was done before or there is no response to end.
    pub fn finish_request(&mut self) -> Ret<bool> {
        if self.lifecycle.response_finished() {
            return Ok(false);
        }
        self.ob_end_all()?;
        self.send_headers()?;
        if self.may_send(Output::Write)? {
            // Whether the client is still there does not matter to a script that is done with it.
            let _ = self.with_client(|sapi| sapi.flush())?;
        }
        if !self.with_client(|sapi| sapi.finish())? {
            return Ok(false);
        }
        // A server that watches the connection has told the lifecycle by itself.
        self.lifecycle.finish_response();
        Ok(true)
    }

    /// The request is over: nothing is sent any more.
    pub(crate) fn close_output(&mut self) {
        self.out.closed = true;
    }
}
