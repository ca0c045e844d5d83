//! Facts that hold for every stream, tried on many.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::frame::encode::{MAX_FRAME_BYTES, write_binary, write_close, write_ping, write_pong, write_text};
use crate::frame::{CloseCode, MAX_CONTROL_BYTES};

/// Small enough that generated messages exceed it now and then.
const SMALL_LIMIT: usize = 400;

fn key() -> impl Strategy<Value = Option<[u8; 4]>> {
    prop_oneof![Just(None), any::<[u8; 4]>().prop_map(Some)]
}

/// A payload that is text as often as not.
fn payload(max_bytes: usize) -> impl Strategy<Value = Vec<u8>> {
    let characters = prop::collection::vec(any::<char>(), 0..max_bytes / 4);
    let text = characters.prop_map(|characters| characters.into_iter().collect::<String>().into_bytes());
    prop_oneof![4 => text, 1 => prop::collection::vec(any::<u8>(), 0..max_bytes)]
}

/// A message in fragments, with a ping after each of them; most of these are valid.
fn fragmented() -> impl Strategy<Value = Vec<u8>> {
    (select(vec![1_u8, 2]), payload(300), any::<Index>(), any::<Index>(), key()).prop_map(
        |(opcode, payload, first, second, key)| {
            let mut cuts = [first, second].map(|cut| cut.index(payload.len() + 1));
            cuts.sort_unstable();
            [
                client_frame(opcode, &payload[..cuts[0]], key),
                client_frame(0x89, b"between", key),
                client_frame(0, &payload[cuts[0]..cuts[1]], key),
                client_frame(0x80, &payload[cuts[1]..], key),
            ]
            .concat()
        },
    )
}

/// What a client might send: mostly valid frames, with flaws of every kind among them.
fn client_stream() -> impl Strategy<Value = Vec<u8>> {
    let message = (select(vec![0x81_u8, 0x82]), payload(200), key())
        .prop_map(|(first, payload, key)| client_frame(first, &payload, key));
    let control = (select(vec![0x89_u8, 0x8a]), prop::collection::vec(any::<u8>(), 0..=MAX_CONTROL_BYTES), key())
        .prop_map(|(first, payload, key)| client_frame(first, &payload, key));
    let close = (select(vec![999_u16, 1000, 1005, 4000]), ".{0,20}", key())
        .prop_map(|(code, reason, key)| client_frame(0x88, &[&code.to_be_bytes(), reason.as_bytes()].concat(), key));
    let any_frame =
        (any::<u8>(), payload(600), key()).prop_map(|(first, payload, key)| client_frame(first, &payload, key));
    let noise = prop::collection::vec(any::<u8>(), 0..30);
    let piece = prop_oneof![8 => message, 8 => control, 8 => fragmented(), 1 => close, 1 => any_frame, 1 => noise];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Cuts a stream into pieces of the given lengths, over and over.
fn cut<'a>(mut stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for length in lengths.iter().cycle() {
        if stream.is_empty() {
            break;
        }
        let (piece, rest) = stream.split_at((*length).min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

proptest! {
    #[test]
    fn how_a_stream_is_cut_changes_nothing(
        stream in client_stream(),
        lengths in prop::collection::vec(prop_oneof![1_usize..4, 1_usize..200], 1..6),
    ) {
        let (whole, whole_error, _) = decode_pieces(SMALL_LIMIT, [stream.as_slice()]);
        let (pieces, pieces_error, _) = decode_pieces(SMALL_LIMIT, cut(&stream, &lengths));
        prop_assert_eq!(pieces, whole);
        prop_assert_eq!(pieces_error, whole_error);
    }

    #[test]
    fn garbage_neither_panics_nor_piles_up(
        stream in prop::collection::vec(any::<u8>(), 0..2_000),
        lengths in prop::collection::vec(1_usize..50, 1..4),
    ) {
        let (_, _, decoder) = decode_pieces(SMALL_LIMIT, cut(&stream, &lengths));
        prop_assert!(decoder.allocated_bytes() <= 2 * (SMALL_LIMIT + MAX_CONTROL_BYTES));
    }

    #[test]
    fn what_a_client_writes_is_read(
        payload in payload(2_000),
        key in key(),
        fragment_bytes in 1_usize..2_000,
        lengths in prop::collection::vec(1_usize..600, 1..4),
    ) {
        let fragments: Vec<&[u8]> = payload.chunks(fragment_bytes).collect();
        let frames = fragments.iter().enumerate().map(|(index, fragment)| {
            let opcode = if index == 0 { 2 } else { 0 };
            let last = if index + 1 == fragments.len() { 0x80 } else { 0 };
            client_frame(last | opcode, fragment, key)
        });
        let stream: Vec<u8> = frames.flatten().collect();
        let (events, error, _) = decode_pieces(LIMIT, cut(&stream, &lengths));
        let expected = if payload.is_empty() { vec![] } else { vec![Owned::Binary(payload)] };
        prop_assert_eq!((events, error), (expected, None));
    }

    #[test]
    fn what_the_server_writes_is_read(
        message in "\\PC{0,40}",
        payload in prop::collection::vec(any::<u8>(), 0..=MAX_CONTROL_BYTES),
        reason in "[a-z]{0,123}",
    ) {
        let mut stream = Vec::new();
        write_text(&mut stream, &[message.as_bytes()]);
        write_ping(&mut stream, &payload);
        write_binary(&mut stream, &payload);
        write_pong(&mut stream, &payload);
        write_close(&mut stream, CloseCode::SERVICE_RESTART, &reason);
        let closing = Closing { code: CloseCode::SERVICE_RESTART, reason };
        let expected = vec![
            Owned::Text(message),
            Owned::Ping(payload.clone()),
            Owned::Binary(payload.clone()),
            Owned::Pong(payload),
            Owned::Close(Some(closing)),
        ];
        prop_assert_eq!(decode(&stream), (expected, None));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_fragment_of_a_long_text_is_short_and_text_by_itself(
        pattern in prop::collection::vec(any::<char>(), 1..40),
        message_bytes in 0_usize..60_000,
        cuts in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let message: String = pattern.iter().cycle().take(message_bytes / 2).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(message.len() + 1)).collect();
        cuts.extend([0, message.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|range| &message.as_bytes()[range[0]..range[1]]).collect();
        let mut stream = Vec::new();
        write_text(&mut stream, &parts);
        for (_, fragment) in server_frames(&stream) {
            prop_assert!(fragment.len() <= MAX_FRAME_BYTES);
            prop_assert!(str::from_utf8(&fragment).is_ok());
        }
        prop_assert_eq!(decode(&stream), (vec![Owned::Text(message)], None));
    }
}
