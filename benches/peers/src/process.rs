//! A child process that answers lines of JSON with lines of JSON.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::contestant::Refusal;

/// How long an answer may take; compiling counts.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(5);
/// Lines of its error output that are kept to explain a failure.
const KEPT_LINES: usize = 4;

/// A running child; it ends with this value.
pub struct Process {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
    complaints: Arc<Mutex<VecDeque<String>>>,
    ended: bool,
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
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_back(line);
                if kept.len() > KEPT_LINES {
                    kept.pop_front();
                }
            }
        });
        Ok(Self { child, requests, answers, complaints, ended: false })
    }

    /// Whether it ended by itself while it was asked. One that gave no answer in time did not.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// One question, one answer. An answer with the key `error` or `unsupported` is a refusal, and
    /// carries what the process wrote to its error output meanwhile.
    pub fn ask(&mut self, request: &Value) -> Result<Value, Refusal> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if writeln!(self.requests, "{request}").and_then(|()| self.requests.flush()).is_err() {
            return Err(self.end("ended"));
        }
        let line = self.answers.recv_timeout(ANSWER_TIMEOUT).map_err(|e| match e {
            RecvTimeoutError::Disconnected => self.end("ended"),
            RecvTimeoutError::Timeout => self.end("gave no answer in time and was stopped"),
        })?;
        let answer: Value = serde_json::from_str(&line)
            .map_err(|e| Refusal::Failed(format!("the process answered {line:?}: {e}")))?;
        let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(reason) = text("unsupported") {
            return Err(Refusal::Unsupported(self.explained(reason)));
        }
        match text("error") {
            Some(reason) => Err(Refusal::Failed(self.explained(reason))),
            None => Ok(answer),
        }
    }

    /// The process is gone or hangs: make sure that it is gone, and say how it ended.
    fn end(&mut self, how: &str) -> Refusal {
        self.ended = how == "ended";
        // One that closed its pipes is about to end by itself.
        thread::sleep(Duration::from_millis(200));
        // Fails when it is gone already, which is what is wanted.
        let _ = self.child.kill();
        let status = self.child.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
        Refusal::Failed(self.explained(format!("the process {how} ({status})")))
    }

    fn explained(&self, reason: String) -> String {
        // The reader may still be a line behind.
        thread::sleep(Duration::from_millis(100));
        let kept = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = kept.iter().map(|line| line.trim());
        // Neither blank lines nor stack frames.
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("at "));
        let lines: Vec<&str> = lines.collect();
        if lines.is_empty() {
            reason
        } else {
            format!("{reason} [it wrote: {}]", lines.join(" / "))
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_come_through_and_an_end_is_explained() {
        let script = "read x; echo '{\"ns\": 5}'; read x; echo '{\"error\": \"no\"}'; \
                      read x; echo '{\"unsupported\": \"never\"}'; read x; echo oops >&2; exit 3";
        let mut process = Process::start(Command::new("sh").args(["-c", script])).unwrap();
        assert_eq!(process.ask(&json!({ "do": "sample" })).unwrap(), json!({ "ns": 5 }));
        let mut refusal = || process.ask(&json!({})).unwrap_err();
        assert!(matches!(refusal(), Refusal::Failed(reason) if reason == "no"));
        assert!(matches!(refusal(), Refusal::Unsupported(reason) if reason == "never"));
        let end = refusal().to_string();
        assert!(end.contains("exit status: 3") && end.contains("oops"), "{end}");
        assert!(refusal().to_string().contains("ended"));
    }
}
