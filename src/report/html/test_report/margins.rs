//! The margins of a printed page: which report it is, of which record, page n of m.

use std::fmt::Write;

use crate::shown::clean;

/// Longest name in a margin: there is one line for it.
const LONGEST: usize = 70;

/// Page rules with what stands in the margins of this report.
pub(super) fn margins(
    number: &str,
    record: &str,
    sha256: &str,
    laboratory: Option<&str>,
) -> String {
    let laboratory = laboratory.filter(|name| !name.trim().is_empty());
    let (number, id) = (css_string(number), css_string(record));
    format!(
        "@page {{
  @top-left {{ content: {}; }}
  @top-right {{ content: \"Test report \" {number}; }}
  @bottom-left {{ content: \"Record \" {id} \"\\a SHA-256 \" {}; }}
  @bottom-right {{ content: \"Page \" counter(page) \" of \" counter(pages); }}
}}
@page :first {{ @top-left {{ content: none; }} @top-right {{ content: none; }} }}",
        css_string(laboratory.unwrap_or("Laboratory: not stated")),
        css_string(sha256),
    )
}

/// A text of unknown origin as a string in a style sheet that stands in a page: whatever is no plain letter or digit is
/// an escape, so it can end neither the string nor the style.
fn css_string(text: &str) -> String {
    let text = clean(text);
    let mut safe = String::from("\"");
    for c in text.chars().take(LONGEST) {
        if c.is_ascii_alphanumeric() || [' ', '-', '.', '_', ','].contains(&c) {
            safe.push(c);
        } else {
            let _ = write!(safe, "\\{:x} ", u32::from(c));
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        safe.push_str("\\2026 ");
    }
    safe.push('"');
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_a_string() {
        assert_eq!(css_string("20261124T1431-h200"), "\"20261124T1431-h200\"");
        let hostile = css_string("a\"; } </style><script>\\");
        assert_eq!(hostile, "\"a\\22 \\3b  \\7d  \\3c \\2f style\\3e \\3c script\\3e \\5c \"");
        assert_eq!(css_string(&"é".repeat(71)).matches("\\e9 ").count(), 70);
    }
}
