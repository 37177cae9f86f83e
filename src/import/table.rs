//! CSV tables inside printed text, by the names of their columns.

use csv::StringRecord;

/// Far more columns than any of the tables has.
const MOST_COLUMNS: usize = 1_000;

/// A row whose cells are found by name.
pub(super) struct Row<'a> {
    header: &'a StringRecord,
    /// Where the program's own columns begin: in front of them people put theirs, under any name.
    from: usize,
    cells: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// A cell that is not empty.
    pub(super) fn cell(&self, name: &str) -> Option<&'a str> {
        let own = self.header.iter().enumerate().skip(self.from);
        let at = own.into_iter().find(|(_, column)| column.trim() == name)?.0;
        self.cells.get(at).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A cell, or nothing.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.cell(name).unwrap_or_default()
    }

    /// A cell as a number; NaN where there is none.
    pub(super) fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or(f64::NAN)
    }

    /// Why it is no whole row, where it is none: it was cut, or is another line.
    pub(super) fn cut(&self) -> Option<String> {
        let (has, wants) = (self.cells.len(), self.header.len());
        (has != wants).then(|| {
            format!("the row has {has} cells and its header {wants}: it is cut or damaged")
        })
    }

    /// The columns' names in their order.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.header.iter().map(str::trim).zip(self.cells.iter().map(str::trim))
    }
}

/// Whether cells may stand in quotes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Quotes {
    /// A sign like any other.
    None,
    /// `"a, b"` is one cell.
    Double,
}

/// Calls `each` for every row of the tables whose header lines have the columns of `sign`, to the end of the text: a log may
/// hold several, with other columns each.
pub(super) fn rows(
    text: &str,
    sign: &str,
    quotes: Quotes,
    mut each: impl FnMut(&Row<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let found = text.find(sign).ok_or_else(|| format!("no line has `{sign}`"))?;
    let begin = text[..found].rfind('\n').map_or(0, |at| at + 1);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .quoting(quotes == Quotes::Double)
        .from_reader(&text.as_bytes()[begin..]);
    let wanted: Vec<&str> = sign.split(',').filter(|name| !name.is_empty()).collect();
    let (mut header, mut from) = (StringRecord::new(), 0);
    let mut cells = StringRecord::new();
    while reader.read_record(&mut cells).map_err(|e| e.to_string())? {
        let own = |name: &&str| cells.iter().any(|cell| cell.trim() == *name);
        if cells.len() >= wanted.len() && wanted.iter().all(own) {
            if cells.len() > MOST_COLUMNS {
                return Err(format!(
                    "{} columns: no table of this program has so many",
                    cells.len()
                ));
            }
            // A sign of one column stands anywhere.
            let first = cells.iter().position(|cell| cell.trim() == wanted[0]);
            from = first.filter(|_| wanted.len() > 1).unwrap_or_default();
            header.clone_from(&cells);
        } else if !header.is_empty() {
            each(&Row { header: &header, from, cells: &cells })?;
        }
    }
    if header.is_empty() { Err(format!("no line has the columns `{sign}`")) } else { Ok(()) }
}

/// Cells at commas that stand in no parentheses.
pub(super) fn cells(line: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let split = line.split(move |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth <= 0
    });
    split.map(str::trim)
}
