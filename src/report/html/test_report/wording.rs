//! Words for paper: what a program calls things is no name there.

use minijinja::Value;

use super::results::NAMES;
use crate::report::html::svg::escape;

/// Quantities that only rules compare, and the facts that they ask for, by their names in rule files.
const OTHERS: [(&str, &str); 26] = [
    ("memory_bandwidth_density", "Memory bandwidth density (GB/s per mm²)"),
    ("link_gb_per_s", "One link (GB/s)"),
    ("fp64_pflops", "FP64 rate (PFLOP/s)"),
    ("fp32_pflops", "FP32 rate (PFLOP/s)"),
    ("volume_ft3", "Volume (cubic feet)"),
    ("approximated_transistors", "Approximated number of transistors"),
    ("export_tpp_share", "Share of the exporter's TPP"),
    ("country_tpp", "TPP shipped to the country"),
    ("consignee_year_tpp", "TPP shipped to the consignee in the year"),
    ("training_ops", "Operations of a training run"),
    ("deployment_tpp", "TPP of the deployment"),
    ("data_center", "Designed or marketed for data centers"),
    ("memory_only", "Memory without a processor"),
    ("co_packaged_with_processor", "Packaged together with a processor"),
    ("high_bandwidth_memory", "High-bandwidth memory"),
    ("cpu", "Central processor"),
    ("advanced_node_logic", "Logic of an advanced node"),
    ("approved_designer", "Approved or authorised designer"),
    ("approved_packaging", "Packaged by an approved company"),
    ("commercially_available_us_2026_01_15", "Commercially available in the US on 2026-01-15"),
    ("exported_from_us", "Exported from the US"),
    ("designed_in_d5", "Designed in a country of group D:5"),
    ("system", "A system"),
    ("computer", "A computer"),
    ("us_data_center_use", "Use in a data center in the US"),
    ("encryption", "Encryption"),
];

/// A reason with the names of this report in place of those of rule files. Words of plain English are names only where
/// a fact is told, at the front and before a colon.
pub(super) fn plain(why: &str) -> String {
    let mut text = String::new();
    let mut rest = why;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !part_of_name(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let fact = text.is_empty() && after.starts_with(": ");
        let quantity = NAMES.iter().any(|(name, _)| *name == word);
        let named = (quantity || fact || word.contains('_')).then(|| name(word)).flatten();
        text.push_str(named.unwrap_or(word));
        let next = after.find(part_of_name).unwrap_or(after.len());
        text.push_str(&after[..next]);
        rest = &after[next..];
    }
    text
}

/// Hyphens, dots and slashes belong to names of clauses.
fn part_of_name(c: char) -> bool {
    c.is_alphanumeric() || ['_', '-', '.', '/'].contains(&c)
}

fn name(key: &str) -> Option<&'static str> {
    NAMES.iter().chain(&OTHERS).find(|(known, _)| *known == key).map(|(_, name)| *name)
}

/// What stands between backticks is set as code; everything is escaped first.
pub(super) fn code(text: &str) -> Value {
    let parts: Vec<String> = text.split('`').map(escape).collect();
    if parts.len().is_multiple_of(2) {
        return Value::from_safe_string(parts.join("`"));
    }
    let set = |(at, part): (usize, &String)| {
        if at % 2 == 1 { format!("<code>{part}</code>") } else { part.clone() }
    };
    Value::from_safe_string(parts.iter().enumerate().map(set).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_rules_ask_for_has_one_on_paper() {
        let book = crate::normalize::Book::load().unwrap();
        let clauses = || book.rules.rules.iter().flat_map(|rule| &rule.clause);
        let quantities = clauses()
            .flat_map(|clause| clause.when.comparisons())
            .flat_map(|(sum, ..)| sum.iter().map(|named| named.quantity()));
        let facts = clauses().flat_map(|c| c.when.facts()).map(|(fact, _)| fact.fact());
        for key in quantities.chain(facts) {
            assert!(name(key).is_some(), "{key} has no name");
        }
    }

    #[test]
    fn names_of_rule_files_become_names_and_nothing_else_changes() {
        for (key, name) in [
            ("tpp unknown, < 4,800", "TPP (TOPS × bit length) unknown, < 4,800"),
            (
                "commercially_available_us_2026_01_15: not stated, presumed yes",
                "Commercially available in the US on 2026-01-15: not stated, presumed yes",
            ),
            ("cpu: no", "Central processor: no"),
            ("us-tpp-2026/a.tops is undetermined", "us-tpp-2026/a.tops is undetermined"),
            (
                "it is about a system, and this is one chip",
                "it is about a system, and this is one chip",
            ),
            ("note-2 is undetermined", "note-2 is undetermined"),
        ] {
            assert_eq!(plain(key), name);
        }
    }

    #[test]
    fn code_is_what_stands_between_two_backticks_and_is_escaped() {
        assert_eq!(
            code("the notes `held-back/...`").to_string(),
            "the notes <code>held-back/...</code>"
        );
        assert_eq!(code("one ` <b>").to_string(), "one ` &lt;b&gt;");
        assert!(!code("`<script>`").to_string().contains("<script"));
    }
}
