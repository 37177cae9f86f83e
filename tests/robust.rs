//! What must not end a run, nor lose what it measured: pipes, disks, names, files and other runs.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::{File, read_dir};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

use tierbench::record;

fn tierbench() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("tierbench"))
}

fn run(out: &Path) -> Command {
    let mut command = tierbench();
    command.args(["run", "--profile", "smoke", "--workload", "empty", "--out"]).arg(out);
    command
}

fn records(out: &Path) -> Vec<PathBuf> {
    let folders = read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|folder| folder.join("record.json").exists()).collect()
}

/// A run that came to its end: measured, or on a busy machine without a figure because no clock passed its proof.
/// Then the exit code is 6, and a record says so; any other failure is one.
fn ended(status: ExitStatus, out: &Path) {
    let busy = || {
        let files = records(out).into_iter().map(|folder| folder.join("record.json"));
        let mut texts = files.map(|file| std::fs::read_to_string(file).unwrap());
        status.code() == Some(6) && texts.any(|text| text.contains("no clock can be trusted"))
    };
    assert!(status.success() || busy(), "{status}");
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[test]
fn runs_that_begin_together_have_a_folder_each() {
    let out = tempfile::tempdir().unwrap();
    let start = |_| run(out.path()).args(["--seed", "7"]).stdout(Stdio::null()).spawn().unwrap();
    let children: Vec<_> = (0..3).map(start).collect();
    for mut child in children {
        ended(child.wait().unwrap(), out.path());
    }
    let folders = records(out.path());
    assert_eq!(folders.len(), 3);
    for folder in folders {
        let id = record::read(&folder).unwrap().id;
        assert_eq!(
            OsStr::new(&id),
            folder.file_name().unwrap(),
            "the folder is called like the record"
        );
    }
}

#[test]
fn imports_of_one_name_are_kept_apart() {
    let out = tempfile::tempdir().unwrap();
    let fixture = std::fs::read_to_string("data/measured.csv").unwrap();
    let rows: Vec<&str> = fixture.lines().take(2).collect();
    assert_eq!(rows.len(), 2);
    let file = out.path().join("rows.csv");
    std::fs::write(&file, rows.join("\n")).unwrap();
    for _ in 0..3 {
        let done =
            tierbench().arg("import").arg(&file).arg("--out").arg(out.path()).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    }
    let folders = read_dir(out.path()).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), 3);
}

#[test]
fn two_cards_of_one_name_in_one_file_are_two_results() {
    let out = tempfile::tempdir().unwrap();
    let entry = |value: u32, device: &str| {
        format!(
            r#"{{"backend":"CUDA","platform":"NVIDIA CUDA","device":"{device}","driver":"580",
            "category":"fp_compute","test":"single_precision_compute","metric":"float","unit":"gflops","value":{value}}}"#
        )
    };
    // Names that make one slug.
    let entries = [entry(27_001, "NVIDIA L4"), entry(27_002, "NVIDIA  L4")].join(",");
    let file = out.path().join("two.json");
    let text = format!(
        r#"{{"format_version":2,"clpeak_version":"2.1.2","os":"Linux","devices":[],"entries":[{entries}]}}"#
    );
    std::fs::write(&file, format!("\u{feff}{text}")).unwrap();
    let kept = out.path().join("kept");
    let done = tierbench().arg("import").arg(&file).arg("--out").arg(&kept).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", told(&done));
    let mut ids = Vec::new();
    for folder in read_dir(&kept).unwrap().map(|entry| entry.unwrap().path()) {
        let record::Document::Import(external) = record::open(&folder).unwrap().0 else {
            panic!("{} is no import", folder.display());
        };
        assert_eq!(
            external.file_sha256,
            tierbench::digest::sha256_hex(std::fs::read(&file).unwrap())
        );
        assert_eq!(OsStr::new(&external.id), folder.file_name().unwrap());
        ids.push(external.id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 2, "{ids:?}");
}

