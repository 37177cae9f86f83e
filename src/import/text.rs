//! From the bytes of a file to text, and from text to JSON: shells, loggers and launchers add and change things.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Lines at which JSON is tried to begin.
const MOST_TRIES: usize = 32;

/// The text of a file. PowerShell writes UTF-16, editors of Windows a byte order mark.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let wide = |pair: fn([u8; 2]) -> u16| {
        let pairs = bytes[2..].chunks_exact(2).map(|b| pair([b[0], b[1]]));
        let text: Result<String, _> = char::decode_utf16(pairs).collect();
        text.map_err(|_| "begins as UTF-16 and is none; save it as UTF-8".to_owned())
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => {
            let mark = usize::from(bytes.starts_with(b"\xEF\xBB\xBF")) * 3;
            let mut text = String::from_utf8(bytes)
                .map_err(|_| "not text: neither UTF-8 nor UTF-16".to_owned())?;
            text.drain(..mark);
            Ok(text)
        }
    }
}

/// Takes away what `mpirun --tag-output` writes before every line: `[1,0]<stdout>:`.
pub(super) fn without_tags(text: String) -> String {
    if !text.contains("]<stdout>:") {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        plain.push_str(untagged(line).unwrap_or(line));
        plain.push('\n');
    }
    plain
}

fn untagged(line: &str) -> Option<&str> {
    let (tag, rest) = line.strip_prefix('[')?.split_once("]<stdout>:")?;
    tag.chars().all(|c| c.is_ascii_digit() || c == ',').then_some(rest)
}

/// The first JSON value in the text that is one of these, whatever log lines stand before and after it. The error
/// is that of the try that came furthest.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let text = &quoted_words(text);
    let mut furthest: Option<(usize, String)> = None;
    for begin in beginnings(text).take(MOST_TRIES) {
        let mut values = serde_json::Deserializer::from_str(&text[begin..]).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => return Ok(value),
            Some(Err(e)) => {
                let lines_before = text[..begin].bytes().filter(|b| *b == b'\n').count();
                let line = lines_before + e.line();
                if furthest.as_ref().is_none_or(|(known, _)| line > *known) {
                    let what = e.to_string();
                    let what = what.rsplit_once(" at line").map_or(what.as_str(), |(what, _)| what);
                    let cut = if e.is_eof() { "; the file is cut off" } else { "" };
                    furthest = Some((line, format!("line {line}: {what}{cut}")));
                }
            }
            None => {}
        }
    }
    Err(furthest.map_or_else(|| "no JSON in it".to_owned(), |(_, what)| what))
}

/// Every JSON object in the text that is one of these, in a list or one after the other, whatever stands between. What
/// comes before a break is kept.
pub(super) fn objects<T: DeserializeOwned>(
    text: &str,
    mut each: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    let text = &quoted_words(text);
    let (mut at, mut found, mut tries) = (0, false, 0);
    let mut wrong = None;
    while let Some(begin) = text[at..].find('{').map(|n| at + n) {
        let mut values = serde_json::Deserializer::from_str(&text[begin..]).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                at = begin + values.byte_offset();
                found = true;
                each(value)?;
            }
            Some(Err(e)) if tries < MOST_TRIES => {
                let what = e.to_string();
                wrong.get_or_insert(
                    what.rsplit_once(" at line").map_or(what.clone(), |w| w.0.into()),
                );
                tries += 1;
                at = begin + 1;
            }
            _ => break,
        }
    }
    if found { Ok(()) } else { Err(wrong.unwrap_or_else(|| "no JSON in it".into())) }
}

/// Places of lines that begin as an object or a list does.
fn beginnings(text: &str) -> impl Iterator<Item = usize> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let begin = at + line.len() - line.trim_start().len();
        at += line.len();
        line.trim_start().starts_with(['{', '[']).then_some(begin)
    })
}

