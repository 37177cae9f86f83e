//! The commands in README.md and docs/ print what stands below them.

#[cfg(unix)]
mod common;

#[test]
fn console_blocks_are_what_the_program_prints() {
    trycmd::TestCases::new().case("README.md").case("docs/*.md");
}

/// The page for sceptics follows one workload of the committed audit; its figures are recomputed here from
/// the raw samples.
#[test]
fn the_page_from_samples_to_verdict_holds_the_records_figures() {
    use tierbench::measure::Phase;
    use tierbench::stats::{median, uncertainty::relative_deviation};

    let page = std::fs::read_to_string("docs/from-samples-to-verdict.md").unwrap();
    let folder = page.split('`').find(|word| word.ends_with("/record.json")).unwrap();
    let record = tierbench::record::read(folder.as_ref()).unwrap();
    let has = |text: String| assert!(page.contains(&text), "the page lacks {text:?}");
    assert_eq!(record.plan.as_ref().unwrap().digest().ok(), record.plan_sha256);
    has(record.plan_sha256.clone().unwrap());
    let w = record.workloads.iter().find(|w| w.label() == "matmul f32 512x512x512").unwrap();
    let summary = w.summary.as_ref().unwrap();
    let starts: Vec<f64> = (0..5)
        .map(|process| {
            let timed =
                w.samples.iter().filter(|s| s.process == process && s.phase == Phase::Timed);
            median(&timed.filter_map(|s| s.ns_per_dispatch(summary.clock)).collect::<Vec<_>>())
                .unwrap()
        })
        .collect();
    for start in &starts {
        has(format!("{start:.0}"));
    }
    let ns = median(&starts).unwrap();
    assert!((ns - summary.median_ns).abs() < 1e-6);
    has(format!("{:.2} GFLOP/s", w.work.ops as f64 / ns));
    let scatter = relative_deviation(&starts).unwrap() / 5f64.sqrt();
    has(format!("{:.3} %", 100.0 * scatter));
    let budget = summary.uncertainty.as_ref().unwrap();
    let combined: f64 = budget.components.iter().map(|c| c.relative.powi(2)).sum::<f64>().sqrt();
    has(format!("{:.2} %", 100.0 * combined * budget.coverage_factor));
    assert!(w.samples.iter().all(|sample| sample.proven == Some(true)));
    let tpp = &record.conclusion.quantities.tpp;
    has(format!("{:.4}", tpp.demonstrated.unwrap()));
    has(format!("{:.4}", tpp.demonstrated_lower.unwrap()));
}

