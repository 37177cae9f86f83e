//! The rule book through the command line: worked vectors of the rules and real chips.

use assert_cmd::Command;
use predicates::str::contains;
use serde_json::Value;

fn classify(flags: &[&str]) -> Command {
    let mut command = Command::cargo_bin("tierbench").unwrap();
    command.arg("classify").args(flags);
    command
}

/// Everything that the rule book says about some flags, bills and drafts included.
fn all(flags: &str) -> Value {
    let mut words: Vec<&str> = flags.split_whitespace().collect();
    words.extend(["--all", "--as-of", "2026-11-24", "--format", "json"]);
    let output = classify(&words).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

fn declared<'a>(answer: &'a Value, rule: &str, clause: &str) -> &'a str {
    let findings = answer["findings"].as_array().unwrap();
    let found = findings.iter().find(|f| f["rule"] == rule && f["clause"] == clause);
    found.unwrap_or_else(|| panic!("{rule} {clause} is missing"))["declared"].as_str().unwrap()
}

/// Clauses of 3A090.a and .b that are met, and Note 2.
fn now(answer: &Value) -> Vec<&'static str> {
    let clauses = ["note-2", "a.1", "a.2", "b.1", "b.2"];
    clauses.into_iter().filter(|c| declared(answer, "us-3a090-2023", c) == "met").collect()
}

#[test]
fn vectors_of_3a090_give_their_answers() {
    // regulation.md c.5, A1 to A16: flags, TPP, clauses that hold.
    let cases: &[(&str, &str, f64, &[&str])] = &[
        ("A1", "--tops 8=600 --data-center yes", 4800.0, &["a.1"]),
        ("A2", "--tops 16=300 --data-center yes", 4800.0, &["a.1"]),
        ("A3", "--tops 8=599.875 --data-center no", 4799.0, &["note-2"]),
        ("A4", "--tops 8=599.875 --data-center yes --die-mm2 814", 4799.0, &["b.1", "b.2"]),
        ("A5", "--tops 8=599.875 --data-center yes --die-mm2 800", 4799.0, &["a.2"]),
        ("A6", "--tops 8=199.99875 --data-center yes --die-mm2 10", 1599.99, &[]),
        (
            "A7",
            "--tops 8=200 --data-center yes --quantity performance_density=5.92",
            1600.0,
            &["a.2"],
        ),
        ("A8", "--tops 8=200 --data-center yes --die-mm2 500", 1600.0, &["b.2"]),
        ("A9", "--tops 8=300 --data-center yes --die-mm2 1500", 2400.0, &["b.1"]),
        (
            "A10",
            "--tops 8=299.9875 --data-center yes --quantity performance_density=3.19",
            2399.9,
            &[],
        ),
        (
            "A11",
            "--tops 8=766 --data-center yes --quantity performance_density=4.23",
            6128.0,
            &["a.1", "b.2"],
        ),
        (
            "A12",
            "--tops 16=100 --tops 8=210 --tops 4=400 --data-center yes --die-mm2 1000",
            1680.0,
            &[],
        ),
        // Two dies of 2,500 in one package: units on the item add up.
        ("A13", "--tops 8=625 --data-center yes", 5000.0, &["a.1"]),
        // FP8 x FP4: the larger input counts.
        ("A14", "--tops 8=500 --data-center yes --die-mm2 2000", 4000.0, &["b.1"]),
        // 600 dense, 1,200 sparse: dense counts.
        ("A15", "--tops 8=600 --data-center yes", 4800.0, &["a.1"]),
        (
            "A16",
            "--tops 16=312 --tops 8=624 --tops 4=1248 --tops 1=4992 --data-center yes",
            4992.0,
            &["a.1"],
        ),
    ];
    for (name, flags, tpp, clauses) in cases {
        let answer = all(flags);
        let found = answer["quantities"]["tpp"]["declared"].as_f64().unwrap();
        assert!((found - tpp).abs() < 1e-6, "{name}: TPP {found}");
        assert_eq!(now(&answer), *clauses, "{name}");
    }
}

