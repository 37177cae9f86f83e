//! The decision table of docs/verdicts.md, whose text is the only one: it is read here, not written again.

use serde::Serialize;

/// What the words of a verdict mean.
const VERDICTS: &str = include_str!("../../../../docs/verdicts.md");
/// The head of the table.
const HEAD: &str = "| word | when | what may be said |";
/// Paragraphs that belong to it.
const RULES: [&str; 3] = ["Reliefs", "Windows", "Precedence"];

/// The table with what belongs to it.
#[derive(Debug, Serialize)]
pub(super) struct Annex {
    rows: Vec<Row>,
    rules: Vec<Rule>,
}

/// One word, in the order in which they are tried.
#[derive(Debug, Serialize)]
struct Row {
    word: String,
    when: String,
    means: String,
}

/// A rule of reading, by its name.
#[derive(Debug, Serialize)]
struct Rule {
    name: &'static str,
    text: String,
}

/// The decision table of this version.
pub(super) fn annex() -> Annex {
    let table = VERDICTS.lines().skip_while(|line| *line != HEAD).skip(2);
    let rows = table.map_while(row).collect();
    let rule = |name: &&'static str| {
        let head = format!("**{name}.** ");
        let mut lines = VERDICTS.lines().skip_while(|line| !line.starts_with(&head));
        let lines: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        Rule { name, text: lines.join(" ").trim_start_matches(&head).replace('*', "") }
    };
    Annex { rows, rules: RULES.iter().map(rule).collect() }
}

fn row(line: &str) -> Option<Row> {
    let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let cells: Vec<String> = cells.split(" | ").map(|cell| cell.replace("**", "")).collect();
    let [word, when, means] = <[String; 3]>::try_from(cells).ok()?;
    Some(Row { word: word.trim_matches('`').to_owned(), when, means })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documents() {
        let annex = annex();
        let words: Vec<&str> = annex.rows.iter().map(|row| row.word.as_str()).collect();
        assert_eq!((words.len(), words[0], words[11]), (12, "invalid", "not-shown-to-exceed"));
        assert_eq!(annex.rows[8].when, "x + U >= T");
        for rule in &annex.rules {
            assert!(rule.text.len() > 60 && !rule.text.contains('*'), "{rule:?}");
        }
    }
}
