//! One entry for libFuzzer to all targets: `WATCHPOST_TARGET` names which.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<watchpost_fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("WATCHPOST_TARGET").unwrap_or_default();
    watchpost_fuzz::find(&name)
        .unwrap_or_else(|| panic!("WATCHPOST_TARGET is one of: {}", watchpost_fuzz::names().join(" ")))
});

fuzz_target!(|data: &[u8]| TARGET(data));
