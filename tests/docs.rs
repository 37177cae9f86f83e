//! The commands in README.md and docs/ print what stands below them.

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
    assert_eq!(record.plan.as_ref().unwrap().digest(), *record.plan_sha256.as_ref().unwrap());
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