#[test]
fn vectors_of_the_other_rules_give_their_answers() {
    // A17 to A27: flags, rule, clause, answer.
    let memory = |gb_per_s: f64, mm2: f64| {
        let density = gb_per_s / mm2;
        format!(
            "--quantity memory_bandwidth_density={density} --fact memory_only=yes \
                 --fact co_packaged_with_processor=no"
        )
    };
    let c = "us-3a090c-2024-12";
    for (name, flags, rule, clause, expected) in [
        ("A17", memory(819.0, 110.0), c, "c", "met"),
        ("A17", memory(819.0, 110.0), c, "le-hbm", "not-met"),
        ("A18", memory(300.0, 100.0), c, "c", "met"),
        ("A18", memory(300.0, 100.0), c, "le-hbm", "met"),
        ("A19", memory(200.0, 100.0), c, "c", "not-met"),
        ("A20", memory(330.0, 100.0), c, "c", "met"),
        ("A20", memory(330.0, 100.0), c, "le-hbm", "not-met"),
        ("A21", memory(128.0, 168.0), c, "c", "not-met"),
        (
            "A22",
            "--tops 8=2625 --dram-gb-per-s 1".into(),
            "us-cn-review-2026",
            "eligible",
            "not-met",
        ),
        (
            "A23",
            "--tops 8=2624.99 --dram-gb-per-s 6500".into(),
            "us-cn-review-2026",
            "eligible",
            "not-met",
        ),
        (
            "A24",
            "--dram-gb-per-s 1399 --io-gb-per-s 300".into(),
            "us-letter-2025-04",
            "letter.sum",
            "not-met",
        ),
        (
            "A24",
            "--dram-gb-per-s 1399 --io-gb-per-s 301".into(),
            "us-letter-2025-04",
            "letter.sum",
            "met",
        ),
        (
            "A24",
            "--dram-gb-per-s 1399 --io-gb-per-s 301".into(),
            "us-letter-2025-04",
            "letter.dram",
            "not-met",
        ),
        ("A26", "--quantity app_wt=482.4".into(), "us-app-4a003", "app", "met"),
        ("A27", "--tops 8=600 --io-gb-per-s 599.99".into(), "us-3a090-2022", "a.4", "not-met"),
        ("A27", "--tops 8=600 --io-gb-per-s 600".into(), "us-3a090-2022", "a.4", "met"),
    ] {
        let answer = all(&flags);
        assert_eq!(declared(&answer, rule, clause), expected, "{name}: {flags} {clause}");
    }
    // A25: both weights of APP.
    for (weight, expected) in [("vector", 60.3), ("other", 20.1)] {
        let answer = all(&format!("--fp64-tflops 67 --app-weight {weight}"));
        let app = answer["quantities"]["app_wt"]["declared"].as_f64().unwrap();
        assert!((app - expected).abs() < 1e-9, "A25: {app}");
    }
    // A28: how many cards make a supercomputer, from the margin of its condition.
    for (flags, quantity, cards) in [
        ("--fp64-tflops 67", "fp64_pflops >= 100", 1493.0),
        ("--quantity fp32_pflops=0.067", "fp32_pflops >= 200", 2986.0),
        ("--quantity fp32_pflops=0.044", "fp32_pflops >= 200", 4546.0),
    ] {
        let answer = all(&format!("{flags} --what-if"));
        let margins = answer["what_if"]["margins"].as_array().unwrap();
        let margin = margins.iter().find(|m| m["condition"] == quantity).unwrap();
        assert_eq!(margin["limit_over_declared"].as_f64().unwrap().ceil(), cards, "A28: {flags}");
    }
}

/// Name; dense TOPS x bits; die; data center; DRAM and link GB/s; then the columns of regulation.md c.6:
/// 2022, clauses in force now, review box, tariff box, letter, S.4456 restricted (`-`: not stated).
type Row = (&'static str, f64, f64, f64, bool, f64, f64, [&'static str; 6]);

