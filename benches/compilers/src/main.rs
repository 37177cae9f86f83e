//! What drivers' compilers make of tierbench's kernels, counted in their final code. See README.md.

#![expect(
    clippy::print_stdout,
    reason = "what the program is asked for goes to stdout, from here alone"
)]

mod driver;
mod hot;
mod isa;
mod kernels;
mod limits;
mod row;
mod table;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Error, Result};
use clap::{Parser, Subcommand};
use serde::{Deserialize, Serialize};
use tierbench::adapter;

use row::{Report, Row};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compile every kernel on the driver that is here, and write what came out as JSON.
    Measure {
        /// Kind of driver, as it shall stand in the report.
        #[arg(long)]
        driver: String,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
        /// Folder for the final code of every kernel.
        #[arg(long)]
        code: Option<PathBuf>,
        /// Open the device without the driver's checks of every access, as `tierbench` cannot.
        #[arg(long)]
        unchecked: bool,
    },
    /// Print reports as Markdown.
    Table {
        /// Reports that `measure` wrote.
        #[arg(required = true)]
        reports: Vec<PathBuf>,
    },
    /// Print what changed against the reports of the same names in another folder.
    Diff {
        /// Folder with the reports of before.
        #[arg(long)]
        before: PathBuf,
        /// Reports that `measure` wrote.
        #[arg(required = true)]
        reports: Vec<PathBuf>,
    },
    /// Compare reports with limits; exit code 1 where one does not hold or a kernel did not compile.
    Check {
        /// Limits, as in limits.toml.
        #[arg(long)]
        limits: PathBuf,
        /// Reports that `measure` wrote.
        #[arg(required = true)]
        reports: Vec<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tierbench-compilers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Measure { driver, out, code, unchecked } => {
            let report = measure(driver, &out, code.as_deref(), unchecked)?;
            std::fs::write(&out, report.to_json()?).with_context(|| out.display().to_string())?;
        }
        Command::Table { reports } => print!("{}", table::markdown(&read(&reports)?)?),
        Command::Diff { before, reports } => {
            let names =
                reports.iter().filter_map(|path| path.file_name()).map(|name| before.join(name));
            let before: Vec<PathBuf> = names.filter(|path| path.exists()).collect();
            let lines = table::diff(&read(&before)?, &read(&reports)?)?;
            for line in &lines {
                println!("{line}");
            }
            println!("{} kernels changed", lines.len());
        }
        Command::Check { limits, reports } => return check(&limits, &read(&reports)?),
    }
    Ok(ExitCode::SUCCESS)
}

fn read(paths: &[PathBuf]) -> Result<Vec<Report>> {
    let one = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    };
    paths.iter().map(one).collect()
}

/// A compiler may take the process with it. So each kernel is noted before and after; who is started again with
/// the same file goes on behind the one that did not come back.
#[derive(Serialize, Deserialize)]
enum Note {
    Started,
    Row(Box<Row>),
    Failed(String),
}

fn measure(driver: String, out: &Path, code: Option<&Path>, unchecked: bool) -> Result<Report> {
    let found = adapter::choose(adapter::find_all(), None, false)?;
    let watched = driver::Watched::open(&found, !unchecked)?;
    let (kernels, refused) = kernels::all(&found.capability)?;
    let part = out.with_extension("part");
    let known = std::fs::read_to_string(&part).unwrap_or_default();
    let mut notes: Vec<Note> = known.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&part)?;
    let mut write =
        |note: &Note| writeln!(file, "{}", serde_json::to_string(note)?).map_err(Error::from);
    if matches!(notes.last(), Some(Note::Started)) {
        let note = Note::Failed("the driver's compiler ended the process".to_owned());
        write(&note)?;
        notes.push(note);
    }
    notes.retain(|note| !matches!(note, Note::Started));
    for (index, kernel) in kernels.iter().enumerate().skip(notes.len()) {
        write(&Note::Started)?;
        let compiled = watched.compile(&kernel.name, &kernel.source);
        if let (Ok(compiled), Some(folder)) = (&compiled, code) {
            keep(folder, &format!("{index:03}-{}", kernel.name), compiled, &kernel.source)?;
        }
        let note = match compiled.and_then(|compiled| Row::new(kernel, &compiled)) {
            Ok(row) => Note::Row(Box::new(row)),
            Err(error) => Note::Failed(format!("{error:#}")),
        };
        write(&note)?;
        notes.push(note);
    }
    std::fs::remove_file(&part)?;
    let mut report = Report {
        driver,
        adapter: found.identity.line(),
        refused,
        failed: Vec::new(),
        rows: Vec::new(),
    };
    for (kernel, note) in kernels.iter().zip(notes) {
        match note {
            Note::Started => {}
            Note::Row(row) => report.add(*row),
            Note::Failed(why) => {
                let name = format!("{} {} {}", kernel.workloads[0], kernel.name, kernel.parameters);
                report.failed.push(format!("{name}: {why}"));
            }
        }
    }
    Ok(report)
}

fn keep(folder: &Path, name: &str, compiled: &driver::Compiled, source: &str) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{name}.wgsl")), source)?;
    for (kind, text) in compiled.texts.iter().filter(|(_, text)| !text.is_empty()) {
        let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).collect();
        std::fs::write(folder.join(format!("{name}.{kind}.txt")), text)?;
    }
    Ok(())
}

fn check(limits: &Path, reports: &[Report]) -> Result<ExitCode> {
    let text = std::fs::read_to_string(limits).with_context(|| limits.display().to_string())?;
    let limits: limits::Limits =
        toml::from_str(&text).with_context(|| limits.display().to_string())?;
    let outcome = limits.check(reports)?;
    for note in &outcome.notes {
        println!("note: {note}");
    }
    for line in &outcome.broken {
        println!("BROKEN: {line}");
    }
    let failed: Vec<String> = reports.iter().flat_map(Report::failures).collect();
    for line in &failed {
        println!("DOES NOT COMPILE: {line}");
    }
    println!(
        "{} drivers, {} kernels compiled, {} not; {} comparisons with limits, {} broken",
        reports.len(),
        reports.iter().map(|report| report.rows.len()).sum::<usize>(),
        failed.len(),
        outcome.compared,
        outcome.broken.len()
    );
    let good = outcome.broken.is_empty() && failed.is_empty();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
