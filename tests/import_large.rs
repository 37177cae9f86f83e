//! Files of native tools that are far larger than any real one: read in memory that grows with them at most tenfold
//! (JSON: twentyfold), and in seconds.
#![cfg(unix)]

use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;

/// Bytes that every file is blown up to.
const SIZE: usize = 3_000_000;
/// Address space that the program takes for itself.
const OWN_KIB: usize = 45_000;
const LONGEST: Duration = Duration::from_secs(30);

/// The list with the most elements that are objects, anywhere in the document.
fn longest_list(value: &mut Value) -> Option<&mut Vec<Value>> {
    fn length(value: &Value) -> usize {
        let inner = match value {
            Value::Array(all) => all.iter().map(length).max(),
            Value::Object(all) => all.values().map(length).max(),
            _ => None,
        };
        let own = value.as_array().filter(|all| all.iter().any(Value::is_object)).map(Vec::len);
        inner.unwrap_or(0).max(own.unwrap_or(0))
    }
    let most = length(value);
    if value.as_array().is_some_and(|all| all.len() == most && all[0].is_object()) {
        return value.as_array_mut();
    }
    match value {
        Value::Array(all) => all.iter_mut().find(|v| length(v) == most).and_then(longest_list),
        Value::Object(all) => all.values_mut().find(|v| length(v) == most).and_then(longest_list),
        _ => None,
    }
}

/// The same file, so long: of JSON its longest list, of XML what stands in its first run or device, of text all lines.
fn blown_up(text: &str, extension: &str) -> String {
    match extension {
        "json" => {
            let mut value: Value = serde_json::from_str(text).unwrap();
            let list = longest_list(&mut value).unwrap();
            let one = list.iter().map(|v| v.to_string().len() + 1).sum::<usize>();
            let original = list.clone();
            for _ in 0..SIZE / one {
                list.extend(original.iter().cloned());
            }
            value.to_string()
        }
        "xml" => {
            let begin = text.find("<category").or_else(|| text.find("<global_memory")).unwrap_or(0);
            let end = text.find("</run>").or_else(|| text.find("</device>")).unwrap_or(text.len());
            let inner = &text[begin..end];
            format!("{}{}{}", &text[..begin], inner.repeat(SIZE / inner.len()), &text[end..])
        }
        _ => text.repeat(SIZE / text.len()),
    }
}

#[test]
fn large_files_of_every_form_are_read_within_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let program = assert_cmd::cargo::cargo_bin("tierbench");
    let mut read = 0;
    for entry in std::fs::read_dir("tests/fixtures/import").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let extension = path.extension().unwrap().to_string_lossy().into_owned();
        if name == "README.md" || name == "mamf-finder-interrupted.log" {
            continue;
        }
        let text = blown_up(&std::fs::read_to_string(&path).unwrap(), &extension);
        let file = folder.path().join(&name);
        std::fs::write(&file, &text).unwrap();
        let times = if extension.starts_with("json") { 20 } else { 10 };
        let most_kib = OWN_KIB + times * text.len() / 1024;
        let out = folder.path().join(format!("{name}.out"));
        let output = limited(most_kib, &program, &file, &out);
        let code = output.status.code();
        let stderr = String::from_utf8_lossy(&output.stderr);
        // So many devices or tests are refused; everything else is read.
        let fine = code == Some(0) || code == Some(9) && stderr.contains("more than");
        assert!(fine, "{name}, {} bytes: {:?} {stderr}", text.len(), output.status);
        read += usize::from(code == Some(0));
        std::fs::remove_file(file).unwrap();
    }
    assert!(read > 30, "only {read} were read");
}

fn limited(most_kib: usize, program: &Path, file: &Path, out: &Path) -> std::process::Output {
    let line = format!(
        "ulimit -v {most_kib} && exec '{}' import '{}' --out '{}' >/dev/null",
        program.display(),
        file.display(),
        out.display()
    );
    Command::new("sh").args(["-c", &line]).timeout(LONGEST).output().unwrap()
}
