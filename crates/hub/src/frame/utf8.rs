//! Text that arrives in pieces which may end inside a character. Knows no frames.

use super::FrameError;

/// The valid text so far, and the first bytes of a character whose rest is still to come.
#[derive(Debug, Default)]
pub(super) struct TextBuffer {
    text: String,
    pending: [u8; 4],
    pending_bytes: u8,
}

impl TextBuffer {
    /// Takes the next piece; fails on the first byte with which no valid text can go on.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), FrameError> {
        let piece = self.complete_pending(piece)?;
        let Err(error) = str::from_utf8(piece).map(|text| self.text.push_str(text)) else { return Ok(()) };
        if error.error_len().is_some() {
            return Err(FrameError::InvalidUtf8);
        }
        let (complete, tail) = piece.split_at(error.valid_up_to());
        self.text.push_str(str::from_utf8(complete).expect("validated up to here"));
        tail.iter().for_each(|&byte| self.hold(byte));
        Ok(())
    }

    /// The text, unless it ends inside a character.
    pub(super) fn finish(self) -> Result<String, FrameError> {
        if self.pending_bytes == 0 { Ok(self.text) } else { Err(FrameError::InvalidUtf8) }
    }

    /// How many bytes were taken.
    pub(super) fn len(&self) -> usize {
        self.text.len() + usize::from(self.pending_bytes)
    }

    /// How many bytes are allocated.
    pub(super) fn allocated_bytes(&self) -> usize {
        self.text.capacity()
    }

    /// Takes single bytes until the pending character is complete; returns what is left.
    fn complete_pending<'a>(&mut self, mut piece: &'a [u8]) -> Result<&'a [u8], FrameError> {
        while self.pending_bytes > 0
            && let Some((&byte, rest)) = piece.split_first()
        {
            piece = rest;
            self.hold(byte);
            match str::from_utf8(&self.pending[..usize::from(self.pending_bytes)]) {
                Ok(character) => {
                    self.text.push_str(character);
                    self.pending_bytes = 0;
                }
                Err(error) if error.error_len().is_some() => return Err(FrameError::InvalidUtf8),
                Err(_) => {}
            }
        }
        Ok(piece)
    }

    /// Keeps a byte of an incomplete character: never more than four, since four decide.
    fn hold(&mut self, byte: u8) {
        self.pending[usize::from(self.pending_bytes)] = byte;
        self.pending_bytes += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many bytes, given one by one, are accepted before the first refusal.
    fn accepted_bytes(bytes: &[u8]) -> usize {
        let mut buffer = TextBuffer::default();
        bytes.iter().take_while(|&&byte| buffer.push(&[byte]).is_ok()).count()
    }

    /// Whether some following bytes would make it valid text, found by trying the edges of
    /// every range that RFC 3629 allows.
    fn could_go_on(bytes: &[u8]) -> bool {
        const EDGES: [u8; 6] = [0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf];
        let mut tries = vec![bytes.to_vec()];
        for _ in 0..3 {
            if tries.iter().any(|text| str::from_utf8(text).is_ok()) {
                return true;
            }
            let longer = tries.iter().flat_map(|text| EDGES.map(|edge| [text.as_slice(), &[edge]].concat()));
            tries = longer.collect();
        }
        tries.iter().any(|text| str::from_utf8(text).is_ok())
    }

    fn in_pieces(bytes: &[u8], piece_bytes: usize) -> Result<String, FrameError> {
        let mut buffer = TextBuffer::default();
        bytes.chunks(piece_bytes).try_for_each(|piece| buffer.push(piece))?;
        buffer.finish()
    }

    /// Bytes among which characters of every width, and near misses of them, are frequent.
    fn mostly_text() -> impl Strategy<Value = Vec<u8>> {
        let character = any::<char>().prop_map(|character| character.to_string().into_bytes());
        let edge = prop::sample::select(vec![
            0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x90, 0x9f, 0xa0,
        ])
        .prop_map(|byte: u8| vec![byte]);
        prop::collection::vec(prop_oneof![8 => character, 1 => edge], 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library_in_pieces_of_any_length(bytes in mostly_text(), piece_bytes in 1_usize..9) {
            let expected = String::from_utf8(bytes.clone()).map_err(|_| FrameError::InvalidUtf8);
            prop_assert_eq!(in_pieces(&bytes, piece_bytes), expected);
        }

        #[test]
        fn fails_on_the_first_byte_that_leaves_no_way_on(bytes in mostly_text()) {
            let accepted = accepted_bytes(&bytes);
            prop_assert!(could_go_on(&bytes[..accepted]));
            prop_assert!(accepted == bytes.len() || !could_go_on(&bytes[..=accepted]));
        }
    }

    #[test]
    fn fails_inside_a_character_as_soon_as_it_is_beyond_unicode() {
        assert_eq!(accepted_bytes(b"\xce\xba\xe1\xbd\xb9\xf4\x90\x80\x80edited"), 6);
    }

    #[test]
    fn fails_inside_a_surrogate() {
        assert_eq!(accepted_bytes(b"\xed\xa0\x80"), 1);
    }

    #[test]
    fn a_piece_is_refused_whole_when_a_bad_byte_follows_a_pending_character() {
        let mut buffer = TextBuffer::default();
        assert_eq!(buffer.push(&[0xf0, 0x9f]), Ok(()));
        assert_eq!(buffer.push(b"a"), Err(FrameError::InvalidUtf8));
    }

    #[test]
    fn the_length_counts_the_bytes_of_an_unfinished_character() {
        let mut buffer = TextBuffer::default();
        buffer.push(b"ab\xe2\x82").expect("may go on");
        assert_eq!(buffer.len(), 4);
    }

    #[test]
    fn text_that_ends_inside_a_character_is_refused() {
        assert_eq!(in_pieces(b"ab\xe2\x82", 4), Err(FrameError::InvalidUtf8));
    }
}
