//! Stage 8: who reads it?
//!
//! The same record as a terminal table for an engineer and as JSON for a program.

mod list;
mod share;
mod table;
mod tune;

pub use list::{list_json, list_text};
pub use table::text;
pub use tune::{tune_json, tune_text};
