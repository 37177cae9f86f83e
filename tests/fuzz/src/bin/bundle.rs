//! A bundle.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus { tierbench_fuzz::bundle(input) });
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    tierbench_fuzz::mutate(data, size, max_size, seed)
});
