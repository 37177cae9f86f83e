//! From the bytes of a file to text, and from text to JSON: shells, loggers and launchers add and change things.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Places at which JSON is tried to begin in vain.
const MOST_TRIES: usize = 32;

/// The text of a file. PowerShell writes UTF-16, editors of Windows a byte order mark, and a host's name may be in any
/// encoding: what is no UTF-8 becomes a sign for that.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let wide = |from: usize, pair: fn([u8; 2]) -> u16| {
        let pairs = bytes[from..].chunks_exact(2).map(|b| pair([b[0], b[1]]));
        let text: Result<String, _> = char::decode_utf16(pairs).collect();
        text.map_err(|_| "begins as UTF-16 and is none; save it as UTF-8".to_owned())
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, ..] => wide(2, u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(2, u16::from_be_bytes),
        [1..=0x7F, 0, 1..=0x7F, 0, ..] => wide(0, u16::from_le_bytes),
        [0, 1..=0x7F, 0, 1..=0x7F, ..] => wide(0, u16::from_be_bytes),
        _ => {
            let mark = usize::from(bytes.starts_with(b"\xEF\xBB\xBF")) * 3;
            let mut text = String::from_utf8(bytes)
                .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
            if text.contains('\0') {
                return Err("not text: it has zero bytes".into());
            }
            text.drain(..mark);
            Ok(text)
        }
    }
}

/// Takes away what launchers write before every line (`[1,0]<stdout>:` by mpirun, `0: ` by srun) and colours.
pub(super) fn plain(text: String) -> String {
    let mut lines = text.lines().filter(|line| !line.is_empty()).peekable();
    let numbered = lines.peek().is_some() && lines.all(|line| after_rank(line).is_some());
    if !numbered && !text.contains("]<stdout>:") && !text.contains('\u{1b}') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        let line = if numbered { after_rank(line).unwrap_or(line) } else { line };
        let mut parts = untagged(line).unwrap_or(line).split("\u{1b}[");
        plain.push_str(parts.next().unwrap_or_default());
        for part in parts {
            // Digits and signs, then a letter that says what they do.
            let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
            plain.push_str(&part[end..]);
        }
        plain.push('\n');
    }
    plain
}

fn untagged(line: &str) -> Option<&str> {
    let (tag, rest) = line.strip_prefix('[')?.split_once("]<stdout>:")?;
    tag.chars().all(|c| c.is_ascii_digit() || c == ',').then_some(rest)
}

fn after_rank(line: &str) -> Option<&str> {
    let digits =
        line.len() - line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = line.get(digits..)?;
    (!line[..digits].trim().is_empty()).then_some(())?;
    rest.strip_prefix(": ").or_else(|| rest.strip_prefix(':').filter(|rest| rest.is_empty()))
}

/// Calls `each` for every JSON object in the text that is one of these: in a list, one after the other, or among log
/// lines. Where there is none, the error is that of the try that came furthest.
pub(super) fn objects<T: DeserializeOwned>(
    text: &str,
    mut each: impl FnMut(T) -> Result<(), String>,
) -> Result<(), String> {
    let text = &quoted_words(text);
    let (mut at, mut found, mut tries) = (0, false, 0);
    let mut furthest: Option<(usize, String)> = None;
    while let Some(begin) = text[at..].find('{').map(|n| at + n) {
        let mut values = serde_json::Deserializer::from_str(&text[begin..]).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                at = begin + values.byte_offset();
                found = true;
                each(value)?;
            }
            Some(Err(e)) if tries < MOST_TRIES => {
                let line = text[..begin].bytes().filter(|b| *b == b'\n').count() + e.line();
                if furthest.as_ref().is_none_or(|(known, _)| line > *known) {
                    let what = e.to_string();
                    let what = what.rsplit_once(" at line").map_or(what.as_str(), |(what, _)| what);
                    let cut = if e.is_eof() { "; the file is cut off" } else { "" };
                    furthest = Some((line, format!("line {line}: {what}{cut}")));
                }
                tries += 1;
                at = begin + 1;
            }
            _ => break,
        }
    }
    if found {
        return Ok(());
    }
    Err(furthest.map_or_else(|| "no JSON in it".to_owned(), |(_, what)| what))
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
        assert_eq!(decode(b"{\x00\xE9\x00".to_vec()).unwrap_err(), "not text: it has zero bytes");
        assert_eq!(
            decode("{é}".encode_utf16().flat_map(u16::to_le_bytes).collect()).unwrap_err().len(),
            27
        );
        assert_eq!(
            decode("{a}".encode_utf16().flat_map(u16::to_le_bytes).collect()).unwrap(),
            "{a}"
        );
        assert_eq!(decode(b"caf\xE9".to_vec()).unwrap(), "caf\u{fffd}");
    }

    #[test]
    fn json_is_found_among_log_lines_and_its_words_are_no_numbers() {
        #[derive(serde::Deserialize)]
        struct One {
            a: Vec<Number>,
        }
        let all = |text: &str| {
            let mut found = Vec::new();
            let read = objects(text, |one: One| {
                found.extend(one.a.into_iter().map(|n| n.0));
                Ok(())
            });
            read.map(|()| found)
        };
        let found =
            all("[1, x]\nlog {\n[{\"a\": [1, inf, -nan,\"inf\"]}, {\"a\": [2]}]\nend").unwrap();
        assert!(found[0] == 1.0 && found[1].is_infinite() && found[2].is_nan() && found[4] == 2.0);
        assert_eq!(quoted_words("[\"a: inf\", infinite]"), "[\"a: inf\", infinite]");
        assert!(all("{\"a\":\n[2,").unwrap_err().contains("line 2"));
        assert_eq!(all("nothing").unwrap_err(), "no JSON in it");
    }

    #[test]
    fn what_launchers_and_colours_add_goes() {
        assert_eq!(plain("[1,0]<stdout>: a\nb [1]\n".into()), " a\nb [1]\n");
        assert_eq!(plain("0: a\n\n12: b: 1\n".into()), "a\n\nb: 1\n");
        assert_eq!(plain("0: a\nb\n".into()), "0: a\nb\n");
        assert_eq!(plain("\u{1b}[1;31ma\u{1b}[0m b\n".into()), "a b\n");
    }
}
