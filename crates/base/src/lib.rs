//! The ground everything stands on: packet time, identifiers, hashing, bounded reading of
//! untrusted bytes, timers. Nothing here knows a protocol, a clock or an environment.

#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod community;
mod hash;
mod id;
mod reader;
mod time;
mod wheel;

pub use community::community_id;
pub use hash::{Hash128, hash64, hash128};
pub use id::{Dir, FileId, FlowId, Uid};
pub use reader::{Reader, Short};
pub use time::{Span, Ts};
pub use wheel::{TimerId, Wheel};

/// A fast map for keys that the network chooses; seeded, so that nobody can aim collisions at it.
pub type Map<K, V> = hashbrown::HashMap<K, V, foldhash::fast::RandomState>;
/// The set that goes with [`Map`].
pub type Set<K> = hashbrown::HashSet<K, foldhash::fast::RandomState>;
