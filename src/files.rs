//! Files on disk: written whole or not at all, and never over those of another run.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

use crate::shown::clean;

/// Longest part of a folder's name that comes from a device: file systems take 255 bytes in all.
const LONGEST_SLUG: usize = 60;
/// Folders of one name in one second before this is taken for a fault.
const MOST_OF_ONE_NAME: u32 = 10_000;

/// Replaces a file as a whole: written beside it, flushed to disk, then renamed. A link stays a link,
/// and what is no plain file (a pipe, `/dev/stderr`) is written to directly.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if target.exists() && !target.is_file() {
        return OpenOptions::new().write(true).open(&target)?.write_all(bytes);
    }
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    readable_by_all(file.as_file())?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|e| e.error)?;
    Ok(())
}

/// Temporary files are private; what is kept here is meant to be read by others.
#[cfg(unix)]
fn readable_by_all(file: &std::fs::File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &std::fs::File) -> Result<()> {
    Ok(())
}

/// Writes a new file that its owner alone may read; one that is there is an error.
pub fn new_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The bytes of a plain file of at most `largest` bytes: a pipe that nobody writes would wait for ever, and
/// a device may have no end.
pub fn read(path: &Path, largest: u64) -> Result<Vec<u8>> {
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "not a plain file"));
    }
    if facts.len() > largest {
        let what = format!("{} bytes, more than the {largest} that it may have", facts.len());
        return Err(Error::new(ErrorKind::InvalidInput, what));
    }
    std::fs::read(path)
}

/// A path for people, in a message.
pub fn name(path: &Path) -> String {
    clean(&path.display().to_string()).into_owned()
}

/// Makes the folder `out/id`, or `out/id-2`, `out/id-3` and so on where another run has that already: the
/// file system decides which of two runs that begin together gets which.
pub fn new_folder(out: &Path, id: &str) -> Result<PathBuf> {
    std::fs::create_dir_all(out)?;
    for number in 1..=MOST_OF_ONE_NAME {
        let name = if number == 1 { id.to_owned() } else { format!("{id}-{number}") };
        let path = out.join(name);
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(Error::new(ErrorKind::AlreadyExists, format!("there are {MOST_OF_ONE_NAME} of {id}")))
}

/// A name as part of a folder's name: its first words in lower case, joined by `-`.
pub fn slug(name: &str, words: usize) -> String {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let mut slug = parts.take(words).collect::<Vec<_>>().join("-").to_lowercase();
    slug.truncate(LONGEST_SLUG);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_there_is_never_taken_again() {
        let out = tempfile::tempdir().unwrap();
        let inside = out.path().join("a/b");
        let names: Vec<PathBuf> = (0..3).map(|_| new_folder(&inside, "id").unwrap()).collect();
        assert_eq!(names, ["id", "id-2", "id-3"].map(|name| inside.join(name)));
        std::fs::write(out.path().join("file"), "").unwrap();
        assert!(new_folder(&out.path().join("file"), "id").is_err());
    }

    #[test]
    fn a_file_is_replaced_whole_and_a_link_to_it_stays_one() {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join("record.json");
        replace(&file, b"one").unwrap();
        #[cfg(unix)]
        {
            let link = out.path().join("latest");
            std::os::unix::fs::symlink(&file, &link).unwrap();
            replace(&link, b"two").unwrap();
            assert!(link.is_symlink());
            assert_eq!(std::fs::read(&file).unwrap(), b"two");
        }
        replace(&file, b"three").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"three");
        assert!(replace(&out.path().join("gone/x"), b"").is_err());
    }

    #[test]
    fn a_slug_is_short_and_of_plain_words() {
        assert_eq!(slug("llvmpipe (LLVM 15.0.6, 256 bits)", 3), "llvmpipe-llvm-15");
        assert_eq!(slug("../../etc", 9), "etc");
        assert_eq!(slug(&"x".repeat(300), 3).len(), LONGEST_SLUG);
        assert_eq!(slug("\u{202e}é", 3), "");
    }
}
