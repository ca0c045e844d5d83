//! The masking key of a client frame. Knows nothing but XOR.

/// A masking key, turned so that its first byte meets the next payload byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask([u8; 4]);

impl Mask {
    /// Leaves every byte as it is; what an unmasked frame has.
    pub(super) const NONE: Self = Self([0; 4]);

    pub(super) const fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// Unmasks the next bytes of the payload in place, eight at a time, and turns the key on.
    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        if *self == Self::NONE {
            return;
        }
        let [a, b, c, d] = self.0;
        let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (words, rest) = bytes.as_chunks_mut::<8>();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.0.into_iter().cycle()) {
            *byte ^= key;
        }
        self.0.rotate_left(bytes.len() % 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_unmasked_as_byte_by_byte() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        for length in 0..40_u8 {
            let mut bytes: Vec<u8> = (0..length).collect();
            let expected: Vec<u8> = (0..length).map(|byte| byte ^ key[usize::from(byte) % 4]).collect();
            Mask::new(key).apply(&mut bytes);
            assert_eq!(bytes, expected);
        }
    }

    #[test]
    fn the_key_goes_on_where_the_last_piece_ended() {
        let key = [1, 20, 77, 200];
        let mut whole: Vec<u8> = (0..37).collect();
        let mut pieces = whole.clone();
        Mask::new(key).apply(&mut whole);
        let mut mask = Mask::new(key);
        let (mut rest, mut length) = (pieces.as_mut_slice(), 1);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at_mut(length.min(rest.len()));
            mask.apply(piece);
            (rest, length) = (after, length + 1);
        }
        assert_eq!(pieces, whole);
    }

    #[test]
    fn no_mask_changes_nothing() {
        let mut bytes = *b"as it came";
        let mut mask = Mask::NONE;
        mask.apply(&mut bytes);
        assert_eq!(&bytes, b"as it came");
    }
}
