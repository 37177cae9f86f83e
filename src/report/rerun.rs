//! A plan that was run again, beside the run that was filed: a page of 80 columns, or JSON.

use std::fmt::Write;

use super::comparison::{cells, named, per_clock};
use super::table::{align_right, hanging, table, wrap};
use crate::audit::{Repeat, Rerun, Sameness};
use crate::error::Result;
use crate::shown;
use crate::units::significant;

/// Schema `tierbench.rerun/1`.
pub fn rerun_json(rerun: &Rerun) -> Result<String> {
    shown::json(rerun)
}

/// At most 80 columns.
pub fn rerun_text(rerun: &Rerun) -> Result<String> {
    let rerun = &shown::cleaned(rerun)?;
    let mut page = format!("filed {}\nnew   {}\n\n", named(&rerun.filed), named(&rerun.new));
    let mut table = table(&["workload", "filed", "new", "ratio", "95 %", "word"]);
    align_right(&mut table, 1..4);
    for repeat in &rerun.workloads {
        let [label, filed, new, ratio, interval, _] = cells(&repeat.compared);
        let word = repeat.word.map_or("-", Sameness::name);
        table.add_row([label, filed, new, ratio, interval, word.to_owned()]);
    }
    let _ = writeln!(page, "{}\n\n{}\n", table.trim_fmt(), wrap(&answer(rerun), 0));
    let remarks = remarks(rerun);
    for remark in &remarks {
        let _ = writeln!(page, "{}", hanging(remark));
    }
    if !remarks.is_empty() {
        page.push('\n');
    }
    let _ = writeln!(page, "{}", wrap(&words(rerun), 0));
    Ok(page)
}

/// The word of the whole, and how many workloads have which.
fn answer(rerun: &Rerun) -> String {
    let count = |word| format!("{} {}", rerun.of(word).count(), word.name());
    let counts = [Sameness::Same, Sameness::Different, Sameness::Undecided].map(count);
    let mut answer = format!(
        "{} at a tolerance of {} %: {}",
        rerun.word.name().to_uppercase(),
        rerun.tolerance_percent,
        counts.join(", ")
    );
    let within = |repeat: &&Repeat| repeat.within_joint_u == Some(true);
    let within = rerun.of(Sameness::Undecided).filter(within).count();
    if within > 0 {
        let _ = write!(answer, " ({within} of them within the joint U)");
    }
    let rest = rerun.workloads.iter().filter(|repeat| repeat.word.is_none()).count();
    if rest > 0 {
        let _ = write!(answer, ", {rest} measured in neither run");
    }
    if !rerun.adapter_differs.is_empty() {
        answer.push_str(
            ". ANOTHER ADAPTER OR DRIVER than the one filed: a difference says nothing about the item that was tested",
        );
    }
    answer
}

/// What a reader must know to trust the table; the same remark on several workloads once.
fn remarks(rerun: &Rerun) -> Vec<String> {
    let mut remarks: Vec<String> =
        rerun.differs.iter().map(|what| format!("differs: {what}")).collect();
    let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
    for repeat in &rerun.workloads {
        if let Some(why) = repeat.why.as_deref() {
            match said.iter_mut().find(|(known, _)| *known == why || both_loads(known, why)) {
                Some((known, labels)) => {
                    // Up to so much: the largest of them holds for all.
                    *known = std::cmp::max_by_key(*known, why, |text| (text.len(), *text));
                    labels.push(&repeat.label);
                }
                None => said.push((why, vec![&repeat.label])),
            }
        }
    }
    remarks.extend(said.into_iter().map(|(why, labels)| match labels.as_slice() {
        all if all.len() > MOST_NAMED => format!("{} workloads: {why}", all.len()),
        some => format!("{}: {why}", some.join(", ")),
    }));
    for repeat in &rerun.workloads {
        remarks.extend(open(repeat, rerun));
        remarks.extend(per_clock(&repeat.compared));
        // What makes it undecided has been said.
        let clocks = repeat.compared.differs.iter().filter(|_| repeat.why.is_none());
        remarks.extend(clocks.map(|what| format!("{}: {what}", repeat.label)));
    }
    remarks
}

/// Whether two reasons are a load of other programs, of which each says how much it was.
fn both_loads(a: &str, b: &str) -> bool {
    [a, b].iter().all(|why| why.starts_with("other processes used up to "))
}

/// Workloads that a remark names.
const MOST_NAMED: usize = 3;

/// What an interval leaves open that decides nothing.
fn open(repeat: &Repeat, rerun: &Rerun) -> Option<String> {
    let within = repeat.within_joint_u.filter(|_| repeat.word == Some(Sameness::Undecided))?;
    let (u, from) = (repeat.joint_u_percent?, repeat.same_from_percent?);
    let [u, from] = [u, from].map(significant);
    let label = &repeat.label;
    Some(if within {
        format!(
            "{label}: agrees within the joint U of {u} %; the same from a tolerance of {from} %"
        )
    } else {
        format!(
            "{label}: differs by more than the joint U of {u} %, not surely by {} %; the same from {from} %",
            rerun.tolerance_percent
        )
    })
}

fn words(rerun: &Rerun) -> String {
    let top = 1.0 + rerun.tolerance_percent / 100.0;
    format!(
        "ratio: new rate over filed rate; 95 %: its interval, from the joint U of both. same: the interval lies within \
         {} to {} (--tolerance), different: wholly outside, undecided: anything else, and what a reason stands below for.",
        significant(top.recip()),
        significant(top)
    )
}