const CHIPS: &[Row] = &[
    (
        "A100 SXM 80",
        624.0,
        8.0,
        826.0,
        true,
        2039.0,
        600.0,
        ["yes", "a.1", "in", "no", "yes", "no"],
    ),
    ("A800 SXM", 624.0, 8.0, 826.0, true, 2039.0, 400.0, ["no", "a.1", "in", "no", "yes", "no"]),
    ("H100 SXM", 1979.0, 8.0, 814.0, true, 3350.0, 900.0, ["yes", "a.1", "in", "no", "yes", "no"]),
    ("H800 SXM", 1979.0, 8.0, 814.0, true, 3350.0, 400.0, ["no", "a.1", "in", "no", "yes", "no"]),
    ("H100 PCIe", 1513.0, 8.0, 814.0, true, 2000.0, 600.0, ["yes", "a.1", "in", "no", "yes", "no"]),
    ("H200 SXM", 1979.0, 8.0, 814.0, true, 4800.0, 900.0, ["yes", "a.1", "in", "yes", "yes", "no"]),
    ("H200 NVL", 1670.5, 8.0, 814.0, true, 4800.0, 900.0, ["yes", "a.1", "in", "no", "yes", "no"]),
    ("H20", 296.0, 8.0, 814.0, true, 4000.0, 900.0, ["no", "", "-", "no", "yes", "no"]),
    ("L20", 239.0, 8.0, 609.0, true, 864.0, 64.0, ["no", "", "-", "no", "no", "no"]),
    ("L2", 193.0, 8.0, 294.0, true, 300.0, 64.0, ["no", "", "-", "no", "no", "no"]),
    ("L4", 242.0, 8.0, 294.0, true, 300.0, 64.0, ["no", "a.2", "in", "no", "no", "no"]),
    ("L40", 362.0, 8.0, 609.0, true, 864.0, 64.0, ["no", "b.1", "in", "no", "no", "no"]),
    ("L40S", 733.0, 8.0, 609.0, true, 864.0, 64.0, ["no", "a.1", "in", "no", "no", "no"]),
    ("A30", 330.0, 8.0, 826.0, true, 933.0, 200.0, ["no", "b.1", "in", "no", "no", "no"]),
    ("A40", 299.3, 8.0, 628.0, true, 696.0, 112.0, ["no", "b.2", "in", "no", "no", "no"]),
    ("A10", 250.0, 8.0, 628.0, true, 600.0, 64.0, ["no", "", "-", "no", "no", "no"]),
    ("V100 SXM2", 125.0, 16.0, 815.0, true, 900.0, 300.0, ["no", "", "-", "no", "no", "no"]),
    ("RTX 4090", 660.6, 8.0, 609.0, false, 1008.0, 64.0, ["no", "a.1", "in", "no", "no", "no"]),
    ("RTX 4090D", 588.6, 8.0, 609.0, false, 1008.0, 64.0, ["no", "note-2", "-", "no", "no", "no"]),
    ("RTX 4090D dc", 588.6, 8.0, 609.0, true, 1008.0, 64.0, ["no", "a.2", "-", "no", "no", "no"]),
    ("RTX 5090", 1676.0, 4.0, 750.0, false, 1792.0, 128.0, ["no", "a.1", "in", "no", "yes", "no"]),
    (
        "RTX 5090D",
        1187.5,
        4.0,
        750.0,
        false,
        1792.0,
        128.0,
        ["no", "note-2", "-", "no", "yes", "no"],
    ),
    (
        "RTX 5090D V2",
        1187.5,
        4.0,
        750.0,
        false,
        1344.0,
        128.0,
        ["no", "note-2", "-", "no", "no", "no"],
    ),
    ("B100", 7000.0, 4.0, 1628.0, true, 8000.0, 1800.0, ["yes", "a.1", "out", "no", "yes", "yes"]),
    ("B200", 9000.0, 4.0, 1628.0, true, 8000.0, 1800.0, ["yes", "a.1", "out", "no", "yes", "yes"]),
    (
        "B300 low",
        14000.0,
        4.0,
        1628.0,
        true,
        8000.0,
        1800.0,
        ["yes", "a.1", "out", "no", "yes", "yes"],
    ),
    (
        "B300 high",
        15000.0,
        4.0,
        1628.0,
        true,
        8000.0,
        1800.0,
        ["yes", "a.1", "out", "no", "yes", "yes"],
    ),
    ("B30A", 7000.0, 4.0, 814.0, true, 4000.0, 900.0, ["yes", "a.1", "out", "no", "yes", "yes"]),
    // Die areas of MI300 and MI325X are ambiguous: 1,017 mm2 is the compute dies alone.
    ("MI300X", 2614.9, 8.0, 1017.0, true, 5300.0, 896.0, ["yes", "a.1", "in", "no", "yes", "no"]),
    ("MI325X", 2614.9, 8.0, 1017.0, true, 6000.0, 896.0, ["yes", "a.1", "in", "yes", "yes", "no"]),
    (
        "MI325X rounded",
        2600.0,
        8.0,
        1017.0,
        true,
        6000.0,
        896.0,
        ["yes", "a.1", "in", "no", "yes", "no"],
    ),
    ("MI300A", 1961.2, 8.0, 0.0, true, 5300.0, 512.0, ["-", "a.1", "in", "no", "yes", "-"]),
    ("MI210", 181.0, 16.0, 724.0, true, 1638.0, 300.0, ["no", "b.1", "in", "no", "yes", "no"]),
    ("MI250X", 383.0, 16.0, 1448.0, true, 3277.0, 800.0, ["yes", "a.1", "in", "no", "yes", "no"]),
    ("MI355X", 10066.3, 4.0, 0.0, true, 8000.0, 1075.0, ["yes", "a.1", "out", "no", "yes", "yes"]),
    ("Gaudi 3", 1678.0, 16.0, 0.0, true, 3700.0, 1200.0, ["yes", "a.1", "out", "no", "yes", "yes"]),
    ("Ascend 910B", 376.0, 16.0, 0.0, true, 1600.0, 0.0, ["-", "a.1", "-", "-", "-", "-"]),
    ("Ascend 910C", 800.0, 16.0, 0.0, true, 3200.0, 0.0, ["-", "a.1", "-", "-", "-", "-"]),
    ("TPU v5p", 918.0, 8.0, 0.0, true, 2765.0, 0.0, ["-", "a.1", "in", "no", "yes", "-"]),
    ("TPU v6e", 1836.0, 8.0, 0.0, true, 1640.0, 0.0, ["-", "a.1", "in", "no", "yes", "-"]),
    ("TPU v7", 4614.0, 8.0, 0.0, true, 7370.0, 0.0, ["-", "a.1", "out", "no", "yes", "yes"]),
    ("Trainium2", 667.0, 16.0, 0.0, true, 2900.0, 1280.0, ["-", "a.1", "in", "no", "yes", "-"]),
];

