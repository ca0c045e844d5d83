//! The time of a write, carried through the server inside the presence status.
//!
//! A stamp has always the same length, so every frame of a run has, too, and a reference can put
//! its own stamp into a captured frame.

/// Bytes of a stamp: a mark of two and sixteen digits.
pub(crate) const STAMP_BYTES: usize = 18;

const MARK: &[u8] = b"\"t=";

/// Writes the moment over a stamp.
pub(crate) fn put(stamp: &mut [u8], moment_us: u64) {
    let text = format!("t={moment_us:016}");
    stamp.copy_from_slice(text.as_bytes());
}

/// A stamp to be written over.
pub(crate) fn blank() -> String {
    format!("t={:016}", 0)
}

/// Where the first stamp stands; it is always a whole JSON string.
pub(crate) fn position(bytes: &[u8]) -> Option<usize> {
    let start = bytes.windows(MARK.len()).position(|window| window == MARK)? + 1;
    (bytes.get(start + STAMP_BYTES) == Some(&b'"')).then_some(start)
}

/// The moment in the first stamp.
pub(crate) fn read(bytes: &[u8]) -> Option<u64> {
    let start = position(bytes)?;
    std::str::from_utf8(&bytes[start + 2..start + STAMP_BYTES]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{STAMP_BYTES, blank, position, put, read};

    #[test]
    fn a_moment_survives_the_way_through_a_frame() {
        let mut body = format!(r#"{{"userId":"t","status":"{}","n":1}}"#, blank()).into_bytes();
        let start = position(&body).expect("the body holds a stamp");
        put(&mut body[start..start + STAMP_BYTES], 1_234_567);
        assert_eq!(read(&body), Some(1_234_567));
    }

    #[test]
    fn a_frame_without_a_stamp_has_no_moment() {
        assert_eq!(read(br#"{"type":"pong"}"#), None);
        assert_eq!(read(br#"{"status":"t=12"}"#), None);
        assert_eq!(read(br#"{"status":"t=00000000"#), None);
    }
}
