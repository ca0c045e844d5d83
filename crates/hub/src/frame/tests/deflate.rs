//! What permessage-deflate changes on the wire, in both directions.

use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::frame::CloseCode;
use crate::frame::Compression;
use crate::frame::deflate::{Deflated, Window, negotiate};
use crate::frame::encode::MAX_FRAME_BYTES;

const DEFLATE: Compression = Compression::Deflate(Window::FULL);

/// What a client sends for a message: deflated blocks, each of which calls itself the last, and the open one.
fn deflated(message: &[u8]) -> Vec<u8> {
    [&compress_to_vec(message, 6)[..], &[0x00]].concat()
}

fn decode_deflated(limit: usize, stream: &[u8]) -> (Vec<Owned>, Option<FrameError>) {
    feed(&mut Decoder::with_compression(limit, DEFLATE), stream)
}

/// A message as its receiver puts it together: the first bits, the fragments' lengths, and what it inflates to.
fn received(stream: &[u8]) -> (u8, Vec<usize>, Vec<u8>) {
    let frames = server_frames(stream);
    let mut payload: Vec<u8> = frames.iter().flat_map(|(_, payload)| payload.clone()).collect();
    // The end of a flush, and an empty last block for a decompressor that wants one.
    payload.extend([0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff]);
    let first = frames[0].0;
    assert!(frames[1..].iter().all(|(first, _)| first & 0x70 == 0), "the bit is on the first frame alone");
    (first, frames.iter().map(|(_, payload)| payload.len()).collect(), decompress_to_vec(&payload).expect("deflate"))
}

#[test]
fn the_sample_of_the_rfc_is_read() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(decode_deflated(5, &masked(0xc1, &hello)), (vec![text("Hello")], None));
    let fragments = [masked(0x41, &hello[..3]), masked(0x89, b"!"), masked(0x80, &hello[3..])].concat();
    assert_eq!(decode_deflated(5, &fragments), (vec![Owned::Ping(b"!".to_vec()), text("Hello")], None));
}

#[test]
fn deflated_and_plain_messages_may_alternate() {
    let stream =
        [masked(0xc2, &deflated(&[0xff; 300])), masked(0x81, b"plain"), masked(0xc1, &deflated(b"x"))].concat();
    assert_eq!(decode_deflated(300, &stream), (vec![Owned::Binary(vec![0xff; 300]), text("plain"), text("x")], None));
}

#[test]
fn the_bit_is_refused_where_nothing_was_agreed_on_and_inside_messages_and_on_control_frames() {
    assert_eq!(decode(&masked(0xc1, &deflated(b"x"))), (vec![], Some(FrameError::ReservedBits)));
    for first in [0xc0, 0x40, 0xc8, 0xc9, 0xca] {
        let stream = [masked(0x41, b""), masked(first, b"")].concat();
        let (events, error) = decode_deflated(100, &stream);
        assert_eq!((events, error.map(FrameError::close_code)), (vec![], Some(CloseCode::PROTOCOL_ERROR)));
    }
}

#[test]
fn what_a_message_inflates_to_is_held_against_the_limit() {
    let message = vec![b'x'; 64_000];
    let stream = masked(0xc1, &deflated(&message));
    assert!(stream.len() < 200, "it is short on its way");
    assert_eq!(decode_deflated(64_000, &stream).1, None);
    let error = decode_deflated(63_999, &stream).1;
    assert_eq!(error, Some(FrameError::MessageTooBig { max_message_bytes: 63_999 }));
    assert_eq!(error.map(FrameError::close_code), Some(CloseCode::MESSAGE_TOO_BIG));
}

#[test]
fn what_arrives_of_a_deflated_message_has_a_limit_of_its_own() {
    // Empty stored blocks: they add nothing to the message, however many come.
    let piece = masked(0x00, &[0x00, 0x00, 0x00, 0xff, 0xff].repeat(20));
    let mut decoder = Decoder::with_compression(1000, DEFLATE);
    assert_eq!(feed(&mut decoder, &masked(0x41, b"")), (vec![], None));
    let error = (0..20).find_map(|_| feed(&mut decoder, &piece).1);
    assert_eq!(error, Some(FrameError::MessageTooBig { max_message_bytes: 1000 }));
}

#[test]
fn what_is_malformed_breaks_the_protocol_and_what_is_no_text_is_told_apart() {
    let (_, error) = decode_deflated(100, &masked(0xc1, &[0xff; 10]));
    assert_eq!(error.map(FrameError::close_code), Some(CloseCode::PROTOCOL_ERROR));
    let (_, error) = decode_deflated(100, &masked(0xc1, &deflated(&[0xff, 0xfe])));
    assert_eq!(error.map(FrameError::close_code), Some(CloseCode::INVALID_PAYLOAD));
}