#[test]
fn real_chips_come_out_as_in_the_published_table() {
    for (name, tops, bits, die, dc, dram, io, expected) in CHIPS {
        let mut flags = format!(
            "--tops {bits}={tops} --data-center {} --dram-gb-per-s {dram} --fact cpu=no \
             --first-marketed 2025-06-01",
            if *dc { "yes" } else { "no" }
        );
        for (flag, value) in [("--die-mm2", die), ("--io-gb-per-s", io)] {
            if *value > 0.0 {
                flags = format!("{flags} {flag} {value}");
            }
        }
        let answer = all(&flags);
        let [in_2022, clause, review, tariff, letter, restricted] = expected;
        let check = |expected: &str, words: [&str; 2], rule: &str, clauses: &[&str]| {
            if expected == "-" {
                return;
            }
            let any = clauses.iter().any(|c| declared(&answer, rule, c) == "met");
            let found = if any { words[0] } else { words[1] };
            assert_eq!(found, expected, "{name}: {rule}");
        };
        check(in_2022, ["yes", "no"], "us-3a090-2022", &["a.4"]);
        // The review is for items of 3A090.a; the table's column is about the box alone.
        let review = if clause.starts_with("a.") { review } else { "out" };
        check(review, ["in", "out"], "us-cn-review-2026", &["eligible"]);
        check(tariff, ["yes", "no"], "us-tariff232-2026", &["box-h200", "box-mi325x"]);
        let legs = ["letter.dram", "letter.io", "letter.sum"];
        check(letter, ["yes", "no"], "us-letter-2025-04", &legs);
        // The table looks at the figures alone; the bill also asks for a data-center part.
        if *dc {
            check(restricted, ["yes", "no"], "bill-overwatch-s", &["restricted"]);
        }
        assert_eq!(now(&answer).first().copied().unwrap_or_default(), *clause, "{name}");
    }
}

