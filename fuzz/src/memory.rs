//! Counts the memory that a call takes at most, for the class *bounded*.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// Runs `call`.
///
/// # Panics
///
/// When it held more than `most` bytes at one time.
pub fn at_most<T>(most: usize, call: impl FnOnce() -> T) -> T {
    let before = HELD.get();
    let peak_before = PEAK.replace(before);
    let value = call();
    let peak = PEAK.get().saturating_sub(before);
    PEAK.set(peak_before.max(PEAK.get()));
    assert!(
        peak <= most,
        "{peak} bytes were held at one time, allowed are {most}"
    );
    value
}

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn took(bytes: usize) {
    let held = HELD.get().saturating_add(bytes);
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: every call goes to the system's allocator unchanged; the counters are plain cells that allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        // SAFETY: the caller's promises are the system allocator's own.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.set(HELD.get().saturating_sub(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[cfg(test)]
mod tests {
    use super::at_most;

    #[test]
    fn what_is_held_is_counted() {
        at_most(2_000, || vec![0_u8; 1_000]);
    }

    #[test]
    #[should_panic(expected = "bytes were held")]
    fn too_much_is_seen() {
        at_most(2_000, || vec![0_u8; 3_000]);
    }
}
