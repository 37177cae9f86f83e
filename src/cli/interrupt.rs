//! Ctrl-C and termination.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Set by the first Ctrl-C or termination signal; a second one ends the process at once.
pub(super) fn interrupt_flag() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = flag.clone();
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(Error::Interrupted.exit_code()));
        }
        eprintln!("\ninterrupted: keeping what was measured (again to stop at once)");
    })
    .map_err(|e| Error::Internal(format!("no signal handler: {e}")))?;
    Ok(flag)
}
