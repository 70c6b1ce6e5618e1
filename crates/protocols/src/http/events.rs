//! What scripts may handle of HTTP: one struct an event, its fields the arguments after the
//! connection. Names and arguments are Zeek's.

use base::Ts;
use model::{Bytes, Id, Record, RecordSchema};

use crate::room;

/// A request line was read.
#[derive(Record)]
#[record(id = Id::new(room::Http, 0), name = "http_request", event)]
pub struct HttpRequest<'a> {
    /// The method.
    pub method: Bytes<'a>,
    /// The target as it stands.
    pub original_uri: Bytes<'a>,
    /// The target with its escapes undone.
    pub unescaped_uri: Bytes<'a>,
    /// The version, `1.1`.
    pub version: Bytes<'a>,
}

/// A status line was read.
#[derive(Record)]
#[record(id = Id::new(room::Http, 1), name = "http_reply", event)]
pub struct HttpReply<'a> {
    /// The version, `1.1`.
    pub version: Bytes<'a>,
    /// The status code.
    pub code: u16,
    /// The reason phrase.
    pub reason: Bytes<'a>,
}

/// A header was read.
#[derive(Record)]
#[record(id = Id::new(room::Http, 2), name = "http_header", event)]
pub struct HttpHeader<'a> {
    /// Sent by the originator.
    pub is_orig: bool,
    /// The name as it was written.
    pub original_name: Bytes<'a>,
    /// The name in capitals.
    pub name: String,
    /// The value.
    pub value: Bytes<'a>,
}

/// A message, or a part of one, begins.
#[derive(Record)]
#[record(id = Id::new(room::Http, 3), name = "http_begin_entity", event)]
pub struct HttpBeginEntity {
    /// Sent by the originator.
    pub is_orig: bool,
}

/// A message, or a part of one, ends.
#[derive(Record)]
#[record(id = Id::new(room::Http, 4), name = "http_end_entity", event)]
pub struct HttpEndEntity {
    /// Sent by the originator.
    pub is_orig: bool,
}

/// All headers were read; the media type they name.
#[derive(Record)]
#[record(id = Id::new(room::Http, 5), name = "http_content_type", event)]
pub struct HttpContentType {
    /// Sent by the originator.
    pub is_orig: bool,
    /// The type in capitals.
    pub ty: String,
    /// The subtype in capitals.
    pub subty: String,
}

/// Bytes of a body, encodings undone.
#[derive(Record)]
#[record(id = Id::new(room::Http, 6), name = "http_entity_data", event)]
pub struct HttpEntityData<'a> {
    /// Sent by the originator.
    pub is_orig: bool,
    /// How many.
    pub length: u64,
    /// The bytes.
    pub data: Bytes<'a>,
}

/// A message ended.
#[derive(Record)]
#[record(id = Id::new(room::Http, 7), name = "http_message_done", event)]
pub struct HttpMessageDone {
    /// Sent by the originator.
    pub is_orig: bool,
    /// When the message began.
    pub start: Ts,
    /// It did not come to its proper end.
    pub interrupted: bool,
    /// Bytes of the body, encodings undone.
    pub body_length: u64,
    /// Bytes of the start line and headers.
    pub header_length: u64,
}

/// The connection goes on in another protocol.
#[derive(Record)]
#[record(id = Id::new(room::Http, 8), name = "http_connection_upgrade", event)]
pub struct HttpConnectionUpgrade<'a> {
    /// Which.
    pub protocol: Bytes<'a>,
}

/// All of the folder's events.
pub const EVENTS: &[&RecordSchema] = &[
    &HttpRequest::SCHEMA,
    &HttpReply::SCHEMA,
    &HttpHeader::SCHEMA,
    &HttpBeginEntity::SCHEMA,
    &HttpEndEntity::SCHEMA,
    &HttpContentType::SCHEMA,
    &HttpEntityData::SCHEMA,
    &HttpMessageDone::SCHEMA,
    &HttpConnectionUpgrade::SCHEMA,
];
