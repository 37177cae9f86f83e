//! SHA-256 as it stands in records: hexadecimal, in lower case.

use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The digest of some bytes.
/// ```
/// assert!(tierbench::digest::sha256_hex("abc").starts_with("ba7816bf"));
/// ```
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of a file, which may be large.
pub fn sha256_of(file: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(file)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            n => hash.update(&piece[..n]),
        }
    }
}
