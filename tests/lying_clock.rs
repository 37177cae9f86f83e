//! A clock that a preloaded library makes run at half or double speed, over the C library and past it.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

mod common;

/// Both clocks of lavapipe come from the C library's `clock_gettime`, so one library bends both alike.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#ifndef FACTOR
#define FACTOR 1.0
#endif
static struct timespec first[16];
int clock_gettime(clockid_t id, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int code = real(id, now);
  if (code || id < 0 || id > 15 || id == CLOCK_REALTIME) return code;
  if (!first[id].tv_sec && !first[id].tv_nsec) first[id] = *now;
  double passed = (now->tv_sec - first[id].tv_sec) * 1e9 + (now->tv_nsec - first[id].tv_nsec);
  double told = first[id].tv_sec * 1e9 + first[id].tv_nsec + passed * FACTOR;
  now->tv_sec = (time_t)(told / 1e9);
  now->tv_nsec = (long)(told - now->tv_sec * 1e9);
  return 0;
}
"#;

/// The library that makes clocks run `factor` times as fast; `None` without a C compiler.
fn library(folder: &Path, factor: f64) -> Option<PathBuf> {
    let (source, made) = (folder.join("clock.c"), folder.join(format!("clock-{factor}.so")));
    std::fs::write(&source, LIBRARY).unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", &format!("-DFACTOR={factor}")]);
    let cc = cc.arg("-o").arg(&made).arg(&source).arg("-ldl").output().ok()?;
    assert!(cc.status.success(), "{}", String::from_utf8_lossy(&cc.stderr));
    Some(made)
}

#[test]
fn a_preloaded_clock_at_half_or_double_speed_gives_no_figure() {
    let folder = tempfile::tempdir().unwrap();
    for factor in [0.5, 2.0] {
        let Some(library) = library(folder.path(), factor) else {
            return common::account("lying_clock", Some("no C compiler: install gcc"));
        };
        let out = folder.path().join(format!("runs-{factor}"));
        let output = Command::new(assert_cmd::cargo::cargo_bin!("tierbench"))
            .args(["run", "--profile", "smoke", "--defaults", "--workload", "matmul:f32:64x64x64"])
            .args(["--format", "json", "--out"])
            .arg(&out)
            .env("LD_PRELOAD", library)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let record: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {stderr}"));
        assert_eq!(output.status.code(), Some(6), "x {factor}: {stderr}");
        let notes: Vec<&str> =
            record["notes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
        for sign in ["timer/host-clock-differs", "environment/preload"] {
            assert!(notes.contains(&sign), "x {factor}: {sign} is not in {notes:?}");
        }
        assert!(record["workloads"].as_array().unwrap().iter().all(|w| w["summary"].is_null()));
    }
    common::account("lying_clock", None);
}
