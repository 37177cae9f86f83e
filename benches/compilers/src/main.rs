//! What drivers' compilers make of tierbench's kernels, counted in their final code. See README.md.

#![expect(clippy::print_stdout, reason = "what the program is asked for goes to stdout, from here alone")]

mod driver;
mod hot;
mod isa;
mod kernels;
mod limits;
mod row;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
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
        Command::Measure { driver, out, code } => {
            let report = measure(driver, code.as_deref())?;
            std::fs::write(&out, report.to_json()?).with_context(|| out.display().to_string())?;
        }
        Command::Table { reports } => print!("{}", table::markdown(&read(&reports)?)?),
        Command::Diff { before, reports } => {
            let names = reports.iter().filter_map(|path| path.file_name()).map(|name| before.join(name));
            let before: Vec<PathBuf> = names.filter(|path| path.exists()).collect();
            let lines = table::diff(&read(&before)?, &read(&reports)?)?;
            lines.iter().for_each(|line| println!("{line}"));
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

fn measure(driver: String, code: Option<&Path>) -> Result<Report> {
    let found = adapter::choose(adapter::find_all(), None, false)?;
    let watched = driver::Watched::open(&found)?;
    let (kernels, refused) = kernels::all(&found.capability)?;
    let mut report =
        Report { driver, adapter: found.identity.line(), refused, failed: Vec::new(), rows: Vec::new() };
    for (index, kernel) in kernels.iter().enumerate() {
        let name = format!("{} {} {}", kernel.workloads[0], kernel.name, kernel.parameters);
        let compiled = watched.compile(&kernel.name, &kernel.source);
        if let (Ok(compiled), Some(folder)) = (&compiled, code) {
            keep(folder, &format!("{index:03}-{}", kernel.name), compiled, &kernel.source)?;
        }
        match compiled.and_then(|compiled| Row::new(kernel, &compiled)) {
            Ok(row) => report.rows.push(row),
            Err(error) => report.failed.push(format!("{name}: {error:#}")),
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
    let limits: limits::Limits = toml::from_str(&text).with_context(|| limits.display().to_string())?;
    let outcome = limits.check(reports)?;
    outcome.notes.iter().for_each(|note| println!("note: {note}"));
    outcome.broken.iter().for_each(|line| println!("BROKEN: {line}"));
    let failed: Vec<String> =
        reports.iter().flat_map(|r| r.failed.iter().map(move |line| format!("{} {line}", r.driver))).collect();
    failed.iter().for_each(|line| println!("DOES NOT COMPILE: {line}"));
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
