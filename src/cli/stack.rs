//! Threads for work of a gateway outside of one: with the stack that a worker has, which scripts need.

use super::FAILED;
use super::output::Output;
use crate::script::STACK;

/// Runs `work` on such a thread; gives its exit code.
pub fn run(out: &mut Output, work: impl FnOnce(&mut Output) -> u8 + Send) -> u8 {
    let ran = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, || work(out));
        thread.map(|thread| thread.join().unwrap_or(FAILED))
    });
    match ran {
        Ok(code) => code,
        Err(error) => {
            Output::new().tell(&format!("there is no thread to run this on: {error}\n"));
            FAILED
        }
    }
}
