//! How a folder declares its deviations: one line each, numbered within its room.

/// `anomalies! { Dns; /// doc  NAME = 0, "our_name", "zeek_name", "suricata.event"; … }` makes a
/// constant of each line and `ALL`, the table.
macro_rules! anomalies {
    ($room:ident; $($(#[$meta:meta])* $name:ident = $local:literal, $ours:literal, $zeek:literal, $suricata:literal;)*) => {
        $(
            $(#[$meta])*
            pub static $name: model::AnomalyKind = model::AnomalyKind {
                id: model::Id::new($crate::room::$room, $local),
                name: $ours,
                zeek: $zeek,
                suricata: $suricata,
            };
        )*
        /// All of them.
        pub static ALL: &[&model::AnomalyKind] = &[$(&$name),*];
    };
}
pub(crate) use anomalies;
