//! What the tally says of every kind of workload, on a healthy device and on those that remember or do nothing.

use std::sync::atomic::AtomicBool;

use tierbench::adapter::{DeviceError, Found, choose, find_all};
use tierbench::check::{self, Verification};
use tierbench::measure::{
    Batch, Bench, DispatchProof, Measurement, Output, Raw, Rig, StopRule, Trusted, Watch,
};
use tierbench::run::{Machine, ThisMachine};
use tierbench::workload::{Nudge, Workload};

const SEED: u64 = 5;

/// One of each kind whose result depends on an input, and the two whose result does not.
const WITH_INPUTS: [&str; 13] = [
    "matmul:f32:64x64x64",
    "matmul:f16:1x100x40",
    "matmul:f16/f16:64x48x32",
    "attention:f32:1x4/2x40x16",
    "attention-causal:f16:1x4/2x40x16",
    "attention-decode:f16:1x4/2x300x16",
    "roof:f32:64",
    "roof:f16:64",
    "roof-matrix:f16:64",
    "chain:4096",
    "bandwidth-read:65536",
    "bandwidth-copy:65536",
    "bandwidth-triad:65536",
];
const WITHOUT: [&str; 2] = ["empty", "bandwidth-write:65536"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// Every dispatch writes its whole result, but that of the original inputs, whatever it finds in them.
    RemembersTheLastResult,
    /// The same, also when it is asked what other inputs give.
    AlwaysRemembers,
    /// No dispatch is run, no word is written.
    ExecutesNothing,
}

struct FaultyRig {
    inner: Box<dyn Rig>,
    /// Sees the inputs change where `inner` does not.
    healthy: Box<dyn Rig>,
    fault: Fault,
}

impl Rig for FaultyRig {
    fn run(&mut self, batch: Batch) -> Result<Raw, DeviceError> {
        let raw = self.inner.run(batch)?;
        let idle = self.fault == Fault::ExecutesNothing;
        Ok(Raw { tally: if idle { 0 } else { raw.tally }, ..raw })
    }

    fn ns_per_tick(&self) -> f64 {
        self.inner.ns_per_tick()
    }

    fn compile_ns(&self) -> u64 {
        self.inner.compile_ns()
    }

    fn output(&mut self) -> Result<Output, DeviceError> {
        let output = self.inner.output()?;
        let idle = self.fault == Fault::ExecutesNothing;
        let bytes = if idle { vec![0; output.bytes.len()] } else { output.bytes };
        Ok(Output { bytes, ..output })
    }

    fn inputs_intact(&mut self) -> Result<bool, DeviceError> {
        self.inner.inputs_intact()
    }

    fn choices(&self) -> &[Nudge] {
        self.healthy.choices()
    }

    fn learn(&mut self, choice: usize) -> Result<Vec<u8>, DeviceError> {
        match self.fault {
            Fault::ExecutesNothing => Ok(self.output()?.bytes),
            Fault::AlwaysRemembers => self.inner.learn(choice),
            Fault::None | Fault::RemembersTheLastResult => self.healthy.learn(choice),
        }
    }

    fn run_tally(&mut self, batch: Batch) -> Result<Raw, DeviceError> {
        self.inner.run_tally(batch)
    }
}

/// What a device with this fault makes of a workload; `None` where the adapter cannot run it.
fn measured(fault: Fault, found: &Found, text: &str) -> Option<(Measurement, Verification)> {
    let workload: Workload = text.parse().unwrap();
    let job = workload.jobs(&found.capability).ok()?.remove(0);
    let healthy = ThisMachine.rig(found, &job, SEED, false).unwrap();
    let mut changed = job.clone();
    if matches!(fault, Fault::RemembersTheLastResult | Fault::AlwaysRemembers) {
        // The inputs stay as they are, so the result is always the same.
        changed.nudges.list.iter_mut().for_each(|nudge| nudge.mask = 0);
    }
    let inner = ThisMachine.rig(found, &changed, SEED, false).unwrap();
    let rule = StopRule {
        relative_half_width: 1.0,
        min_samples: 3,
        max_samples: 3,
        sample_ms: 2.0,
        warm_up_ms: 10.0,
        sustain_ms: 0.0,
        budget_ms: 100.0,
    };
    let watch = Watch { interrupted: &AtomicBool::new(false), progress: &|_| () };
    let rig = Box::new(FaultyRig { inner, healthy, fault });
    let measured = Bench::on(rig).measure(&rule, Trusted::Both, &watch).unwrap();
    let verification = check::verify(&workload, &job, SEED, &measured);
    Some((measured, verification))
}

fn adapter() -> Found {
    let named = std::env::var("TIERBENCH_TEST_ADAPTER").ok();
    choose(find_all(), named.as_deref(), false).expect("`make test` provides an adapter")
}

#[test]
fn every_kind_of_workload_says_what_its_tally_proves() {
    let found = adapter();
    for (texts, expected) in
        [(&WITH_INPUTS[..], DispatchProof::Recomputed), (&WITHOUT[..], DispatchProof::CountedOnly)]
    {
        for text in texts {
            let Some((measured, verification)) = measured(Fault::None, &found, text) else {
                continue;
            };
            assert_eq!(verification.dispatches, Some(expected), "{text}");
            assert!(verification.passed, "{text}: {verification:?}");
            assert!(measured.samples.iter().all(|sample| sample.proven == Some(true)), "{text}");
            assert!(measured.tally_ns.is_none_or(|ns| ns > 0.0 && ns.is_finite()), "{text}");
        }
    }
}

#[test]
fn a_remembered_result_is_refused_wherever_an_input_reaches_the_result() {
    let found = adapter();
    for (fault, word) in
        [(Fault::RemembersTheLastResult, "tally"), (Fault::AlwaysRemembers, "other inputs")]
    {
        for text in WITH_INPUTS {
            let Some((measured, verification)) = measured(fault, &found, text) else { continue };
            let problems = verification.problems.join("; ");
            assert!(
                !verification.passed && problems.contains(word),
                "{fault:?}, {text}: {problems}"
            );
            assert!(measured.samples.iter().any(|sample| sample.proven == Some(false)), "{text}");
        }
        // Where no input reaches the result, a remembered one cannot be told, and that is said.
        for text in WITHOUT {
            let (_, verification) = measured(fault, &found, text).unwrap();
            assert_eq!(verification.dispatches, Some(DispatchProof::CountedOnly), "{text}");
        }
    }
}

#[test]
fn on_zero_inputs_dispatches_are_counted_only() {
    let found = adapter();
    for text in ["matmul:f32:16x16x16", "attention-causal:f16:1x1x16x8", "bandwidth-copy:4096"] {
        let job = text.parse::<Workload>().unwrap().jobs(&found.capability).unwrap().remove(0);
        assert!(!job.nudges.list.is_empty() && job.with_zero_inputs().nudges.list.is_empty());
    }
}

#[test]
fn a_device_that_executes_nothing_proves_nothing() {
    let found = adapter();
    for text in WITH_INPUTS.iter().chain(&WITHOUT) {
        let Some((measured, verification)) = measured(Fault::ExecutesNothing, &found, text) else {
            continue;
        };
        assert!(!verification.passed, "{text}");
        assert!(measured.samples.iter().all(|sample| sample.proven == Some(false)), "{text}");
    }
}
