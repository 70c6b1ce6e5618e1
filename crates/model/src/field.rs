//! The value of a record's field, borrowed from whoever has it.

use std::net::IpAddr;

use base::{FileId, Span, Ts, Uid};

use crate::{Record, Type};

/// A borrowed value. Unset, empty and default are three things: [`Field::Unset`] is the first, an
/// empty list or string the second; the third is a matter of schemas.
#[derive(Clone, Copy, Default)]
pub enum Field<'a> {
    /// There is no value.
    #[default]
    Unset,
    /// True or false.
    Bool(bool),
    /// Signed number.
    Int(i64),
    /// Unsigned number.
    Count(u64),
    /// Floating point.
    Real(f64),
    /// Packet time.
    Time(Ts),
    /// Length of time.
    Span(Span),
    /// Address.
    Addr(IpAddr),
    /// Port number.
    Port(u16),
    /// Transport protocol by its IP number.
    Proto(u8),
    /// Bytes as they came; text in most cases, not always valid UTF-8.
    Bytes(&'a [u8]),
    /// Text that is valid UTF-8.
    Text(&'a str),
    /// A connection's id.
    Uid(Uid),
    /// A file's id.
    File(FileId),
    /// Several values.
    List(&'a dyn List),
    /// A record within a record.
    Record(&'a dyn Record),
}

/// Several values of one type.
pub trait List {
    /// How many.
    fn len(&self) -> usize;
    /// The value at `i`, `Unset` past the end.
    fn get(&self, i: usize) -> Field<'_>;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A Rust type that can be a field. The derive uses it for both the schema and the row.
pub trait IntoField {
    /// The type that schemas give.
    const TYPE: Type;
    /// The value, borrowed.
    fn field(&self) -> Field<'_>;
}

macro_rules! plain {
    ($($t:ty => $ty:expr, |$v:ident| $e:expr;)*) => {$(
        impl IntoField for $t {
            const TYPE: Type = $ty;
            #[inline]
            fn field(&self) -> Field<'_> { let $v = self; $e }
        }
    )*};
}

/// A port number, distinct from a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Port(pub u16);
/// A transport protocol by number, distinct from a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proto(pub u8);
/// Bytes that are told as text where they are text. (A plain `Vec<u8>` would be a list of numbers.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes<'a>(pub &'a [u8]);
/// A list whose order means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetOf<L>(pub L);

plain! {
    bool => Type::Bool, |v| Field::Bool(*v);
    u8 => Type::Count, |v| Field::Count(u64::from(*v));
    u16 => Type::Count, |v| Field::Count(u64::from(*v));
    u32 => Type::Count, |v| Field::Count(u64::from(*v));
    u64 => Type::Count, |v| Field::Count(*v);
    usize => Type::Count, |v| Field::Count(*v as u64);
    i32 => Type::Int, |v| Field::Int(i64::from(*v));
    i64 => Type::Int, |v| Field::Int(*v);
    f64 => Type::Real, |v| Field::Real(*v);
    Ts => Type::Time, |v| Field::Time(*v);
    Span => Type::Span, |v| Field::Span(*v);
    IpAddr => Type::Addr, |v| Field::Addr(*v);
    Port => Type::Port, |v| Field::Port(v.0);
    Proto => Type::Proto, |v| Field::Proto(v.0);
    Uid => Type::Text, |v| Field::Uid(*v);
    FileId => Type::Text, |v| Field::File(*v);
    &str => Type::Text, |v| Field::Text(v);
    String => Type::Text, |v| Field::Text(v);
    Bytes<'_> => Type::Text, |v| Field::Bytes(v.0);
}

impl<T: IntoField> IntoField for Option<T> {
    const TYPE: Type = T::TYPE;
    #[inline]
    fn field(&self) -> Field<'_> {
        self.as_ref().map_or(Field::Unset, IntoField::field)
    }
}

/// Lists of anything that is a field itself.
macro_rules! lists {
    ($([$($g:tt)*] $t:ty, $item:ty;)*) => {$(
        impl<$($g)*> List for $t {
            fn len(&self) -> usize { <[$item]>::len(self) }
            fn get(&self, i: usize) -> Field<'_> {
                <[$item]>::get(self, i).map_or(Field::Unset, IntoField::field)
            }
        }
        impl<$($g)*> IntoField for $t {
            const TYPE: Type = Type::Vector(&<$item as IntoField>::TYPE);
            #[inline]
            fn field(&self) -> Field<'_> { Field::List(self) }
        }
    )*};
}
lists! {
    [T: IntoField] Vec<T>, T;
    ['a, T: IntoField] &'a [T], T;
}

impl<T: IntoField> IntoField for SetOf<Vec<T>> {
    const TYPE: Type = Type::Set(&<T as IntoField>::TYPE);
    fn field(&self) -> Field<'_> {
        Field::List(&self.0)
    }
}

impl<T: IntoField> IntoField for SetOf<&[T]> {
    const TYPE: Type = Type::Set(&<T as IntoField>::TYPE);
    fn field(&self) -> Field<'_> {
        Field::List(&self.0)
    }
}
