//! What the server writes, seen as bytes.

use super::server_frames;
use crate::frame::encode::{
    MAX_FRAME_BYTES, text_header, write_binary, write_close, write_close_reply, write_ping, write_pong, write_text,
};
use crate::frame::{CloseCode, MAX_CONTROL_BYTES};

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

#[test]
fn parts_become_one_unmasked_frame() {
    assert_eq!(written(|out| write_text(out, &[b"He", b"", b"llo"])), b"\x81\x05Hello");
}

#[test]
fn an_empty_text_is_a_frame() {
    assert_eq!(written(|out| write_text(out, &[])), [0x81, 0]);
}

#[test]
fn frames_are_appended_to_what_is_there() {
    let mut out = b"before".to_vec();
    write_text(&mut out, &[b"x"]);
    assert_eq!(out, b"before\x81\x01x");
}

#[test]
fn the_length_form_is_the_shortest() {
    for (length, expected) in [
        (0, vec![0x81, 0]),
        (125, vec![0x81, 125]),
        (126, vec![0x81, 126, 0, 126]),
        (255, vec![0x81, 126, 0, 255]),
        (MAX_FRAME_BYTES, vec![0x81, 126, 0x40, 0]),
    ] {
        assert_eq!(text_header(length).expect("fits a frame").as_ref(), expected);
        let payload = "x".repeat(length);
        assert!(written(|out| write_text(out, &[payload.as_bytes()])).starts_with(&expected));
    }
}

#[test]
fn a_message_too_long_for_a_frame_has_no_single_header() {
    assert_eq!(text_header(MAX_FRAME_BYTES + 1), None);
}

#[test]
fn a_message_of_a_whole_frame_is_not_split() {
    let payload = vec![b'x'; MAX_FRAME_BYTES];
    let frames = server_frames(&written(|out| write_text(out, &[&payload])));
    assert_eq!(frames, [(0x81, payload)]);
}

#[test]
fn a_longer_message_goes_on_in_continuations() {
    let payload = "x".repeat(2 * MAX_FRAME_BYTES + 1);
    let frames = server_frames(&written(|out| write_text(out, &[payload.as_bytes()])));
    let shape: Vec<(u8, usize)> = frames.iter().map(|(first, payload)| (*first, payload.len())).collect();
    assert_eq!(shape, [(0x01, MAX_FRAME_BYTES), (0x00, MAX_FRAME_BYTES), (0x80, 1)]);
}

#[test]
fn fragments_end_before_the_character_that_does_not_fit() {
    for (lead, first_fragment_bytes) in [(0, 16_384), (1, 16_381), (2, 16_382), (3, 16_383)] {
        let payload = "x".repeat(lead) + &"😀".repeat(4_100);
        let frames = server_frames(&written(|out| write_text(out, &[payload.as_bytes()])));
        assert_eq!(frames[0].1.len(), first_fragment_bytes, "after {lead} letters");
        assert_eq!(frames.len(), 2);
    }
}

#[test]
fn a_character_cut_between_parts_is_not_cut_between_fragments() {
    let payload = "x".repeat(MAX_FRAME_BYTES - 2) + "€uro";
    let (head, tail) = payload.as_bytes().split_at(MAX_FRAME_BYTES - 1);
    let frames = server_frames(&written(|out| write_text(out, &[head, tail])));
    assert_eq!(frames[0].1.len(), MAX_FRAME_BYTES - 2);
    assert_eq!(frames[1], (0x80, "€uro".as_bytes().to_vec()));
}

#[test]
fn a_binary_message_without_character_starts_is_split_at_the_limit() {
    let payload = vec![0x80; MAX_FRAME_BYTES + 5];
    let frames = server_frames(&written(|out| write_binary(out, &payload)));
    assert_eq!(frames, [(0x02, vec![0x80; MAX_FRAME_BYTES]), (0x80, vec![0x80; 5])]);
}

#[test]
fn pings_and_pongs_carry_their_payload() {
    assert_eq!(written(|out| write_ping(out, b"")), [0x89, 0]);
    assert_eq!(written(|out| write_pong(out, b"Hello")), b"\x8a\x05Hello");
}

#[test]
fn a_control_payload_is_cut_to_what_may_be_sent() {
    for write in [write_ping, write_pong] {
        let frames = server_frames(&written(|out| write(out, &[1; 200])));
        assert_eq!(frames[0].1, [1; MAX_CONTROL_BYTES]);
    }
}

#[test]
fn a_close_carries_code_and_reason() {
    assert_eq!(written(|out| write_close(out, CloseCode::TRY_AGAIN_LATER, "slow")), b"\x88\x06\x03\xf5slow");
}

#[test]
fn a_long_close_reason_is_cut_at_the_end_of_a_character() {
    let reason = "x".repeat(122) + "€";
    let frames = server_frames(&written(|out| write_close(out, CloseCode::NORMAL, &reason)));
    assert_eq!(frames, [(0x88, [&1000_u16.to_be_bytes()[..], &[b'x'; 122]].concat())]);
}

#[test]
fn a_close_is_answered_with_its_own_code() {
    assert_eq!(written(|out| write_close_reply(out, Some(CloseCode::GOING_AWAY))), [0x88, 2, 0x03, 0xe9]);
    assert_eq!(written(|out| write_close_reply(out, None)), [0x88, 0]);
}
