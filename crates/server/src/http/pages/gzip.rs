//! Bytes as gzip, and whether somebody takes that. Knows no file.
//!
//! Source: RFC 1952; RFC 9110, 12.5.3.

use http::{HeaderMap, header::ACCEPT_ENCODING};
use miniz_oxide::deflate::compress_to_vec;

/// Magic number, deflate, no flags, no time, smallest, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
/// The smallest: a file is packed once and sent often.
const LEVEL: u8 = 9;

/// These bytes as one gzip member.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len() & 0xffff_ffff).unwrap_or_default();
    let stream = compress_to_vec(bytes, LEVEL);
    [&HEADER, stream.as_slice(), &checksum(bytes).to_le_bytes(), &size.to_le_bytes()].concat()
}

/// CRC-32, as gzip ends with it.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}

/// Whether who asks takes gzip.
pub(super) fn is_taken(asked: &HeaderMap) -> bool {
    let values = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut others = false;
    for coding in values.flat_map(|value| value.split(',')) {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let taken = !is_zero(weight);
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => return taken,
            "*" => others = taken,
            _ => {}
        }
    }
    others
}

/// Whether a weight such as `q=0.000` says that a coding is not wanted.
fn is_zero(weight: &str) -> bool {
    let weight = weight.trim();
    let number = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="));
    number.is_some_and(|number| number.bytes().all(|byte| byte == b'0' || byte == b'.'))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use miniz_oxide::inflate::decompress_to_vec;

    use super::*;

    #[test]
    fn what_is_packed_can_be_unpacked_and_ends_with_checksum_and_size() {
        let text = b"123456789".repeat(1_000);
        let packed = gzip(&text);
        let (stream, end) = packed[HEADER.len()..].split_at(packed.len() - HEADER.len() - 8);
        assert_eq!(decompress_to_vec(stream).expect("a deflate stream"), text);
        assert_eq!(end[..4], checksum(&text).to_le_bytes());
        assert_eq!(end[4..], 9_000_u32.to_le_bytes());
    }

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum(b""), 0);
    }

    #[test]
    fn gzip_is_sent_to_who_names_it_with_a_weight() {
        let taken = |accepted: &'static str| {
            is_taken(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accepted))]))
        };
        for accepted in ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "x-gzip", "*", "identity;q=0, *;q=0.1"] {
            assert!(taken(accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "identity"] {
            assert!(!taken(accepted), "{accepted}");
        }
        assert!(!is_taken(&HeaderMap::new()));
    }
}
