//! The deviations of HTTP, a row each: our name, Zeek's weird, Suricata's event.

crate::anomalies::anomalies! { Http;
    /// A line where a request was due is none.
    BAD_REQUEST = 0, "http_bad_request", "bad_HTTP_request", "http.request_line_invalid";
    /// The same, though it ends in a protocol version.
    BAD_REQUEST_WITH_VERSION = 1, "http_bad_request_with_version", "bad_HTTP_request_with_version", "http.request_line_invalid";
    /// An empty line where a request was due.
    EMPTY_REQUEST = 2, "http_empty_request", "empty_http_request", "";
    /// The request line has no target.
    MISSING_URI = 3, "http_missing_uri", "missing_HTTP_uri", "";
    /// `HTTP/` in other than capitals.
    LOWER_CASE_KEYWORD = 4, "http_lower_case_keyword", "lowercase_HTTP_keyword", "";
    /// A method that no registry knows.
    UNKNOWN_METHOD = 5, "http_unknown_method", "unknown_HTTP_method", "http.request_line_unknown_method";
    /// The version changed between messages of one direction.
    VERSION_MISMATCH = 6, "http_version_mismatch", "HTTP_version_mismatch", "";
    /// An HTTP/0.9 request with another method than GET.
    METHOD_NOT_0_9 = 7, "http_09_method", "invalid_http_09_request_method", "";
    /// A response came before the HTTP/0.9 request it may belong to.
    REPLY_BEFORE_0_9_REQUEST = 8, "http_09_reply_before_request", "http_09_reply_before_request", "";
    /// More than one request though the first did not ask to keep the connection.
    MULTIPLE_REQUESTS = 9, "http_multiple_requests", "unexpected_multiple_HTTP_requests", "";
    /// A response came before its request.
    RESPONSE_BEFORE_REQUEST = 10, "http_response_before_request", "HTTP_response_before_request", "http.unable_to_match_response_to_request";
    /// More requests wait for their responses than are kept.
    EXCESSIVE_PIPELINING = 11, "http_excessive_pipelining", "HTTP_excessive_pipelining", "";
    /// A message began before the one before it ended.
    OVERLAPPING_MESSAGES = 12, "http_overlapping_messages", "HTTP_overlapping_messages", "";
    /// Header of a part outside any entity.
    MISSING_ENTITY = 13, "http_missing_entity", "missing_HTTP_entity", "";
    /// A percent sign ends the target.
    PERCENT_AT_END = 14, "http_percent_at_end", "illegal_%_at_end_of_URI", "";
    /// A percent sign and one character end the target.
    PARTIAL_ESCAPE = 15, "http_partial_escape", "partial_escape_at_end_of_URI", "";
    /// Two percent signs in a row.
    DOUBLE_PERCENT = 16, "http_double_percent", "double_%_in_URI", "";
    /// A percent sign that escapes nothing.
    BARE_PERCENT = 17, "http_bare_percent", "unescaped_%_in_URI", "";
    /// A header bent over several lines.
    LINE_FOLDING = 18, "http_line_folding", "HTTP_obsolete_line_folding", "";
    /// Part headers that a delivery without line ends cut.
    NO_LINE_END_IN_HEADERS = 19, "http_no_line_end_in_headers", "http_no_crlf_in_header_list", "";
    /// Content-Length beside chunked transfer.
    LENGTH_AND_CHUNKED = 20, "http_length_and_chunked", "HTTP_content_length_and_chunked", "";
    /// Content-Length with leading zeros.
    LENGTH_LEADING_ZEROS = 21, "http_length_leading_zeros", "HTTP_content_length_leading_zeros", "";
    /// Content-Length 0 with an expectation of 100.
    LENGTH_0_AND_EXPECT = 22, "http_length_0_and_expect", "HTTP_content_length_0_and_expect_100_cont", "";
    /// Content-Length that is no length.
    BAD_LENGTH = 23, "http_bad_length", "HTTP_bad_content_length", "http.invalid_content_length_field_in_request";
    /// The same in a response.
    BAD_LENGTH_RESPONSE = 24, "http_bad_length_response", "HTTP_bad_content_length", "http.invalid_content_length_field_in_response";
    /// Content-Range beside chunked transfer.
    RANGE_AND_CHUNKED = 25, "http_range_and_chunked", "HTTP_content_range_and_chunked", "";
    /// Content-Range and Content-Length disagree.
    RANGE_NOT_LENGTH = 26, "http_range_not_length", "HTTP_range_not_matching_len", "";
    /// Content-Range in another unit than bytes.
    RANGE_UNIT = 27, "http_range_unit", "HTTP_content_range_unknown_byte_unit", "";
    /// Content-Range that can't be read.
    RANGE_SYNTAX = 28, "http_range_syntax", "HTTP_content_range_cannot_parse", "http.range_invalid";
    /// Content-Range with negative numbers.
    RANGE_NEGATIVE = 29, "http_range_negative", "HTTP_content_range_invalid", "http.range_invalid";
    /// Content-Range that ends before it starts.
    RANGE_BACKWARDS = 30, "http_range_backwards", "HTTP_non_positive_content_range", "http.range_invalid";
    /// Content-Range too long for any file.
    RANGE_OVERFLOW = 31, "http_range_overflow", "HTTP_content_range_overflow", "http.range_invalid";
    /// Content-Range whose whole size can't be read.
    RANGE_WHOLE = 32, "http_range_whole", "HTTP_content_range_invalid_instance", "";
    /// Something follows `chunked` in Transfer-Encoding.
    CHUNKED_MULTI = 33, "http_chunked_multi", "HTTP_chunked_multi", "http.response_abnormal_transfer_encoding";
    /// Transfer-Encoding among the headers of a part.
    NESTED_TRANSFER_ENCODING = 34, "http_nested_transfer_encoding", "HTTP_nested_transfer_encoding_header", "";
    /// A multipart body in chunks.
    CHUNKED_MULTIPART = 35, "http_chunked_multipart", "HTTP_chunked_transfer_for_multipart_message", "";
    /// An expectation other than 100.
    EXPECT_OTHER = 36, "http_expect_other", "HTTP_expect_not_100_continue", "";
    /// A chunk's size can't be read.
    BAD_CHUNK_SIZE = 37, "http_bad_chunk_size", "HTTP_bad_chunk_size", "http.invalid_request_chunk_len";
    /// The same in a response.
    BAD_CHUNK_SIZE_RESPONSE = 38, "http_bad_chunk_size_response", "HTTP_bad_chunk_size", "http.invalid_response_chunk_len";
    /// A compressed body can't be unpacked.
    INFLATE_FAILED = 39, "http_inflate_failed", "inflate_failed", "http.gzip_decompression_failed";
    /// A compressed body unpacks to too much.
    COMPRESSION_BOMB = 40, "http_compression_bomb", "", "http.compression_bomb";
    /// More encodings of a body than are undone.
    TOO_MANY_ENCODINGS = 41, "http_too_many_encodings", "", "http.too_many_encoding_layers";
    /// A line longer than is read.
    REQUEST_TOO_LONG = 42, "http_request_too_long", "contentline_size_exceeded", "http.request_field_too_long";
    /// The same in a response.
    RESPONSE_TOO_LONG = 43, "http_response_too_long", "contentline_size_exceeded", "http.response_field_too_long";
    /// More headers, or bytes of them, than are kept.
    TOO_MANY_HEADERS = 44, "http_too_many_headers", "", "http.request_too_many_headers";
    /// A line that ends in CR alone.
    LONE_CR = 45, "http_lone_cr", "line_terminated_with_single_CR", "";
    /// A body of lines whose last has no end.
    NO_LAST_LINE_END = 46, "http_no_last_line_end", "line_terminated_without_CRLF", "";
    /// An HTTP/1.1 request without Host.
    MISSING_HOST = 47, "http_missing_host", "", "http.missing_host_header";
    /// Target and Host name different hosts.
    AMBIGUOUS_HOST = 48, "http_ambiguous_host", "", "http.host_header_ambiguous";
    /// The host in the target is none.
    BAD_URI_HOST = 49, "http_bad_uri_host", "", "http.request_uri_host_invalid";
    /// The host in Host is none.
    BAD_HOST = 50, "http_bad_host", "", "http.request_header_host_invalid";
    /// Transfer-Encoding of a request that is not chunked.
    BAD_TRANSFER_ENCODING = 51, "http_bad_transfer_encoding", "", "http.invalid_transfer_encoding_value_in_request";
    /// A header line without a colon.
    MISSING_COLON = 52, "http_missing_colon", "", "http.request_field_missing_colon";
    /// The same in a response.
    MISSING_COLON_RESPONSE = 53, "http_missing_colon_response", "", "http.response_field_missing_colon";
    /// The status line's protocol is not HTTP.
    BAD_RESPONSE_PROTOCOL = 54, "http_bad_response_protocol", "", "http.response_line_invalid_protocol";
    /// The status line's code is none.
    BAD_RESPONSE_STATUS = 55, "http_bad_response_status", "", "http.response_line_invalid_response_status";
    /// Bytes after a request that are no request.
    UNEXPECTED_REQUEST_BODY = 56, "http_unexpected_request_body", "", "http.request_body_unexpected";
    /// Bytes after a response that are no response.
    UNEXPECTED_RESPONSE_BODY = 57, "http_unexpected_response_body", "", "http.response_body_unexpected";
    /// Bytes are lost where the state of the conversation depends on them.
    GAP_IN_HEADERS = 58, "http_gap_in_headers", "", "http.invalid_gap";
    /// An Authorization header that announces Basic and is not.
    BAD_CREDENTIALS = 59, "http_bad_credentials", "", "http.request_auth_unrecognized";
    /// Bytes of the next protocol came with the response that led to it.
    UPGRADE_WITH_DATA = 60, "http_upgrade_with_data", "protocol_data_with_HTTP_upgrade_reply", "";
    /// The same after CONNECT.
    CONNECT_WITH_DATA = 61, "http_connect_with_data", "protocol_data_with_HTTP_CONNECT_reply", "";
    /// An upgrade to WebSocket whose client sent no key.
    WEBSOCKET_MISSING_KEY = 62, "http_websocket_missing_key", "websocket_missing_key_header", "";
    /// An upgrade to WebSocket whose server answered no key.
    WEBSOCKET_MISSING_ACCEPT = 63, "http_websocket_missing_accept", "websocket_missing_accept_header", "";
    /// An upgrade to WebSocket whose server answered another key.
    WEBSOCKET_WRONG_ACCEPT = 64, "http_websocket_wrong_accept", "websocket_wrong_accept_header", "";
    /// The requests that wait for responses hold more bytes than are kept.
    TOO_MUCH_WAITING = 65, "http_too_much_waiting", "", "";
}
