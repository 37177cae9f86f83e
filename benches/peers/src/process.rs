//! A child process that answers lines of JSON with lines of JSON.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::contestant::Refusal;

/// How long an answer may take; compiling counts.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);
/// Lines of its error output that are kept to explain a failure.
const KEPT_LINES: usize = 4;

/// A running child; it ends with this value.
pub struct Process {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
    complaints: Arc<Mutex<VecDeque<String>>>,
}

impl Process {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self, Refusal> {
        let name = command.get_program().display().to_string();
        let cannot = |e: std::io::Error| Refusal::Failed(format!("cannot start {name}: {e}"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(cannot)?;
        let no_pipe = || Refusal::Failed("the process has no pipe".into());
        let requests = child.stdin.take().ok_or_else(no_pipe)?;
        let stdout = child.stdout.take().ok_or_else(no_pipe)?;
        let stderr = child.stderr.take().ok_or_else(no_pipe)?;
        let (sender, answers) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        let complaints = Arc::new(Mutex::new(VecDeque::new()));
        let kept = complaints.clone();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut kept = kept.lock().unwrap_or_else(|e| e.into_inner());
                kept.push_back(line);
                if kept.len() > KEPT_LINES {
                    kept.pop_front();
                }
            }
        });
        Ok(Self { child, requests, answers, complaints })
    }

    /// One question, one answer. An answer with the key `error` or `unsupported` is a refusal, and
    /// carries what the process wrote to its error output meanwhile.
    pub fn ask(&mut self, request: &Value) -> Result<Value, Refusal> {
        self.complaints.lock().unwrap_or_else(|e| e.into_inner()).clear();
        if let Err(e) = writeln!(self.requests, "{request}").and_then(|()| self.requests.flush()) {
            return Err(self.ended(&e.to_string()));
        }
        let Ok(line) = self.answers.recv_timeout(ANSWER_TIMEOUT) else {
            return Err(self.ended("no answer"));
        };
        let answer: Value = serde_json::from_str(&line)
            .map_err(|e| Refusal::Failed(format!("the process answered {line:?}: {e}")))?;
        let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(reason) = text("unsupported") {
            return Err(Refusal::Unsupported(reason));
        }
        match text("error") {
            Some(reason) => Err(Refusal::Failed(self.explained(reason))),
            None => Ok(answer),
        }
    }

    /// The process is gone or hangs: say so, and make sure that it is gone.
    fn ended(&mut self, what: &str) -> Refusal {
        let before = self.child.try_wait();
        // It may be dead already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let how = match before {
            Ok(Some(status)) => format!("the process ended ({status})"),
            _ => format!("the process was stopped after {} s: {what}", ANSWER_TIMEOUT.as_secs()),
        };
        Refusal::Failed(self.explained(how))
    }

    fn explained(&self, reason: String) -> String {
        // The reader may still be a line behind.
        thread::sleep(Duration::from_millis(100));
        let kept = self.complaints.lock().unwrap_or_else(|e| e.into_inner());
        let lines = kept.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let lines: Vec<&str> = lines.collect();
        if lines.is_empty() { reason } else { format!("{reason} [it wrote: {}]", lines.join(" / ")) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