#[test]
fn published_tpp_values_reproduce_from_the_catalogue() {
    // regulation.md (e); tolerance in TPP, with the reason where it is more than rounding.
    for (id, published, tolerance) in [
        ("nv-h20", 2368.0, 0.5),
        ("nv-l20", 1912.0, 2.0), // 239 rounded from 239.2
        ("nv-l2", 1544.0, 0.5),
        ("nv-rtx4090", 5285.0, 1.0),
        ("nv-rtx4090d", 4708.8, 2.0), // published as "10.94 % lower": 4,707 to 4,709
        ("nv-rtx5090", 6704.0, 0.5),
        ("nv-rtx5090d", 4750.0, 0.5),
        ("nv-rtx5090dv2", 4750.0, 0.5),
        ("nv-a800-sxm4-80", 4992.0, 0.5),
        ("nv-h800-sxm", 15832.0, 0.5),
        ("nv-h800-pcie", 12104.0, 0.5),
        ("nv-h200-sxm", 15832.0, 0.5),
        ("nv-h200-nvl", 13364.0, 4.5), // 1,670.5 x 8; 835.5 x 16 is rounded up to 13,368
        ("amd-mi325x", 20919.0, 0.5),
        ("nv-b30a", 28000.0, 0.5),
        ("hw-910b2", 6016.0, 0.5),
        ("hw-910b1", 6400.0, 0.5),
        ("hw-910b3", 5008.0, 0.5),
        ("hw-910b4", 4480.0, 0.5),
        ("hw-910c", 12800.0, 0.5),
    ] {
        let answer = all(&format!("--chip {id}"));
        let found = answer["quantities"]["tpp"]["declared"].as_f64().unwrap();
        assert!((found - published).abs() <= tolerance, "{id}: {found}, published {published}");
    }
}

#[test]
fn readings_that_change_an_answer_are_named() {
    let answer = all("--chip amd-mi325x");
    let changes = answer["options"]["disagreements"].as_array().unwrap();
    let eligible =
        |d: &&Value| d["rule"] == "us-cn-review-2026" && d["option"] == "aggregation=sum";
    assert_eq!(changes.iter().find(eligible).unwrap()["declared"], "not-met");
    // 1,979 x 8 x 1980 / 1830.
    let answer = all("--chip nv-h200-sxm --clock maximum");
    let tpp = answer["quantities"]["tpp"]["declared"].as_f64().unwrap();
    assert!((tpp - 17_129.7).abs() < 0.1, "{tpp}");
    assert_eq!(answer["options"]["clock"], "maximum");
}

#[test]
fn what_if_says_which_figure_flips_a_clause_and_by_how_much() {
    let answer = all("--chip amd-mi325x --what-if");
    let flips = answer["what_if"]["flips"].as_array().unwrap();
    let flip = flips
        .iter()
        .find(|f| f["clause"] == "eligible" && f["figure"] == "tops")
        .expect("the review box can be left");
    assert_eq!(format!("{:.2}", flip["change_percent"].as_f64().unwrap()), "0.39");
    assert_eq!(flip["then_met"], false);
}

