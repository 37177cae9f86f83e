//! `tierbench` measures what a GPU really does on matrix multiply and attention, through WGSL and
//! wgpu, and says what that proves about the chip tiers that export thresholds are built on.
//!
//! The regulated quantities are theoretical peaks; a measured rate is a **lower bound** on them.
//! A run can prove "at or above a limit" and can contradict a declaration. It never proves "below".
//!
//! The modules in the order in which data flows through them; each uses earlier ones only:
//!
//! | stage | question |
//! |---|---|
//! | [`adapter`] | which device is this? |
//! | [`workload`] | what do we run? |
//! | [`measure`] | how long did it take? |
//! | [`check`] | was it really done? |
//! | [`tune`](mod@tune) | which kernel is best here? |
//! | [`record`] | what do we keep? |
//! | [`normalize`] | what does it mean in regulated quantities? |
//! | [`verdict`] | what may we say? |
//! | [`report`] | who reads it? |
//!
//! A workload from start to verdict:
//! ```
//! use std::sync::atomic::AtomicBool;
//! use tierbench::{adapter, normalize::Book, plan::Plan, run, tune::Cache};
//!
//! # fn main() -> tierbench::error::Result<()> {
//! let found = adapter::choose(adapter::find_all(), None, false)?;
//! let workload = "matmul:f32:64x64x64".parse().expect("a workload");
//! let plan = Plan::new("smoke", vec![workload], found.identity.software, None)?;
//! let (cache, book) = (Cache::empty(), Book::load()?);
//! let interrupted = AtomicBool::new(false);
//! let request = run::Request {
//!     machine: &run::ThisMachine, found: &found, plan: &plan, cache: &cache, book: &book,
//!     attest: &[], interrupted: &interrupted, listener: &run::Silent,
//! };
//! let (record, folder) = run::run_to_new_folder(&request, &std::env::temp_dir().join("tierbench-doc"))?;
//! println!("{:?} operations per second", record.workloads[0].ops_per_s());
//! # std::fs::remove_dir_all(folder.path()).expect("the folder of this run");
//! # run::outcome(&record)
//! # }
//! ```
//!
//! [`plan`] says what a run shall do, and [`run`](mod@run) is the main job: all stages in order. [`tune`](mod@tune)
//! is a side room of it: a run takes what an earlier search found.

pub mod digest;
pub mod error;
pub mod files;
pub mod names;
pub mod program;
pub mod shown;
pub mod stats;
pub mod units;

pub mod adapter;
pub mod telemetry;
pub mod workload;
pub mod measure;
pub mod check;
pub mod tune;
pub mod record;
pub mod import;
pub mod normalize;
pub mod verdict;
pub mod conclude;
pub mod compare;
pub mod audit;
pub mod report;

pub mod cli;
pub mod plan;
pub mod run;
