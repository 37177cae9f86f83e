//! The findings of a classification as text: what holds and the rest in lines, or the arithmetic of each.

use std::fmt::Write;

use super::table::wrap;
use crate::normalize::Book;
use crate::record::{Declared, Finding};
use crate::verdict::{ABOUT, Classification};

/// What holds, with its words and one citation a rule; the rest in a line for each outcome.
pub(super) fn outcome(page: &mut String, c: &Classification, book: &Book) {
    let mut rest: [(Declared, Vec<String>); 2] =
        [(Declared::Undetermined, Vec::new()), (Declared::NotMet, Vec::new())];
    for group in c.findings.chunk_by(|a, b| a.rule == b.rule) {
        let rule = &group[0].rule;
        let known = book.rules.rules.iter().find(|known| known.id == *rule);
        if group.iter().any(|f| f.declared == Declared::Met) {
            let force = known.map_or(group[0].status.clone(), |known| known.force_on(&c.as_of));
            let evidence =
                known.map_or(String::new(), |known| format!("; text {}", known.evidence));
            let _ = writeln!(page, "\n{}", wrap(&format!("{rule}: {force}{evidence}"), 0));
            let _ = writeln!(page, "{}", wrap(&group[0].citation, 2));
        }
        for f in group.iter().filter(|f| f.declared == Declared::Met) {
            let clause = book.rules.resolve_in(&f.rule, &f.clause).map(|(_, clause)| clause);
            let (effect, text) = clause.map_or(("", ""), |c| (c.effect.name(), c.text.trim()));
            let presumed = f.why.iter().filter(|why| why.ends_with("presumed yes"));
            let presumed: Vec<&str> = presumed.map(String::as_str).collect();
            let presumed = match presumed.as_slice() {
                [] => String::new(),
                some => format!(" ({})", some.join("; ")),
            };
            let line = format!("  met, {effect}: {}: {text}{presumed}", f.clause);
            let _ = writeln!(page, "{}", wrap(line.trim_start(), 4).replacen("    ", "  ", 1));
        }
        for (word, rules) in &mut rest {
            let clauses = group.iter().filter(|f| f.declared == *word).map(|f| f.clause.as_str());
            let clauses: Vec<&str> = clauses.collect();
            if clauses.is_empty() {
                continue;
            }
            let about = group.iter().filter(|f| f.declared == *word).find_map(about);
            let about = about.map_or(String::new(), |about| format!(" ({})", about.join("; ")));
            rules.push(format!("{rule} {}{about}", clauses.join(", ")));
        }
    }
    let _ = writeln!(page);
    for (word, rules) in rest.iter().filter(|(_, rules)| !rules.is_empty()) {
        let text = format!("{}: {}", word.as_str(), rules.join("; "));
        let _ = writeln!(page, "{}", wrap(&text, 2).replacen("  ", "", 1));
    }
    let _ = writeln!(page, "(--why: the arithmetic of each; --format json: all that is known)");
}

/// Rules together: what holds or is open with its meaning, the rest in a line.
pub(super) fn findings(page: &mut String, c: &Classification, book: &Book) {
    let measured = c.subject.kind == "record";
    for group in c.findings.chunk_by(|a, b| a.rule == b.rule) {
        let rule = &group[0].rule;
        let known = book.rules.rules.iter().find(|known| known.id == *rule);
        let force = known.map_or(group[0].status.clone(), |known| known.force_on(&c.as_of));
        let evidence = known.map_or(String::new(), |known| format!("; text {}", known.evidence));
        let _ = writeln!(page, "\n{}", wrap(&format!("{rule}: {force}{evidence}"), 0));
        let _ = writeln!(page, "{}", wrap(&group[0].citation, 2));
        let governs = known.is_some_and(|known| known.governs);
        // Words for each clause where something was measured; else what holds, and what could of the paragraph itself.
        let told = |f: &&Finding| match f.declared {
            Declared::Met => true,
            Declared::Undetermined => governs || about(f).is_some(),
            Declared::NotMet => false,
        };
        for f in group.iter().filter(|f| measured || told(f)) {
            let clause = book.rules.resolve_in(&f.rule, &f.clause).map(|(_, clause)| clause);
            let effect = clause.map_or("", |clause| clause.effect.name());
            let line = format!("  {:<12} {:<10} ", f.declared.as_str(), f.clause);
            let why = about(f).unwrap_or(&f.why);
            let why: Vec<&str> = why.iter().map(|why| without_source(why)).collect();
            let measured =
                if measured { format!("{}, ", f.measured.as_str()) } else { String::new() };
            let text = format!("{measured}{effect}: {}", why.join("; "));
            let _ = writeln!(page, "{line}{}", wrap(&text, line.len()).trim_start());
        }
        for word in [Declared::NotMet, Declared::Undetermined] {
            let rest = group.iter().filter(|f| !measured && !told(f) && f.declared == word);
            let rest: Vec<&str> = rest.map(|f| f.clause.as_str()).collect();
            if !rest.is_empty() {
                let text = format!("{}: {}", word.as_str(), rest.join(", "));
                let _ = writeln!(page, "{}", wrap(&text, 2));
            }
        }
    }
}

/// Of a clause that is about more than a chip: that, and how many chips would come to its limits.
fn about(finding: &Finding) -> Option<&[String]> {
    let at = finding.why.iter().position(|why| why.starts_with(ABOUT))?;
    Some(&finding.why[at..])
}

/// A fact without what it rests on, which stands at the top of the page.
fn without_source(why: &str) -> &str {
    why.strip_prefix("data_center: ")
        .and_then(|rest| rest.split_once(" ("))
        .map_or(why, |(word, _)| &why[.."data_center: ".len() + word.len()])
}
