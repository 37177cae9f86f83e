//! Everything that a stranger's file goes through without a GPU and without a network, with what must hold of it:
//! nothing panics, no error is a fault of this program, and no text acts on whoever reads it.
//!
//! `tests/fuzz_corpus.rs` takes this file in, and sends the corpus through it.

use tierbench::audit::{self, LaboratoryFile, TOLERANCE_PERCENT, Verification};
use tierbench::compare::compare;
use tierbench::conclude::{Rederived, rederive};
use tierbench::error::{Error, Result};
use tierbench::import;
use tierbench::normalize::{Book, Chip, Demonstrated, Figures, Options, meaning, normalize};
use tierbench::plan::{ChallengeFile, Plan};
use tierbench::record::{self, Document, External, Record};
use tierbench::report::{self, ExportForm, ImportSource, Source, TestReport};
use tierbench::shown::clean_lines;
use tierbench::verdict::{Evidence, Item, classify};

use crate::parts::{CHALLENGE, KEY, LABORATORY, Parts};

/// The day by whose rules things are classified, and a second of the day after.
const DAY: &str = "2026-11-24";
const NOW_S: i64 = 1_795_600_000;

/// The way through, with what every file needs on it.
pub(crate) struct Through {
    book: Book,
    folder: tempfile::TempDir,
    /// For what a bundle must not hold.
    aside: tempfile::TempDir,
    private_key: String,
    public_key: String,
}

impl Through {
    /// Files are written to a temporary folder.
    pub(crate) fn new() -> Self {
        let [folder, aside] =
            [(); 2].map(|()| tempfile::Builder::new().prefix("tierbench-fuzz-").tempdir().unwrap());
        let (private_key, public_key) = audit::fresh_key().unwrap();
        Self { book: Book::load().unwrap(), folder, aside, private_key, public_key }
    }

    /// A folder with a record, an import or a bundle in it: `report`, `classify`, `compare`, `verify` and `audit report`.
    /// Gives what `verify` found.
    pub(crate) fn folder(&self, input: &Parts) -> Option<Verification> {
        let folder = self.folder.path();
        let written = input.write(folder, &self.book);
        let mut keys = Vec::new();
        if let Some(key) = written.get(KEY) {
            if key == b"@key" {
                good(audit::sign(folder, &self.private_key));
                keys.push(self.public_key.clone());
            } else {
                keys.push(String::from_utf8_lossy(key).into_owned());
            }
        }
        match good(record::open(folder)) {
            Some((Document::Run(stored), sha256)) => {
                let beside = Beside { keys: &keys, files: &written };
                self.run(&stored, &sha256, &beside)
            }
            Some((Document::Import(external), sha256)) => {
                let import = ImportSource { external: *external, sha256 };
                self.external(&import);
                harmless("html", good(report::html(&[], &[import], &self.book)));
                None
            }
            None => None,
        }
    }

    /// A file of another program: `import` as what it is recognised as, then what was imported; and as each program's.
    pub(crate) fn other_program(&self, input: &[u8]) {
        let file = self.folder.path().join("input");
        std::fs::write(&file, input).unwrap();
        for format in import::FORMATS {
            let read = good(import::import(&file, Some(format.program)));
            harmless("text", read.and_then(|all| good(report::externals_text(&all, &self.book))));
        }
        let all = good(import::import(&file, None)).unwrap_or_default();
        let read: Vec<ImportSource> = all.into_iter().map(|one| self.read_back(one)).collect();
        for import in &read {
            self.external(import);
        }
        harmless("html", good(report::html(&[], &read, &self.book)));
    }

    /// What is written can be read again, and is the same.
    fn read_back(&self, external: External) -> ImportSource {
        let path = self.folder.path().join("external.json");
        std::fs::write(&path, serde_json::to_vec(&external).unwrap()).unwrap();
        match record::open(&path) {
            Ok((Document::Import(read), sha256)) => {
                assert_eq!(*read, external, "it reads back as another");
                ImportSource { external, sha256 }
            }
            other => panic!("it does not read back as an import: {other:?}"),
        }
    }

    fn external(&self, import: &ImportSource) {
        let (book, external) = (&self.book, &import.external);
        harmless("text", good(report::external_text(external, book)));
        harmless("json", good(report::externals_json(std::slice::from_ref(external))));
        let Some(chip) = good(book.catalogue.of_external(external)) else { return };
        for wrong in [false, true] {
            let shown = Demonstrated::of_external(external, chip, &book.catalogue, wrong);
            let name = external.device.clone().or(external.chip.clone()).unwrap_or_default();
            self.classified((&external.id, name), &shown, chip);
        }
    }

