//! A contestant in a process of its own: one that crashes or hangs takes nobody along.
//!
//! The protocol is described in `python_peers.py`, which is one such process; `burn_server.rs` is
//! the other. A process that ends is started again, a few times: some ends are mere bad luck.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::contestant::{Contestant, Ready, Refusal, Role};
use crate::problem::{Kind, Problem};
use crate::process::Process;

/// Times that the process of one question is started again.
const RESTARTS: usize = 3;

/// How to start the process.
pub type Launch = Box<dyn Fn() -> Command>;

/// A contestant behind pipes.
pub struct Child {
    name: &'static str,
    role: Role,
    launch: Launch,
    /// What it said of itself, or why it is not to be had here.
    hello: Result<Hello, Refusal>,
    process: Option<Process>,
    /// What it was last asked to prepare.
    prepared: Value,
}

struct Hello {
    version: String,
    workloads: Vec<String>,
    /// Inputs go to the process through files here, and the first result comes back through one.
    folder: TempDir,
}

impl Child {
    /// Starts the process. One that cannot be had here stays in the table, with the reason.
    pub fn new(name: &'static str, role: Role, launch: Launch) -> Self {
        let hello = Err(Refusal::Failed("it was not asked yet".into()));
        let mut child = Self { name, role, launch, hello, process: None, prepared: Value::Null };
        child.hello = child.persistently(|child| {
            let answer = child.ask(&json!({ "do": "hello" }))?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let workloads = answer["workloads"].as_array().into_iter().flatten().map(text);
            Ok(Hello {
                version: text(&answer["version"]),
                workloads: workloads.collect(),
                folder: TempDir::new().map_err(failed)?,
            })
        });
        child
    }

    /// Asks the process, starting it if there is none.
    fn ask(&mut self, request: &Value) -> Result<Value, Refusal> {
        let process = match &mut self.process {
            Some(process) => process,
            none => none.insert(Process::start(&mut (self.launch)())?),
        };
        process.ask(request)
    }

    /// Does something again, with a new process, when the process ended over it.
    fn persistently<T>(
        &mut self,
        mut run: impl FnMut(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut restarts = 0;
        loop {
            let answer = run(self);
            let ended = self.process.as_ref().is_some_and(Process::has_ended);
            let Err(Refusal::Failed(reason)) = &answer else { return answer };
            // Whatever state it is in, the next question finds a new one.
            self.process = None;
            if !ended || restarts == RESTARTS {
                return answer;
            }
            restarts += 1;
            eprintln!("{}: {reason}; starting it again", self.name);
        }
    }

    fn prepare(&mut self) -> Result<Value, Refusal> {
        if self.process.is_none() {
            self.ask(&json!({ "do": "hello" }))?;
        }
        let request = self.prepared.clone();
        self.ask(&request)
    }

    fn sample(&mut self, operations: u32) -> Result<u64, Refusal> {
        let request = json!({ "do": "sample", "iterations": operations });
        self.persistently(|child| {
            if child.process.is_none() {
                child.prepare()?;
                // Not counted: a new process has everything to compile and to tune.
                child.ask(&request)?;
            }
            let answer = child.ask(&request)?;
            let ns = answer["ns"].as_u64();
            ns.ok_or_else(|| Refusal::Failed(format!("{answer} names no time")))
        })
    }
}

impl Contestant for Child {
    fn name(&self) -> &str {
        self.name
    }

    fn role(&self) -> Role {
        self.role
    }

    fn version(&self) -> String {
        self.hello.as_ref().map_or_else(|_| String::new(), |hello| hello.version.clone())
    }

    fn takes_part(&self, problem: &Problem) -> bool {
        let name = problem.workload.name();
        self.hello.as_ref().map_or(true, |hello| hello.workloads.iter().any(|w| w == name))
    }

    fn ready<'a>(&'a mut self, problem: &Problem) -> Result<Ready<'a>, Refusal> {
        let folder = self.hello.as_ref().map_err(Clone::clone)?.folder.path();
        let output = folder.join("output");
        let mut inputs = Vec::new();
        for (index, values) in problem.inputs.iter().enumerate() {
            let path = folder.join(format!("input-{index}"));
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            fs::write(&path, bytes).map_err(failed)?;
            inputs.push(path);
        }
        let shape = match problem.kind {
            Kind::Matmul(shape) => shape.to_vec(),
            Kind::Attention(shape, _) => shape.to_vec(),
            Kind::Copy(bytes) => vec![bytes],
        };
        self.prepared = json!({
            "do": "prepare", "workload": problem.workload.name(), "shape": shape,
            "input": problem.element_name(), "inputs": inputs, "output": output,
        });
        let answer = self.persistently(Self::prepare)?;
        let how = answer["how"].as_str().unwrap_or_default().to_owned();
        let output = read_values(&output).map_err(failed)?;
        let relative_error = Some(problem.relative_error(&output)?);
        let sampler = Box::new(move |operations| self.sample(operations));
        Ok(Ready { how, relative_error, work: problem.workload.work(), sampler })
    }
}

/// A file of little-endian f32.
pub fn read_values(path: &std::path::Path) -> std::io::Result<Vec<f32>> {
    let bytes = fs::read(path)?;
    let words = bytes.chunks_exact(4);
    Ok(words.map(|w| f32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect())
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn failed(error: std::io::Error) -> Refusal {
    Refusal::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process in shell that ends at the third line on its first two lives.
    fn flaky(folder: &TempDir, lives: u32) -> Launch {
        let lives_file = folder.path().join("lives");
        fs::write(&lives_file, lives.to_string()).unwrap();
        let script = r#"
            read hello; echo '{"version": "1", "workloads": ["bandwidth-copy"]}'
            read prepare; cp "${0%/*}/expected" "$(echo "$prepare" | sed 's/.*"output":"\([^"]*\)".*/\1/')"
            echo '{"how": "cp"}'
            lives=$(cat "$0"); echo $((lives - 1)) >"$0"
            while read sample; do [ "$lives" -le 1 ] || exit 9; echo '{"ns": 5}'; done
        "#;
        Box::new(move || {
            let mut command = Command::new("sh");
            command.args(["-c", script]).arg(&lives_file);
            command
        })
    }

    fn sample_of(lives: u32) -> Result<u64, Refusal> {
        let folder = TempDir::new().unwrap();
        let problem = Problem::new("bandwidth-copy:64".parse().unwrap(), 1).unwrap();
        let bytes: Vec<u8> = problem.inputs[0].iter().flat_map(|x| x.to_le_bytes()).collect();
        fs::write(folder.path().join("expected"), bytes).unwrap();
        let mut child = Child::new("flaky", Role::Peer, flaky(&folder, lives));
        assert!(child.takes_part(&problem));
        let mut ready = child.ready(&problem)?;
        assert_eq!(ready.relative_error, Some(0.0));
        (ready.sampler)(1)
    }

    #[test]
    fn a_process_that_ends_is_started_again() {
        assert_eq!(sample_of(3).unwrap(), 5);
    }

    #[test]
    fn one_that_always_ends_is_a_failure_in_the_end() {
        assert!(matches!(sample_of(99), Err(Refusal::Failed(reason)) if reason.contains("ended")));
    }
}