#[test]
fn an_unfinished_deflated_message_holds_what_came_and_nothing_is_held_after_it() {
    let message: Vec<u8> =
        (0..20_000_u32).flat_map(|number| (number.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    let payload = deflated(&message);
    let mut decoder = Decoder::with_compression(LIMIT, DEFLATE);
    feed(&mut decoder, &masked(0x42, &payload[..1000]));
    assert!((1000..=2000).contains(&decoder.allocated_bytes()), "{} bytes", decoder.allocated_bytes());
    assert_eq!(feed(&mut decoder, &masked(0x80, &payload[1000..])), (vec![Owned::Binary(message)], None));
    assert_eq!(decoder.allocated_bytes(), 0);
}

#[test]
fn a_head_that_gains_nothing_is_not_deflated() {
    assert!(Deflated::of(&[b'x'; 127]).is_none(), "it is too short");
    assert!(Deflated::of(&[b'x'; 128]).is_some());
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(5000)
    .collect();
    assert!(Deflated::of(&noise).is_none(), "it cannot be deflated");
}

#[test]
fn a_longer_message_than_the_client_s_window_is_not_sent_deflated() {
    let head = vec![b'x'; 500];
    let deflated = Deflated::of(&head).expect("it shrinks");
    for (bits, most) in [(8, None), (9, Some(12)), (10, Some(524)), (15, Some(65_535))] {
        let offer = format!("permessage-deflate; server_max_window_bits={bits}");
        let Some(Compression::Deflate(window)) = negotiate(&[&offer]).map(|it| it.compression) else {
            panic!("{offer}")
        };
        assert_eq!((0..=70_000).rev().find(|rest| deflated.takes(*rest, window)), most, "{bits} bits");
    }
}

#[test]
fn a_long_deflated_message_is_sent_in_frames_that_every_client_takes() {
    let mut state = 1_u64;
    let head: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{:016x}é", state)
    })
    .take(5000)
    .collect();
    let mut out = Vec::new();
    Deflated::of(head.as_bytes()).expect("it shrinks").write_text(&mut out, [b"\"id\"", b"]}}"]);
    let (first, lengths, message) = received(&out);
    assert_eq!(message, [head.as_bytes(), b"\"id\"]}}"].concat());
    assert_eq!(first, 0x41);
    assert!(lengths.len() > 2 && lengths.iter().all(|length| *length <= MAX_FRAME_BYTES), "{lengths:?}");
}

proptest! {
    #[test]
    fn a_shared_head_and_anybodys_rest_are_inflated_to_the_message(
        words in prop::collection::vec(select(vec!["presences", "\"status\":", "online", "é😀", "{}", "0"]), 40..400),
        noise in "\\PC{0,60}",
        rests in prop::collection::vec("[a-z\",]{0,300}", 1..4),
    ) {
        let head = words.concat() + &noise;
        let Some(deflated) = Deflated::of(head.as_bytes()) else { return Ok(()) };
        for rest in rests {
            let mut out = Vec::new();
            deflated.write_text(&mut out, [rest.as_bytes(), b"]}}"]);
            let (first, _, message) = received(&out);
            prop_assert_eq!(first, 0xc1);
            prop_assert_eq!(String::from_utf8(message).expect("text"), format!("{head}{rest}]}}}}"));
            prop_assert_eq!(decode_deflated(LIMIT, &out), (vec![text(&format!("{head}{rest}]}}}}"))], None));
        }
    }

    #[test]
    fn how_a_deflated_stream_is_cut_changes_nothing(
        message in "\\PC{0,200}",
        fragment_bytes in 1_usize..100,
        piece_bytes in 1_usize..100,
    ) {
        let payload = deflated(message.as_bytes());
        let fragments: Vec<&[u8]> = payload.chunks(fragment_bytes).collect();
        let frames = fragments.iter().enumerate().map(|(index, fragment)| {
            let opcode = if index == 0 { 0x41 } else { 0 };
            masked(opcode | if index + 1 == fragments.len() { 0x80 } else { 0 }, fragment)
        });
        let stream: Vec<u8> = frames.flatten().collect();
        let mut decoder = Decoder::with_compression(LIMIT, DEFLATE);
        let events: Vec<Owned> = stream.chunks(piece_bytes).flat_map(|piece| feed(&mut decoder, piece).0).collect();
        prop_assert_eq!(events, vec![text(&message)]);
    }

    #[test]
    fn garbage_that_says_it_is_deflated_neither_panics_nor_piles_up(
        payload in prop::collection::vec(any::<u8>(), 0..2000),
        limit in 0_usize..500,
    ) {
        let (mut decoder, stream) = (Decoder::with_compression(limit, DEFLATE), masked(0xc2, &payload));
        let (events, _) = feed(&mut decoder, &stream);
        prop_assert!(events.iter().all(|event| matches!(event, Owned::Binary(bytes) if bytes.len() <= limit)));
        prop_assert_eq!(decoder.allocated_bytes(), 0);
    }
}
