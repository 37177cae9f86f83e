//! The HTML report in a real browser, where there is one: `CHROMIUM`, or `chromium` on the path.

mod common;

use assert_cmd::Command;
use tierbench::record;

const RECORDS: [&str; 3] = [
    "results/2026-11-24-llvmpipe-mesa26-epyc-2core-audit",
    "results/2026-11-24-llvmpipe-mesa26-epyc-2core",
    "results/2026-11-24-llvmpipe-mesa22-epyc-2core",
];

/// Widths of a phone and of a desktop window.
const WIDTHS: [u32; 2] = [390, 1280];

fn browser() -> Option<std::path::PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|file| file.exists())
}

/// The page in a frame of each width; a script outside it writes down what it finds.
fn harness(page: &str) -> String {
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let frames: String = WIDTHS
        .iter()
        .map(|w| format!("<iframe width=\"{w}\" height=\"900\" srcdoc=\"{page}\"></iframe>"))
        .collect();
    format!(
        "<!DOCTYPE html><style>iframe{{border:0}}</style><pre id=\"found\"></pre>{frames}<script>
onload = () => {{
  document.getElementById('found').textContent = [...document.querySelectorAll('iframe')].map(f => {{
    const w = f.contentWindow, d = f.contentDocument, e = d.documentElement;
    for (const x of d.querySelectorAll('details')) x.open = true;
    const cut = [...d.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 0)
      .flatMap(s => [...s.querySelectorAll('text')].filter(t => {{
        const a = s.getBoundingClientRect(), b = t.getBoundingClientRect();
        return b.left < a.left - 1 || b.right > a.right + 1 || b.top < a.top - 1 || b.bottom > a.bottom + 1;
      }})).length;
    return [f.width, e.scrollWidth, w.performance.getEntriesByType('resource').length,
      d.querySelectorAll('section').length, cut].join(' ');
  }}).join(';');
}};
</script>"
    )
}

/// A committed run of which every rate is another one: what is said about that has long words.
fn doctored_copy(folder: &std::path::Path) {
    let mut record = record::read(std::path::Path::new(RECORDS[1])).unwrap();
    let samples = record.detach_samples().unwrap();
    for summary in record.workloads.iter_mut().filter_map(|w| w.summary.as_mut()) {
        summary.ops_per_s = summary.ops_per_s.map(|rate| 1000.0 * rate);
    }
    std::fs::create_dir(folder).unwrap();
    std::fs::write(folder.join(record::SAMPLES), samples).unwrap();
    let text = serde_json::to_string(&record).unwrap();
    std::fs::write(folder.join("record.json"), text).unwrap();
}

#[test]
fn the_page_fits_a_phone_and_a_desktop_and_asks_for_nothing() {
    let Some(browser) = browser() else {
        let why = "no chromium: set CHROMIUM or install it";
        return common::account("the_page_fits_a_phone", Some(why));
    };
    common::account("the_page_fits_a_phone", None);
    let folder = tempfile::tempdir().unwrap();
    let doctored = folder.path().join("doctored");
    doctored_copy(&doctored);
    // Imports too: one with long names and many rows, and one that is doubted.
    let imports = folder.path().join("imports");
    for file in ["mixbench_cuda.txt", "cutlass-4.7.gemm.csv", "clpeak2.json"] {
        let mut import = Command::cargo_bin("tierbench").unwrap();
        import.arg("import").arg(format!("tests/fixtures/import/{file}"));
        import.arg("--out").arg(&imports).assert().success();
    }
    let imports = std::fs::read_dir(imports).unwrap().map(|entry| entry.unwrap().path());
    let report = Command::cargo_bin("tierbench")
        .unwrap()
        .arg("report")
        .args(RECORDS)
        .arg(&doctored)
        .args(imports)
        .args(["--html", "-"])
        .assert()
        .code(9);
    let page = String::from_utf8(report.get_output().stdout.clone()).unwrap();
    assert!(page.contains("THIS RECORD DISAGREES WITH ITSELF") && page.contains("DOUBTED"));
    let file = folder.path().join("harness.html");
    std::fs::write(&file, harness(&page)).unwrap();
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .args(["--enable-logging=stderr", "--window-size=1400,2000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .unwrap();
    let (dom, log) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!log.contains("CONSOLE"), "the console is not empty:\n{log}");
    let found = dom.split("<pre id=\"found\">").nth(1).unwrap_or_else(|| panic!("no page:\n{log}"));
    let found: Vec<&str> = found.split("</pre>").next().unwrap().split(';').collect();
    assert_eq!(found.len(), WIDTHS.len(), "{found:?}");
    for (found, width) in found.iter().zip(WIDTHS) {
        let found: Vec<u32> = found.split(' ').map(|x| x.parse().unwrap()).collect();
        assert_eq!(found[0], width);
        assert!(found[1] <= width, "at {width} px the page is {} px wide", found[1]);
        assert_eq!(found[2], 0, "the page asked for something");
        assert!(found[3] >= 20, "only {} sections", found[3]);
        assert_eq!(found[4], 0, "{} labels are cut at {width} px", found[4]);
    }
}

/// The text of each page of a PDF; nothing where no tool for that is here.
fn pages_of(pdf: &std::path::Path) -> Option<Vec<String>> {
    let output = std::process::Command::new("pdftotext").arg("-layout").arg(pdf).arg("-").output();
    let text = String::from_utf8_lossy(&output.ok()?.stdout).into_owned();
    Some(text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect())
}

#[test]
fn the_test_report_prints_its_page_of_how_many_and_its_record_on_each_page() {
    let test = "the_test_report_prints";
    let Some(browser) = browser() else {
        return common::account(test, Some("no chromium: set CHROMIUM or install it"));
    };
    let folder = tempfile::tempdir().unwrap();
    let (page, pdf) = (folder.path().join("report.html"), folder.path().join("report.pdf"));
    let mut report = Command::cargo_bin("tierbench").unwrap();
    report.args(["audit", "report", RECORDS[0], "--out"]).arg(&page).assert().success();
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .args(["--enable-logging=stderr", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", page.display()))
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(!log.contains("CONSOLE"), "the console is not empty:\n{log}");
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF"));
    let Some(pages) = pages_of(&pdf) else {
        return common::account(test, Some("no pdftotext: install poppler-utils"));
    };
    common::account(test, None);
    let record = record::read(std::path::Path::new(RECORDS[0])).unwrap();
    let bytes = std::fs::read(std::path::Path::new(RECORDS[0]).join("record.json")).unwrap();
    let digest = tierbench::digest::sha256_hex(bytes);
    let count = pages.len();
    assert!((5..30).contains(&count), "{count} pages");
    for (at, page) in pages.iter().enumerate() {
        for words in [&format!("Page {} of {count}", at + 1), &record.id, &digest] {
            assert!(page.contains(words.as_str()), "page {} lacks {words}:\n{page}", at + 1);
        }
        let end = page.contains("End of test report 2");
        assert_eq!(end, at + 1 == count, "the end mark on page {}:\n{page}", at + 1);
    }
}
