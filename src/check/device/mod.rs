//! Was the device free to do its best, and is it the one it says it is?
//!
//! A sign is an observation with advice, never a verdict: what follows from it is decided later.
//! Unknown facts give no sign.

mod held_back;
mod identity;
mod load;

use super::Sign;
pub use held_back::signs;
pub use identity::identity_signs;
