//! `tierbench`: see the library's documentation, or `tierbench --help`.

use std::process::ExitCode;

use tierbench::cli::{People, execute, say};

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("error"))
        // Drivers that are installed without their hardware are no news to anybody.
        .filter_module("wgpu_hal", log::LevelFilter::Off)
        .target(env_logger::Target::Pipe(Box::new(People)))
        .init();
    match execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