/// `inf` and `nan`, which C prints and JSON does not know, as texts: then the row can be told.
fn quoted_words(text: &str) -> Cow<'_, str> {
    const WORDS: [&str; 6] = ["-inf", "inf", "-nan", "nan", "NaN", "Infinity"];
    let bytes = text.as_bytes();
    let mut plain = String::new();
    let (mut copied, mut at, mut within) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if within => at += 1,
            b'"' => within = !within,
            b'\n' => within = false,
            b':' | b',' | b'[' if !within => {
                let rest = text[at + 1..].trim_start_matches([' ', '\n', '\r', '\t']);
                let word = WORDS.into_iter().find(|word| {
                    let after = rest.strip_prefix(word).map(|rest| rest.bytes().next());
                    after.is_some_and(|next| next.is_none_or(|b| !b.is_ascii_alphanumeric()))
                });
                if let Some(word) = word {
                    let begin = text.len() - rest.len();
                    plain.push_str(&text[copied..begin]);
                    plain.extend(["\"", word, "\""]);
                    copied = begin + word.len();
                    at = copied - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    plain.push_str(&text[copied..]);
    Cow::Owned(plain)
}

/// Whether the text has this as a key of an object.
pub(super) fn has_key(text: &str, key: &str) -> bool {
    let key = format!("\"{key}\"");
    text.match_indices(&key).any(|(at, _)| text[at + key.len()..].trim_start().starts_with(':'))
}

/// Whether one of the lines begins so.
pub(super) fn has_line(text: &str, beginning: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(beginning))
}

/// A number that stands in JSON as one or as a text; NaN where it is neither.
pub(super) fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    struct Number;
    impl serde::de::Visitor<'_> for Number {
        type Value = f64;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a number")
        }
        fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
            Ok(value)
        }
        fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
            Ok(value as f64)
        }
        fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
            Ok(value as f64)
        }
        fn visit_str<E>(self, value: &str) -> Result<f64, E> {
            Ok(value.trim().parse().unwrap_or(f64::NAN))
        }
        fn visit_bool<E>(self, _: bool) -> Result<f64, E> {
            Ok(f64::NAN)
        }
        fn visit_unit<E>(self) -> Result<f64, E> {
            Ok(f64::NAN)
        }
    }
    from.deserialize_any(Number)
}

/// The same for a key that may be absent.
pub(super) fn maybe_number<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<f64>, D::Error> {
    number(from).map(Some)
}

/// [`number`] as a type of its own, for lists.
#[derive(Clone, Copy, serde::Deserialize)]
pub(super) struct Number(#[serde(deserialize_with = "number")] pub(super) f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_wide_characters_are_read() {
        let wide = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
            let mut all = mark.to_vec();
            all.extend("{é}".encode_utf16().flat_map(bytes));
            decode(all).unwrap()
        };
        assert_eq!(wide([0xFF, 0xFE], u16::to_le_bytes), "{é}");
        assert_eq!(wide([0xFE, 0xFF], u16::to_be_bytes), "{é}");
        assert_eq!(decode(b"\xEF\xBB\xBFa".to_vec()).unwrap(), "a");
        assert!(decode(b"\xFF\xFE\x00\xD8".to_vec()).is_err());
        assert!(decode(vec![0xFF]).is_err());
    }

    #[test]
    fn json_is_found_among_log_lines_and_its_words_are_no_numbers() {
        let found: Vec<Number> = json("[1, x]\nlog {\n[1, inf, -nan,\"inf\"]\nend").unwrap();
        let found: Vec<f64> = found.into_iter().map(|n| n.0).collect();
        assert!(found[0] == 1.0 && found[1].is_infinite() && found[2].is_nan());
        assert_eq!(quoted_words("[\"a: inf\", infinite]"), "[\"a: inf\", infinite]");
        assert!(json::<Vec<Number>>("[1,\n2").err().unwrap().contains("line 2"));
        assert_eq!(json::<Vec<Number>>("nothing").err().unwrap(), "no JSON in it");
    }

    #[test]
    fn tags_of_launchers_go() {
        assert_eq!(without_tags("[1,0]<stdout>: a\nb [1]\n".into()), " a\nb [1]\n");
    }
}
