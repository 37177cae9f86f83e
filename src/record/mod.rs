//! Stage 5: what do we keep?
//!
//! Plain structs: `record.json`, and `samples.jsonl` under its digest. Keys carry units; unsupported, failed and measured are
//! three states; a figure that is not known is null or absent, never 0. The doc comments here are
//! the descriptions in `schemas/record-v2.schema.json`.

mod conclusion;
mod evidence;
mod external;
mod planned;
mod read;
mod results;
mod run;
mod samples;
mod schema1;
mod strict;
mod workload;
mod write;

pub use conclusion::{
    Conclusion, Declared, EstimatedTier, Finding, Measured, Peak, Quantities, Quantity, Ratio, Tier,
};
pub use evidence::{Attestation, Challenge, LARGEST_ANSWER, StartRecord, Statement};
pub use external::{DeviceIdentity, EXTERNAL_SCHEMA, External, ExternalFigure, LeftOut};

pub use planned::{DecisionRule, PlanRecord};
pub use read::{Document, document, open, read};
pub use results::{Committed, RESULTS};
pub use run::{Environment, Note, Origin, Record, SCHEMA, Tick, Tool};
pub use samples::{Attachment, SAMPLES, Span};
pub use schema1::SCHEMA_1;
pub use workload::{State, Summary, WorkloadRecord};
pub use write::Folder;
