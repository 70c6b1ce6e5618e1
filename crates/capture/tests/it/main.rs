//! Capture files as others write them, whole and broken; filter expressions over packets.

mod build;
mod captures;
mod compressed;
mod damage;
mod filter_diagnostics;
mod filter_matches;
mod formats;
mod fuzzing;
mod merging;
mod splitting;
mod writing;
