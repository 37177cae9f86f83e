//! Tables and texts in GitHub's Markdown.

use std::fmt::Write;

/// Text that came from a driver or a file, so that it shows as it is and starts no markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// A table; columns after the first `left` ones are numbers and stand on the right.
pub(super) fn table(header: &[&str], left: usize, rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let header_cells: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let rule: Vec<String> =
        (0..header.len()).map(|at| if at < left { "---" } else { "---:" }.to_owned()).collect();
    let mut text = format!("{}\n{}\n", line(&header_cells), line(&rule));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
        let _ = writeln!(text, "{}", line(&cells));
    }
    text
}
