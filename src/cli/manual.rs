//! `completions` and `man`, made from the command line's own definition.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Args;
use super::output::{print, say};
use crate::error::{Error, Result};

/// A shell's completions on stdout.
pub(super) fn completions(shell: Shell) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "tierbench", &mut text);
    print(&String::from_utf8_lossy(&text))
}

/// A page for each command into a folder.
pub(super) fn pages(out: &Path) -> Result<()> {
    let fail = |source| Error::Output { path: out.to_owned(), source };
    std::fs::create_dir_all(out).map_err(fail)?;
    clap_mangen::generate_to(Args::command(), out).map_err(fail)?;
    say(format_args!("manual pages: {}", out.display()));
    Ok(())
}