    fn run(&self, stored: &Record, sha256: &str, beside: &Beside<'_>) -> Option<Verification> {
        let (book, folder) = (&self.book, self.folder.path());
        let derived = good(rederive(stored, book))?;
        let mut bytes = if audit::is_bundle(folder) {
            audit::of_bundle(folder, stored, &derived, beside.keys, book)
        } else {
            audit::of_record(folder, stored, book)
        };
        let asked = beside.files.get(CHALLENGE).and_then(|text| self.challenge(text));
        bytes.push(audit::challenge(stored, asked.as_ref()));
        let found = audit::verify(stored, &derived, ("record", sha256), bytes, book, NOW_S);
        harmless("verify", Some(report::verification_text(&found)));
        harmless("verify as JSON", good(report::verification_json(&found)));
        harmless("verify as JUnit", good(report::verification_junit(&found)));
        self.test_report(&derived, sha256, &found, beside);
        run_again(&derived.record, sha256);

        let (record, standing) = (derived.record, derived.standing.text());
        harmless("text", good(report::text(&record, Some(&standing), book)));
        harmless("json", good(report::json(&record)));
        for form in ExportForm::ALL {
            harmless(form.name(), good(form.export(std::slice::from_ref(&record))));
        }
        let lines = good(report::annotations(std::slice::from_ref(&record)));
        harmless("annotations", lines.map(|lines| lines.join("\n")));
        let same = compare(("a", &record), &[("b".into(), record.clone())], 1.0);
        harmless("compare", good(report::comparison_text(&same)));
        harmless("compare as Markdown", good(report::comparison_markdown(&same)));
        harmless("compare as JSON", good(report::comparison_json(&same)));
        let (_, chip) = normalize(&record, book);
        let shown = Demonstrated::of_record(&record, chip.as_ref());
        self.classified((&record.id, record.adapter.name.clone()), &shown, chip.as_ref());
        let source = Source { record, sha256: sha256.into(), standing };
        harmless("html", good(report::html(&[source], &[], book)));
        Some(found)
    }

    fn challenge(&self, text: &[u8]) -> Option<ChallengeFile> {
        let path = self.aside.path().join(CHALLENGE);
        std::fs::write(&path, text).unwrap();
        good(ChallengeFile::read(&path))
    }

    /// As `audit report` makes it.
    fn test_report(
        &self,
        derived: &Rederived,
        sha256: &str,
        found: &Verification,
        beside: &Beside<'_>,
    ) {
        let stated = beside.files.get(LABORATORY).map(|text| String::from_utf8_lossy(text));
        let stated = stated.and_then(|text| good(LaboratoryFile::parse(LABORATORY, &text)));
        let signed = audit::signatures(self.folder.path(), beside.keys).ok().flatten();
        let signers: Vec<String> = signed.into_iter().flatten().map(|(id, _)| id).collect();
        let printed = TestReport {
            record: &derived.record,
            sha256,
            standing: &derived.standing.text(),
            verification: found,
            signers: &signers,
            laboratory: &stated.unwrap_or_default(),
        };
        harmless("test report", good(report::test_report(&printed, &self.book)));
    }

    /// As `classify` says it.
    fn classified(&self, (id, name): (&str, String), shown: &Demonstrated, chip: Option<&Chip>) {
        let (book, options) = (&self.book, Options::default());
        let figures = chip.map(Figures::of).unwrap_or_default();
        let (_, tier) = meaning(shown, &figures, options, book);
        let Some(evidence) = good(Evidence::of(shown, &figures, options, &book.populations)) else {
            return;
        };
        let item = Item {
            kind: "record".into(),
            id: Some(id.into()),
            name,
            grade: chip.map(|chip| chip.grade.clone()),
            sold_as: chip.and_then(|chip| chip.sold_as),
            overrides: Vec::new(),
            external: Vec::new(),
            doubts: shown.doubts.clone(),
        };
        let rules = book.rules.select(DAY, &[], false).unwrap();
        let measured = Some((&evidence, &tier));
        let result = good(classify(book, &rules, item, &figures, options, DAY, measured));
        let Some(result) = result else { return };
        harmless(
            "classify",
            good(report::classification_text(&result, &figures, None, book, true)),
        );
        harmless("classify as JSON", good(report::classification_json(&result, None, book)));
    }
}

/// What is given with a record.
struct Beside<'a> {
    keys: &'a [String],
    files: &'a Parts,
}

/// As `audit rerun` holds a repetition against what was filed: here the same once more.
fn run_again(filed: &Record, sha256: &str) {
    if let Some(Ok(plan)) = filed.plan.as_ref().map(Plan::of_record) {
        let median_ms = |at: usize| {
            let summary = filed.workloads.get(at).and_then(|w| w.verified());
            summary.map_or(0.0, |summary| summary.median_ns / 1e6)
        };
        plan.longest(median_ms);
    }
    let again = audit::rerun(("a", filed, sha256), ("b", filed), TOLERANCE_PERCENT);
    harmless("rerun", good(report::rerun_text(&again)));
    harmless("rerun as JSON", good(report::rerun_json(&again)));
}

/// What came out, or nothing where it was refused for what the file holds.
fn good<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Internal(what)) => panic!("a stranger's file makes an internal error: {what}"),
        Err(error) => {
            harmless("an error", Some(clean_lines(&error.to_string()).into_owned()));
            None
        }
    }
}

/// Nothing in a text acts on a terminal. The csv writer ends its lines as RFC 4180 wants it.
#[track_caller]
fn harmless(what: &str, text: Option<String>) {
    let text = text.unwrap_or_default().replace("\r\n", "\n");
    let acts = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{2028}')
    };
    let found = text.chars().find(acts);
    assert!(found.is_none(), "{what} holds {found:?}");
}