#[test]
fn stderr_that_cannot_be_written_ends_nothing() {
    let out = tempfile::tempdir().unwrap();
    let done = run(out.path()).stdout(Stdio::null()).stderr(full()).status().unwrap();
    ended(done, out.path());
    assert_eq!(records(out.path()).len(), 1);
    // A reader that goes away at once, as `2>&1 | head -1` does.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let done = run(out.path()).stdout(Stdio::null()).stderr(writer).status().unwrap();
    ended(done, out.path());
    assert_eq!(records(out.path()).len(), 2);
}

#[test]
fn a_full_stdout_is_told_with_the_record_that_is_kept() {
    let out = tempfile::tempdir().unwrap();
    let done = run(out.path()).stdout(full()).stderr(Stdio::piped()).output().unwrap();
    let told = told(&done);
    assert_eq!(done.status.code(), Some(8), "{told}");
    assert!(told.contains("record.json") && told.contains("stdout"), "{told}");
    assert!(!told.contains("--out"), "{told}");
    assert_eq!(records(out.path()).len(), 1);
}

#[test]
fn variables_and_folders_need_not_be_text() {
    let out = tempfile::tempdir().unwrap();
    let odd = out.path().join(OsStr::from_bytes(b"odd\xff"));
    let done = run(&odd)
        .args(["--process-starts", "2"])
        .env("BAD", OsStr::from_bytes(b"\xe9"))
        .env("MESA_ODD", OsStr::from_bytes(b"\xe9x"))
        .output()
        .unwrap();
    ended(done.status, &odd);
    let record = record::read(&records(&odd)[0]).unwrap();
    assert!(record.environment.variables["MESA_ODD"].ends_with('x'));
}

#[test]
fn a_record_says_which_program_and_libraries_made_it_and_what_could_have_replaced_its_clock() {
    let out = tempfile::tempdir().unwrap();
    let done = run(out.path()).env("FAKETIME", "+0").output().unwrap();
    ended(done.status, out.path());
    let record = record::read(&records(out.path())[0]).unwrap();
    let program = std::fs::read(assert_cmd::cargo::cargo_bin!("tierbench")).unwrap();
    assert_eq!(record.tool.binary_sha256, Some(tierbench::digest::sha256_hex(program)));
    assert!(record.notes.iter().any(|note| note.id == "environment/preload"));
    assert_eq!(record.environment.variables["FAKETIME"], "+0");
    if cfg!(target_os = "linux") {
        assert!(record.environment.driver_files.keys().any(|name| name.contains(".so")));
    }
}

#[test]
fn a_bad_record_keeps_none_of_the_good_ones_from_being_written() {
    let out = tempfile::tempdir().unwrap();
    assert!(run(out.path()).output().unwrap().status.success());
    let good = records(out.path()).remove(0);
    let bad = out.path().join("bad");
    std::fs::create_dir(&bad).unwrap();
    std::fs::write(bad.join("record.json"), "{").unwrap();
    let junit = out.path().join("j.xml");
    let done =
        tierbench().arg("report").args([&good, &bad]).arg("--junit").arg(&junit).output().unwrap();
    assert_eq!(done.status.code(), Some(9));
    assert!(told(&done).contains("bad/record.json"), "{}", told(&done));
    assert!(junit.exists());
    // A folder of records is those in it, the bad one too.
    let done = tierbench().arg("report").arg(out.path()).output().unwrap();
    assert_eq!(done.status.code(), Some(9));
    assert!(String::from_utf8_lossy(&done.stdout).contains("empty"));
}

#[test]
fn no_output_replaces_what_is_read() {
    let out = tempfile::tempdir().unwrap();
    assert!(run(out.path()).output().unwrap().status.success());
    let folder = records(out.path()).remove(0);
    let file = folder.join("record.json");
    let before = std::fs::read(&file).unwrap();
    let link = out.path().join("link.csv");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for (flag, target) in [("--csv", &file), ("--html", &file), ("--markdown", &link)] {
        let done = tierbench().arg("report").arg(&folder).arg(flag).arg(target).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{flag}: {}", told(&done));
        assert!(std::fs::read(&file).unwrap() == before, "{flag} replaced the record");
    }
    let twice = out.path().join("one.txt");
    let mut command = tierbench();
    command.arg("report").arg(&folder).arg("--csv").arg(&twice).arg("--bmf").arg(&twice);
    assert_eq!(command.output().unwrap().status.code(), Some(2));
}
