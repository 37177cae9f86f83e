//! Panics of drivers and shader compilers as values, without the message that a panic prints.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread is inside [`caught`], where a panic is an answer and no accident.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs `make`; a panic inside becomes its text. What other threads panic about is printed as ever.
pub(super) fn caught<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !EXPECTED.get() {
                before(info);
            }
        }));
    });
    let outer = EXPECTED.replace(true);
    let made = catch_unwind(AssertUnwindSafe(make));
    EXPECTED.set(outer);
    made.map_err(|panic| text(&*panic))
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_text_also_inside_another_and_later_ones_are_not_swallowed() {
        let inner = caught(|| caught(|| panic!("{}", "inner")));
        assert_eq!(inner, Ok(Err::<(), _>("inner".to_owned())));
        assert_eq!(caught(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert!(!EXPECTED.get());
        assert_eq!(caught(|| 5), Ok(5));
    }
}
