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
//! [`plan`] says what a run shall do, and [`run`](mod@run) is the main job: all stages in order. [`tune`](mod@tune)
//! is a side room of it: a run takes what an earlier search found.

pub mod error;
pub mod stats;
pub mod units;

pub mod adapter;
pub mod workload;
pub mod measure;
pub mod check;
pub mod tune;
pub mod record;
pub mod normalize;
pub mod verdict;
pub mod report;

pub mod cli;
pub mod plan;
pub mod run;
