//! Ctrl-C and termination.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::output::say;
use crate::error::{Error, Result};

/// Set by the first Ctrl-C or termination signal; a second one ends the process at once. A terminal sends
/// Ctrl-C to process starts as well: those are quiet, the process that made them says it.
pub(super) fn interrupt_flag(quiet: bool) -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = flag.clone();
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(Error::Interrupted.exit_code()));
        }
        if quiet {
            return;
        }
        say("\ninterrupted: keeping what was measured (again to stop at once)");
    })
    .map_err(|e| Error::Internal(format!("no signal handler: {e}")))?;
    Ok(flag)
}

/// Sets the flag when standard input ends. A process start is stopped so by the process that made it: on
/// purpose, or because that one is gone.
pub(super) fn interrupt_when_stdin_closes(flag: &Arc<AtomicBool>) {
    let set = flag.clone();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        set.store(true, Ordering::SeqCst);
    });
}
