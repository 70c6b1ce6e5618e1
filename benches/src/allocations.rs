//! Counts the heap allocations of reading a capture with EVE on, and prints the number.
//!
//! A program of its own, since the counting would cost the real one; it runs the same engine with
//! the same options. `cargo xtask bench read` divides by packets.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Outputs, ReadOptions};
use model::Profile;

/// The system's allocator, with a counter.
struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);

#[allow(unsafe_code)]
// SAFETY: every call is handed on unchanged to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the pointer came from `System` with this layout; the caller keeps the rest.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: allocations CAPTURE");
        return ExitCode::from(2);
    };
    let options = ReadOptions {
        paths: vec![path.into()],
        profile: Profile::WATCHPOST,
        outputs: Outputs { eve: Some("/dev/null".into()), ..Outputs::default() },
        filter: None,
        extract: None,
        threads: 1,
        seed: 0,
        progress: None,
    };
    match engine::read(options) {
        Ok(_) => {
            println!("{}", COUNT.load(Ordering::Relaxed));
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
