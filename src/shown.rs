//! Text of unknown origin, made fit to be shown.
//!
//! A record may be anybody's. An adapter's name with an escape code in it can paint over a terminal, one with a
//! line break can forge a line of a report, one with a bidi control can show a word backwards. So nothing of a
//! record is shown that has not been through here, as a whole: who writes a new output cannot forget a field.

use std::borrow::Cow;
use std::fmt::Write;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Longer texts are cut: no name, reason or remark that means something is longer.
const LONGEST: usize = 600;

/// A text with every character that acts on its surroundings written as an escape (`\n`, `\x1b`, `\u{202e}`), and
/// cut when it is absurdly long. Most texts come back as they are.
pub fn clean(text: &str) -> Cow<'_, str> {
    let long = text.len() > LONGEST && text.chars().nth(LONGEST).is_some();
    if !long && !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::new();
    for c in text.chars().take(LONGEST) {
        if acts(c) { escape(&mut safe, c) } else { safe.push(c) }
    }
    if long {
        let rest = text.chars().count() - LONGEST;
        let _ = write!(safe, "… ({rest} more characters)");
    }
    Cow::Owned(safe)
}

/// The same for a page of ours that has texts of unknown origin in it, as messages of errors have: its line breaks
/// stay, and its length.
pub fn clean_lines(page: &str) -> Cow<'_, str> {
    if !page.chars().any(|c| acts(c) && c != '\n') {
        return Cow::Borrowed(page);
    }
    let mut safe = String::new();
    for c in page.chars() {
        if acts(c) && c != '\n' { escape(&mut safe, c) } else { safe.push(c) }
    }
    Cow::Owned(safe)
}

/// A copy with all its texts clean, keys included.
pub fn cleaned<T: Serialize + DeserializeOwned>(value: &T) -> Result<T> {
    let fail = |e: serde_json::Error| Error::Internal(format!("it cannot be shown: {e}"));
    let value = serde_json::to_value(value).map_err(fail)?;
    serde_json::from_value(clean_value(value)).map_err(fail)
}

fn clean_value(value: Value) -> Value {
    match value {
        Value::String(text) => match clean(&text) {
            Cow::Borrowed(_) => Value::String(text),
            Cow::Owned(safe) => Value::String(safe),
        },
        Value::Array(values) => values.into_iter().map(clean_value).collect(),
        Value::Object(map) => {
            let entries =
                map.into_iter().map(|(key, v)| (clean(&key).into_owned(), clean_value(v)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        plain => plain,
    }
}

/// JSON for people's screens and programs alike: the same value to a parser, and no byte of it acts on a
/// terminal. Such characters can stand inside strings only, so an escape is right wherever one is.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Error::Internal(e.to_string()))?;
    if !text.chars().any(|c| acts(c) && c != '\n') {
        return Ok(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Ok(safe)
}

fn escape(safe: &mut String, c: char) {
    let _ = match c {
        '\n' => write!(safe, "\\n"),
        '\r' => write!(safe, "\\r"),
        '\t' => write!(safe, "\\t"),
        c if u32::from(c) < 0x100 => write!(safe, "\\x{:02x}", u32::from(c)),
        c => write!(safe, "\\u{{{:x}}}", u32::from(c)),
    };
}

/// Whether a character does something else than to be seen: controls of the terminal (C0, C1), line and paragraph
/// separators, bidi controls, and what is there without a width, by which two equal names would differ.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_is_seen_and_the_rest_stays() {
        assert_eq!(clean("llvmpipe (LLVM 19.1.7)"), "llvmpipe (LLVM 19.1.7)");
        assert_eq!(clean("H200\u{1b}]0;x\u{7}\u{9b}1A"), "H200\\x1b]0;x\\x07\\x9b1A");
        assert_eq!(clean("ok\n\ntier proven\u{202e}"), "ok\\n\\ntier proven\\u{202e}");
        assert_eq!(clean("GeForce µ 東 é"), "GeForce µ 東 é");
    }

    #[test]
    fn a_text_without_end_has_one() {
        let shown = clean(&"x".repeat(5_000_000)).into_owned();
        assert!(shown.len() < 700 && shown.ends_with("x… (4999400 more characters)"), "{shown}");
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left_and_cleaning_again_changes_nothing(text in any::<String>()) {
            let once = clean(&text).into_owned();
            prop_assert!(!once.chars().any(acts));
            prop_assert_eq!(clean(&once), once.as_str());
        }

        #[test]
        fn json_reads_back_as_the_same_and_nothing_in_it_acts(text in any::<String>()) {
            let written = json(&[&text]).unwrap();
            prop_assert!(!written.chars().any(|c| acts(c) && c != '\n'));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), [text]);
        }
    }
}
