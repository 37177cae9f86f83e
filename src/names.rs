//! Names: of drivers that are none of a GPU, and those that somebody wrote wrong.

/// Vulkan, OpenGL and Direct3D drivers that compute on the CPU, as they name themselves.
pub const CPU_DRIVERS: &[&str] =
    &["llvmpipe", "lavapipe", "softpipe", "swiftshader", "basic render driver"];

/// Most names that are offered.
const MOST: usize = 3;
/// Least likeness by edit distance, 0 to 1: a name that is farther away only confuses.
const LEAST_LIKENESS: f64 = 0.6;

/// The known names that are most like a wrong one, best first: those with a word that begins with it, those
/// that hold it, those that are spelt nearly so. None where nothing comes near.
/// ```
/// use tierbench::names::nearest;
/// let known = ["gh100", "x-h100-a", "matmul"];
/// assert_eq!(nearest("h100", known), ["x-h100-a", "gh100"]);
/// assert_eq!(nearest("matmull", known), ["matmul"]);
/// assert!(nearest("foo", known).is_empty());
/// ```
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wrong = wrong.to_lowercase();
    let squeezed = squeeze(&wrong);
    let rank = |name: &'a str| {
        let low = name.to_lowercase();
        let likeness = strsim::normalized_damerau_levenshtein(&wrong, &low);
        let starts_word =
            |(at, _): (usize, &str)| at == 0 || !low.as_bytes()[at - 1].is_ascii_alphanumeric();
        let kind = if squeezed.len() >= 2 && low.match_indices(&wrong).any(starts_word) {
            0
        } else if squeezed.len() >= 2 && squeeze(&low).contains(&squeezed) {
            1
        } else if likeness >= LEAST_LIKENESS {
            2
        } else {
            return None;
        };
        Some((kind, -likeness, name))
    };
    let mut ranked: Vec<_> = known.into_iter().filter_map(rank).collect();
    ranked.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    ranked.into_iter().map(|(_, _, name)| name).take(MOST).collect()
}

/// Letters and digits alone: people write `RTX 4090`, `rtx-4090` and `rtx4090`.
fn squeeze(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// What to say about a wrong name, with the nearest ones and where all of them are listed.
/// ```
/// let known = ["matmul", "chain"];
/// assert_eq!(
///     tierbench::names::unknown("workload", "matmull", known, "`run --help` lists all"),
///     "no workload is called \"matmull\"; the nearest is \"matmul\" (`run --help` lists all)"
/// );
/// ```
pub fn unknown<'a>(
    what: &str,
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
    all: &str,
) -> String {
    let near: Vec<String> = nearest(wrong, known).iter().map(|name| format!("{name:?}")).collect();
    match near.as_slice() {
        [] => format!("no {what} is called {wrong:?} ({all})"),
        [one] => format!("no {what} is called {wrong:?}; the nearest is {one} ({all})"),
        some => {
            format!("no {what} is called {wrong:?}; the nearest are {} ({all})", some.join(", "))
        }
    }
}
