//! burn behind pipes, as `child.rs` wants it.
//!
//! It has a process of its own because it can hang: in wgpu 30.0.1 two threads that wait for the same
//! device can trip an assertion (gfx-rs/wgpu#9958), the thread that waits for burn is one of them, and
//! without it burn waits for good. Then the process ends at once, and is started again.

use std::io::{BufRead as _, Write as _};
use std::panic;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tierbench::adapter::{Found, Identity};

use crate::burn::{Burn, Prepared};
use crate::child::read_values;
use crate::contestant::Refusal;
use crate::problem::Kind;

/// What the assertion says.
const LOST_THREAD: &str = "should be at least the wait submission index";

/// Answers on the standard output until the questions on the standard input end.
pub fn serve(all: &[Identity], chosen: &Found) -> Result<()> {
    end_with_the_waiting_thread();
    let burn = Burn::open(all, chosen);
    let mut prepared = None;
    for line in std::io::stdin().lock().lines() {
        let request = serde_json::from_str(&line?).context("a request that is no JSON")?;
        let answer = answer(&burn, &mut prepared, &request);
        let answer = answer.unwrap_or_else(|refusal| match refusal {
            Refusal::Unsupported(reason) => json!({ "unsupported": reason }),
            Refusal::Failed(reason) => json!({ "error": reason }),
        });
        let mut output = std::io::stdout().lock();
        writeln!(output, "{answer}").and_then(|()| output.flush())?;
    }
    Ok(())
}

fn end_with_the_waiting_thread() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.payload_as_str().is_some_and(|text| text.contains(LOST_THREAD)) {
            eprintln!("wgpu lost the thread that waits for burn (gfx-rs/wgpu#9958)");
            std::process::exit(101);
        }
        usual(info);
    }));
}

fn answer(
    burn: &Result<Burn, Refusal>,
    prepared: &mut Option<Prepared>,
    request: &Value,
) -> Result<Value, Refusal> {
    let burn = burn.as_ref().map_err(Clone::clone)?;
    match request["do"].as_str() {
        Some("hello") => {
            let workloads = ["matmul", "attention", "attention-causal", "bandwidth-copy"];
            Ok(json!({ "version": crate::burn::version(), "workloads": workloads }))
        }
        Some("prepare") => {
            *prepared = None;
            let (kind, element, inputs) = parse(request).ok_or_else(|| no(request))?;
            let inputs: Result<Vec<Vec<f32>>, _> = inputs.iter().map(|p| read_values(p)).collect();
            let inputs = inputs.map_err(|e| Refusal::Failed(e.to_string()))?;
            let (now, output) = burn.prepare(kind, element, inputs)?;
            let bytes: Vec<u8> = output.iter().flat_map(|value| value.to_le_bytes()).collect();
            let path = request["output"].as_str().ok_or_else(|| no(request))?;
            std::fs::write(path, bytes).map_err(|e| Refusal::Failed(e.to_string()))?;
            let how = now.how.clone();
            *prepared = Some(now);
            Ok(json!({ "how": how }))
        }
        Some("sample") => {
            let operations = request["iterations"].as_u64().and_then(|n| u32::try_from(n).ok());
            let prepared = prepared.as_ref().ok_or_else(|| no(request))?;
            let ns = burn.sample(prepared, operations.ok_or_else(|| no(request))?)?;
            Ok(json!({ "ns": ns }))
        }
        _ => Err(no(request)),
    }
}

fn parse(request: &Value) -> Option<(Kind, &str, Vec<PathBuf>)> {
    let sizes: Option<Vec<u64>> =
        request["shape"].as_array()?.iter().map(serde_json::Value::as_u64).collect();
    let kind = Kind::new(request["workload"].as_str()?, &sizes?)?;
    let paths = request["inputs"].as_array()?.iter();
    let paths: Option<Vec<PathBuf>> = paths.map(|path| path.as_str().map(PathBuf::from)).collect();
    Some((kind, request["input"].as_str()?, paths?))
}

fn no(request: &Value) -> Refusal {
    Refusal::Failed(format!("no answer to {request} now"))
}
