//! Every way a command can end that is not success, and the exit code of each.
//!
//! The exit code is a property of the error, so scripts can tell "no GPU here"
//! from "the GPU computed nonsense". The table in `docs/exit-codes.md` is
//! tested against [`EXIT_CODES`].

use std::path::PathBuf;

/// Result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Each text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Flags that parse but make no sense together.
    #[error("{0}")]
    Usage(String),
    /// Nothing that wgpu can open; what is the matter with the drivers, and what to do.
    #[error(
        "no GPU adapter found, not even a software one\n{0}\n  `tierbench list --why` shows where drivers were looked for"
    )]
    NoAdapter(String),
    /// An adapter was named that is not here, or the one here was refused.
    #[error("{0}")]
    AdapterRefused(String),
    /// A result did not match its reference.
    #[error(
        "{0} of {1} workloads gave results that do not match the reference; their rates are withheld (see `verification` in the record)"
    )]
    Unverified(usize, usize),
    /// The driver, device or memory failed under a workload.
    #[error(
        "{0} of {1} workloads failed; the reason stands beside each, and what was measured is kept"
    )]
    WorkloadFailed(usize, usize),
    /// Process starts that crashed, or that did something else than the plan says.
    #[error(
        "{0} of the process starts did not end as it should; the notes say how, and the others are kept"
    )]
    StartsLost(usize),
    /// Everything that was asked for is beyond this adapter.
    #[error(
        "this adapter can run none of the {0} workloads asked for; the reason stands beside each (`tierbench list` shows the limits)"
    )]
    NothingRan(usize),
    /// The folder for the record cannot be written.
    #[error("cannot write {}: {source}\n  name a writable folder with --out", path.display())]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Stdout cannot be written.
    #[error("cannot write to stdout: {0}\n  what was written to files is kept")]
    Stdout(std::io::Error),
    /// Tuned choices cannot be kept.
    #[error("cannot keep tuned choices in {}: {source}\n  set TIERBENCH_CACHE_DIR to a writable folder", path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A record, chip, rule or profile file cannot be used.
    #[error("{file}: {what}")]
    Input {
        /// The file, as the user named it.
        file: String,
        /// The key and the remedy.
        what: String,
    },
    /// A record whose statements do not follow from its own samples and plan.
    #[error("{file}: the record disagrees with itself; it was edited, or damaged\n  {}", what.join("\n  "))]
    Inconsistent {
        /// The file, as the user named it.
        file: String,
        /// What does not follow, each in a sentence.
        what: Vec<String>,
    },
    /// A file that somebody else will read cannot be written.
    #[error("cannot write {}: {source}\n  name a file in a folder that exists and is writable, or - for stdout", path.display())]
    Export {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A comparison came out as the user said it must not, or a repeated run came out differently.
    #[error("{0}")]
    Regression(String),
    /// A record or a bundle failed a check of `verify`.
    #[error("these checks failed: {0}")]
    CheckFailed(String),
    /// Ctrl-C, a termination signal, or the end of the time that a rerun was given.
    #[error("interrupted; what was done before that is kept")]
    Interrupted,
    /// A fault of this program.
    #[error(
        "internal error: {0}\n  please report it with the command line and `tierbench list --format json`"
    )]
    Internal(String),
}

/// Exit code, short name, meaning: the documented table.
pub const EXIT_CODES: &[(u8, &str, &str)] = &[
    (
        0,
        "success",
        "every workload asked for was measured and verified, or is unsupported and says why",
    ),
    (1, "internal", "a fault of tierbench itself"),
    (2, "usage", "a flag or value is wrong; nothing ran"),
    (3, "no-adapter", "no adapter of any kind was found"),
    (
        4,
        "adapter-refused",
        "the adapter named is not here, or only software is and hardware was required",
    ),
    (5, "unverified", "a result did not match its reference"),
    (6, "workload-failed", "the device, the driver or memory failed during a workload"),
    (7, "nothing-ran", "the adapter supports none of the workloads asked for"),
    (8, "output", "the output folder or file cannot be written"),
    (
        9,
        "input",
        "a file is corrupt, newer than this program, breaks its schema, or disagrees with itself",
    ),
    (
        10,
        "regression",
        "a comparison found what `--fail-on` names, or `audit rerun` a workload that differs; all output is written",
    ),
    (11, "check-failed", "a record or a bundle failed a check of `verify`"),
    (
        130,
        "interrupted",
        "stopped by a signal, or by `audit rerun` when its time was up; what was measured is kept",
    ),
];

impl Error {
    /// The process exit code of this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Internal(_) => 1,
            Self::Usage(_) => 2,
            Self::NoAdapter(_) => 3,
            Self::AdapterRefused(_) => 4,
            Self::Unverified(..) => 5,
            Self::WorkloadFailed(..) | Self::StartsLost(_) => 6,
            Self::NothingRan(_) => 7,
            Self::Output { .. } | Self::Stdout(_) | Self::Cache { .. } | Self::Export { .. } => 8,
            Self::Input { .. } | Self::Inconsistent { .. } => 9,
            Self::Regression(_) => 10,
            Self::CheckFailed(_) => 11,
            Self::Interrupted => 130,
        }
    }

    /// An unusable input file. Its name and what stands in it are somebody else's words.
    pub fn input(file: impl AsRef<str>, what: impl AsRef<str>) -> Self {
        let safe = |text: &str| crate::shown::clean(text).into_owned();
        Self::Input { file: safe(file.as_ref()), what: safe(what.as_ref()) }
    }
}
