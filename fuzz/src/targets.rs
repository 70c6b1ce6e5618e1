//! The targets of every room, by name `room/target`.

/// What is fuzzed: it must end, soon, without panic, for all bytes.
pub type Target = fn(&[u8]);

/// The rooms and their own lists. `xtask tidy` sees to it that none is missing.
pub const ROOMS: &[(&str, &[(&str, Target)])] = &[
    ("wire", wire::fuzz::TARGETS),
    ("capture", capture::fuzz::TARGETS),
    ("flow", flow::fuzz::TARGETS),
    ("files", files::fuzz::TARGETS),
    ("match", matching::fuzz::TARGETS),
    ("protocols", protocols::fuzz::TARGETS),
    ("engine", engine::fuzz::TARGETS),
];

/// The names of all targets.
pub fn names() -> Vec<String> {
    let of = |(room, list): &(&str, &[(&str, Target)])| {
        list.iter().map(|(name, _)| format!("{room}/{name}")).collect::<Vec<_>>()
    };
    ROOMS.iter().flat_map(of).collect()
}

/// The target of that name.
pub fn find(name: &str) -> Option<Target> {
    let (room, target) = name.split_once('/')?;
    let (_, list) = ROOMS.iter().find(|(r, _)| *r == room)?;
    list.iter().find(|(t, _)| *t == target).map(|(_, f)| *f)
}