/// Each line of shell on that page, where its tools are: what it prints stands below it.
#[cfg(unix)]
#[test]
fn every_line_of_shell_on_that_page_prints_what_stands_below_it() {
    use std::process::Command;

    if Command::new("jq").arg("--version").output().is_err() {
        return common::account("lines_of_shell_in_docs", Some("no jq: install it"));
    }
    common::account("lines_of_shell_in_docs", None);
    let page = std::fs::read_to_string("docs/from-samples-to-verdict.md").unwrap();
    let file = page.split('`').find(|word| word.ends_with("/record.json")).unwrap();
    let folder = std::path::Path::new(file).parent().unwrap();
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut seen = 0;
    for block in blocks {
        let mut lines = block.lines().peekable();
        while let Some(command) = lines.next() {
            let mut expected = Vec::new();
            while let Some(text) = lines.peek().and_then(|line| line.strip_prefix("# ")) {
                expected.push(text);
                lines.next();
            }
            let output = Command::new("sh").args(["-c", command]).current_dir(folder).output();
            let output = output.unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{command}: {said}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "only {seen} lines");
}

/// What the page says about repeats, from the table of those runs, with U as the program makes it: scatter
/// inside the run and what changes between runs. Neighbours agree when they differ by less than the root of
/// U1^2 + U2^2.
#[test]
fn the_repeats_that_the_page_counts_are_in_the_committed_table() {
    use std::collections::BTreeMap;
    use tierbench::check::SHARED_PROCESSORS;
    use tierbench::stats::uncertainty::relative_deviation;

    let page = std::fs::read_to_string("docs/from-samples-to-verdict.md").unwrap();
    let file = page.split('`').find(|word| word.ends_with("/figures.csv")).unwrap();
    let mut reader = csv::Reader::from_path(file).unwrap();
    let rows: Vec<BTreeMap<String, String>> =
        reader.deserialize().map(|row| row.unwrap()).collect();
    let mut by_workload: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    let mut held_back: BTreeMap<&str, bool> = BTreeMap::new();
    for row in &rows {
        held_back.insert(&row["record_id"], row["held_back"] == "true");
        let number = |name: &str| row[name].parse::<f64>().ok();
        let ends = number("ci95_low_ns").zip(number("ci95_high_ns"));
        let Some((ns, (low, high))) = number("median_ns").zip(ends) else { continue };
        let inside = (high - low) / 2.0 / ns / 1.96;
        let key = ["workload", "input_type", "shape"].map(|name| row[name].as_str()).join(" ");
        by_workload.entry(key).or_default().push((ns, 1.96 * inside.hypot(SHARED_PROCESSORS)));
    }
    let has = |said: String| assert!(page.contains(&said), "the page lacks {said:?}");
    let agree = |pair: &&&[(f64, f64)]| {
        let [(a, u), (b, v)] = [pair[0], pair[1]];
        2.0 * (a - b).abs() / (a + b) <= u.hypot(v)
    };
    let pairs: Vec<&[(f64, f64)]> = by_workload.values().flat_map(|all| all.windows(2)).collect();
    let agreeing = pairs.iter().filter(agree).count();
    has(format!("{agreeing} of {} pairs", pairs.len()));
    assert!(agreeing * 20 >= pairs.len() * 19, "{agreeing} of {}", pairs.len());
    let times = |all: &Vec<(f64, f64)>| all.iter().map(|(ns, _)| *ns).collect::<Vec<_>>();
    let squares = by_workload.values().map(|all| relative_deviation(&times(all)).unwrap().powi(2));
    let pooled = (squares.sum::<f64>() / by_workload.len() as f64).sqrt();
    has(format!("{:.1} %", 100.0 * pooled));
    assert!((pooled - SHARED_PROCESSORS).abs() < 0.005, "{pooled}");
    let signs = held_back.values().filter(|held| **held).count();
    has(format!("{signs} of {} runs", held_back.len()));
}

/// The auditor's case, from challenge to report: every block, in order, in an empty folder.
#[cfg(unix)]
#[test]
fn the_auditors_case_runs_from_challenge_to_report() {
    use std::process::Command;

    let has = |program: &str| Command::new(program).arg("--help").output().is_ok();
    if !(has("jq") && has("openssl")) {
        return common::account("auditors_case", Some("no jq or no openssl: install them"));
    }
    common::account("auditors_case", None);
    let page = std::fs::read_to_string("docs/auditor.md").unwrap();
    let case = page.split("## One case").nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks = case.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<&str> = blocks.collect();
    assert!(blocks.len() >= 7, "only {} blocks", blocks.len());
    let folder = tempfile::tempdir().unwrap();
    let program = assert_cmd::cargo::cargo_bin!("tierbench");
    let programs = std::env::var_os("PATH").unwrap();
    let own = program.parent().unwrap().to_owned();
    let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&programs)));
    let mut printed = String::new();
    for block in blocks {
        let mut sh = Command::new("sh");
        let sh = sh.args(["-e", "-c", block]).current_dir(folder.path());
        let output = sh.env("PATH", path.as_ref().unwrap()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{block}\n{said}");
        printed += &String::from_utf8(output.stdout).unwrap();
    }
    for words in [
        "it answers the challenge of",
        "holds for the keys",
        "consistent with itself: yes",
        "Signature Verified Successfully",
        "FAIL  signature",
        "FAIL  identity",
    ] {
        assert!(printed.contains(words), "nothing printed {words:?}:\n{printed}");
    }
    // The plan that was announced is the one in the bundle, and the record's own digest of it.
    let digests: Vec<&str> =
        printed.lines().filter(|line| line.ends_with("  bundle/plan.json")).collect();
    let digest = digests.first().and_then(|line| line.split(' ').next()).unwrap();
    assert!(printed.lines().any(|line| line == digest), "{digest} is not the record's");
    let own = std::fs::read(folder.path().join("plan.json")).unwrap();
    assert_eq!(tierbench::digest::sha256_hex(own), digest);
    // What stands before the case is about a folder that somebody sent.
    let sent =
        std::fs::canonicalize("results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit").unwrap();
    let first = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let first = first.replace("FOLDER", sent.to_str().unwrap());
    let mut sh = Command::new("sh");
    let sh = sh.args(["-e", "-c", &first]).current_dir(folder.path()).env("PATH", path.unwrap());
    let output = sh.output().unwrap();
    assert!(output.status.success(), "{first}\n{}", String::from_utf8_lossy(&output.stderr));
    let report = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(report.contains("relate only to the items tested"));
}
