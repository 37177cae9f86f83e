//! What an external command says of the device, before the run and behind it. Its output is kept as it is.

use std::io::{Read, Seek};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::digest::sha256_hex;
use crate::error::{Error, Result};
use crate::record::{Attestation, Folder, LARGEST_ANSWER, Note, Record, Statement};

/// Stands for the nonce in a command.
const NONCE: &str = "{nonce}";
/// What is run where no other command is named: NVIDIA's, which asks the device and signs nothing itself.
pub const DEFAULT_COMMAND: &str =
    "nvattest collect-evidence --device gpu --format json --nonce {nonce}";
/// A device answers in seconds.
const LONGEST: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// The words of a command line; the nonce goes to the end where no place is named for it.
pub fn command(line: &str) -> Result<Vec<String>> {
    let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        return Err(Error::Usage("--attest-cmd: name a command".into()));
    }
    if !words.iter().any(|word| word.contains(NONCE)) {
        words.extend(["--nonce".into(), NONCE.into()]);
    }
    Ok(words)
}

/// Asks before the first dispatch. A command that fails then ends the run before it began.
pub(super) fn before(command: &[String], record: &mut Record, folder: &Folder) -> Result<()> {
    let [nonce, _] = record.attestation_nonces();
    let answer = ask(command, &nonce).map_err(|what| {
        Error::Usage(format!("--attest-cmd: {}: {what}; nothing was run", command.join(" ")))
    })?;
    let before = keep(folder, "attest/before.out", nonce, &answer)?;
    record.attestation = Some(Attestation { command: command.to_vec(), before, after: None });
    Ok(())
}

/// Asks behind the last one, when the samples have been written. What was measured is kept whatever comes back.
pub(super) fn after(record: &mut Record, folder: &Folder) -> Result<()> {
    let [_, nonce] = record.attestation_nonces();
    let Some(attestation) = &mut record.attestation else { return Ok(()) };
    match ask(&attestation.command, &nonce) {
        Ok(answer) => attestation.after = Some(keep(folder, "attest/after.out", nonce, &answer)?),
        Err(what) => record.notes.push(Note {
            id: "run/attestation-failed".into(),
            text: format!(
                "the device was asked what it is before the run, and not behind it: {what}"
            ),
            advice: "nothing shows that the device was the same to the end; run again".into(),
        }),
    }
    Ok(())
}

fn keep(folder: &Folder, file: &str, nonce: String, answer: &[u8]) -> Result<Statement> {
    folder.replace(file, answer)?;
    Ok(Statement { nonce, file: file.into(), sha256: sha256_hex(answer) })
}

/// What the command prints.
fn ask(words: &[String], nonce: &str) -> Result<Vec<u8>, String> {
    let words: Vec<String> = words.iter().map(|word| word.replace(NONCE, nonce)).collect();
    let (program, rest) = words.split_first().ok_or("there is no command")?;
    // A file, so that no answer fills a pipe that nobody reads.
    let mut output = tempfile::tempfile().map_err(|e| e.to_string())?;
    let stdout = output.try_clone().map_err(|e| e.to_string())?;
    let mut child = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(stdout)
        .spawn()
        .map_err(|e| e.to_string())?;
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        if begin.elapsed() > LONGEST {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("no answer within {} s", LONGEST.as_secs()));
        }
        std::thread::sleep(POLL);
    };
    if !status.success() {
        return Err(status.to_string());
    }
    let mut answer = Vec::new();
    output.rewind().map_err(|e| e.to_string())?;
    output.take(LARGEST_ANSWER + 1).read_to_end(&mut answer).map_err(|e| e.to_string())?;
    match answer.len() as u64 {
        0 => Err("it printed nothing".into()),
        bytes if bytes > LARGEST_ANSWER => {
            Err(format!("it printed more than {LARGEST_ANSWER} bytes"))
        }
        _ => Ok(answer),
    }
}
