//! Can a stranger re-derive it? Named checks on a record, on a machine without a GPU or a network.
//!
//! They find what was edited, swapped or left out. They cannot show that the run took place: whoever writes a record
//! that is consistent passes them all, and docs/auditor.md says what narrows that.

mod beside;
mod bundle;
mod challenge;
mod complete;
mod dsse;
mod folder;
mod kernels;
mod laboratory;
mod level;
mod outcome;
mod rerun;
mod results;
mod rules;
mod sample;
mod verify;

pub use bundle::{ENVELOPE, SCOPE, STATEMENT, is_bundle, pack, sign, signatures};
pub use challenge::challenge;
pub use dsse::{PAYLOAD_TYPE, fresh_key, pae, public_key_id};
pub use folder::{of_bundle, of_bytes, of_record};
pub(crate) use laboratory::days;
pub use laboratory::{
    Activity, Authoriser, Customer, ExternalResult, Identification, LABORATORY_TEMPLATE,
    LARGEST_LABORATORY_BYTES, Laboratory, LaboratoryFile, StatedSampling, TestedItem, Witness,
};
pub use level::{AspectLevel, Level, Levels, NEVER_BY_FILES, levels};
pub use outcome::{Check, Outcome};
pub use rerun::{RERUN_SCHEMA, Repeat, Rerun, Sameness, TOLERANCE_PERCENT, rerun};
pub use sample::{Catch, LARGEST_LOT, LARGEST_SAMPLE, SAMPLING_SCHEMA, Sampling, sample};
pub use verify::{Subject, VERIFICATION_SCHEMA, Verification, unreadable, verify};