#[test]
fn the_date_decides_which_rules_apply() {
    let rules = |day: &str| -> Vec<String> {
        let flags = ["--chip", "nv-h200-sxm", "--as-of", day, "--format", "json"];
        let output = classify(&flags).assert().success().get_output().stdout.clone();
        let answer: Value = serde_json::from_slice(&output).unwrap();
        let findings = answer["findings"].as_array().unwrap();
        for finding in findings {
            let status = finding["status"].as_str().unwrap();
            assert!(!["not_yet_in_effect", "superseded", "bill"].contains(&status), "{finding}");
        }
        findings.iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
    };
    let (early, late) = (rules("2023-06-01"), rules("2026-06-01"));
    assert!(
        early.iter().any(|r| r == "us-3a090-2022") && !early.iter().any(|r| r == "us-3a090-2023")
    );
    assert!(
        late.iter().any(|r| r == "us-3a090-2023") && !late.iter().any(|r| r == "us-3a090-2022")
    );
    assert!(late.iter().any(|r| r == "us-cn-review-2026"));
    assert!(!late.iter().any(|r| r.starts_with("bill-")));
}

#[test]
fn rumoured_figures_say_so_in_every_finding() {
    let catalogue = tierbench::normalize::Catalogue::load().unwrap();
    let rumour = catalogue.chips.iter().find(|chip| chip.grade == "U" && chip.tpp().is_some());
    let answer = all(&format!("--chip {}", rumour.unwrap().id));
    for finding in answer["findings"].as_array().unwrap() {
        let why = finding["why"].to_string();
        assert!(why.contains("unverified (grade U)"), "{finding}");
    }
}

#[test]
fn unknown_is_never_not_met() {
    let answer = all("--dram-gb-per-s 1000 --data-center yes");
    for (rule, clause) in [("us-3a090-2023", "a.1"), ("us-cn-review-2026", "eligible")] {
        assert_eq!(declared(&answer, rule, clause), "undetermined", "{rule} {clause}");
    }
    assert_eq!(answer["quantities"]["tpp"]["declared"], Value::Null);
    assert_eq!(answer["tier"]["declared"], Value::Null);
}

#[test]
fn what_cannot_be_classified_ends_with_the_remedy() {
    for (flags, message) in [
        (vec![], "--tops BITS=VALUE"),
        (vec!["--chip", "nv-h200"], "the nearest are \"nv-h200-"),
        (vec!["--chip", "nv-h20", "some-record.json"], "exclude each other"),
        (vec!["--chip", "nv-h20", "--quantity", "tpp=1"], "replace those"),
        (vec!["--tops", "8=600", "--quantity", "tpp=100"], "--tops says it already"),
        (
            vec!["--dram-gb-per-s", "1", "--quantity", "dram_bandwidth_gb_per_s=2"],
            "--dram-gb-per-s says it already",
        ),
        (vec!["--data-center", "yes", "--fact", "data_center=no"], "--data-center says it already"),
        (vec!["--fact", "cpu=no", "--fact", "cpu=yes"], "another --fact says it already"),
        (vec!["--tops", "8"], "BITS=VALUE"),
        (vec!["--tops", "8=-5"], "above 0"),
        (vec!["--tops", "8=NaN"], "a number is needed"),
        (vec!["--die-mm2", "0", "--tops", "8=5"], "leave the flag out"),
        (vec!["--tops", "8=5", "--data-center", "maybe"], "yes or no"),
        (vec!["--tops", "8=5", "--quantity", "speed=3"], "is not known"),
        (vec!["--tops", "8=5", "--as-of", "tomorrow"], "YYYY-MM-DD"),
        (vec!["--tops", "8=5", "--as-of", "2020-01-01"], "the first rule is of"),
        (vec!["--tops", "8=5", "--rule", "us-3a090"], "the nearest are \"us-3a090-"),
        (vec!["--tops", "8=5", "--clock", "fast"], "data-sheet or maximum"),
    ] {
        classify(&flags).assert().code(2).stderr(contains(message));
    }
}
