//! Peers and ceilings in Python, each in a process of its own: one that crashes takes nobody along.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tierbench::workload::ElementType;

use crate::contestant::{Contestant, Ready, Refusal, Role};
use crate::problem::{Kind, Problem};
use crate::process::Process;

/// How to start `python_peers.py`.
#[derive(Clone, Debug)]
pub struct Start {
    /// A loader or wrapper with its arguments, split at white space; may be empty.
    pub runner: String,
    /// The interpreter.
    pub python: PathBuf,
    /// `python_peers.py`.
    pub script: PathBuf,
}

/// A peer of `python_peers.py`.
pub struct Python {
    name: &'static str,
    role: Role,
    start: Start,
    running: Result<Running, Refusal>,
    restart: bool,
}

struct Running {
    process: Process,
    version: String,
    workloads: Vec<String>,
    /// Inputs go to the process through files here, and the first result comes back through one.
    folder: TempDir,
}

impl Python {
    /// Starts the process of a peer. One that cannot be had here stays in the table as unsupported.
    pub fn new(name: &'static str, role: Role, start: &Start) -> Self {
        let start = start.clone();
        let running = Running::new(&start, name);
        Self { name, role, start, running, restart: false }
    }
}

impl Running {
    fn new(start: &Start, name: &str) -> Result<Self, Refusal> {
        let mut words = start.runner.split_whitespace();
        let mut command = match words.next() {
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(&start.python);
                command
            }
            None => Command::new(&start.python),
        };
        let mut process = Process::start(command.arg("-B").arg(&start.script).arg(name))?;
        let hello = process.ask(&json!({ "do": "hello" }))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let workloads = hello["workloads"].as_array().into_iter().flatten().map(text).collect();
        let folder = TempDir::new().map_err(failed)?;
        Ok(Self { process, version: text(&hello["version"]), workloads, folder })
    }
}

impl Contestant for Python {
    fn name(&self) -> &str {
        self.name
    }

    fn role(&self) -> Role {
        self.role
    }

    fn version(&self) -> String {
        self.running.as_ref().map_or_else(|_| String::new(), |running| running.version.clone())
    }

    fn takes_part(&self, problem: &Problem) -> bool {
        let name = problem.workload.name();
        self.running.as_ref().map_or(true, |r| r.workloads.iter().any(|known| known == name))
    }

    fn ready<'a>(&'a mut self, problem: &Problem) -> Result<Ready<'a>, Refusal> {
        if self.restart {
            self.running = Running::new(&self.start, self.name);
        }
        let Self { running, restart, .. } = self;
        let running = running.as_mut().map_err(|refusal| refusal.clone())?;
        // Until all went well, the process may be gone or in a bad state.
        *restart = true;
        let folder = running.folder.path();
        let output = folder.join("output");
        let mut request = request(problem);
        request["do"] = "prepare".into();
        request["inputs"] = write_inputs(folder, problem)?.into();
        request["output"] = output.display().to_string().into();
        let answer = running.process.ask(&request);
        *restart = matches!(answer, Err(Refusal::Failed(_)));
        let how = answer?["how"].as_str().unwrap_or_default().to_owned();
        let output = fs::read(output).map_err(failed)?;
        let words = output.chunks_exact(4).map(|w| f32::from_le_bytes([w[0], w[1], w[2], w[3]]));
        let relative_error = Some(problem.relative_error(&words.collect::<Vec<f32>>())?);
        let process = &mut running.process;
        let sampler = Box::new(move |operations| {
            let answer = process.ask(&json!({ "do": "sample", "iterations": operations }));
            *restart |= answer.is_err();
            let answer = answer?;
            let ns = answer["ns"].as_u64();
            ns.ok_or_else(|| Refusal::Failed(format!("{answer} names no time")))
        });
        Ok(Ready { how, relative_error, work: problem.workload.work(), sampler })
    }
}

fn request(problem: &Problem) -> Value {
    let input = match problem.stored_as() {
        ElementType::F32 => "f32",
        ElementType::F16 => "f16",
    };
    let shape = match problem.kind {
        Kind::Matmul(shape) => shape.to_vec(),
        Kind::Attention(shape, _) => shape.to_vec(),
        Kind::Copy(bytes) => vec![bytes],
    };
    json!({ "workload": problem.workload.name(), "input": input, "shape": shape })
}

fn write_inputs(folder: &Path, problem: &Problem) -> Result<Vec<String>, Refusal> {
    let write = |(index, values): (usize, &Vec<f32>)| {
        let path = folder.join(format!("input-{index}"));
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(&path, bytes).map_err(failed)?;
        Ok(path.display().to_string())
    };
    problem.inputs.iter().enumerate().map(write).collect()
}

fn failed(error: std::io::Error) -> Refusal {
    Refusal::Failed(error.to_string())
}
