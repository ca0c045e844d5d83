//! What a client may send in which order, and what it costs to wait for the rest.

use std::borrow::Cow;

use super::*;
use crate::frame::CloseCode;

#[test]
fn the_samples_of_the_rfc_are_read() {
    let samples: [(&[u8], Owned); 4] = [
        (&[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], text("Hello")),
        (&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], text("Hello")),
        (&[0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], text("Hello")),
        (&[0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], Owned::Pong(b"Hello".to_vec())),
    ];
    for (bytes, event) in samples {
        assert_eq!(decode(bytes), (vec![event], None));
    }
}

#[test]
fn masked_and_unmasked_frames_may_alternate_within_a_message() {
    let stream = [client_frame(0x01, b"from ", None), masked(0x80, b"apple")].concat();
    assert_eq!(decode(&stream), (vec![text("from apple")], None));
}

#[test]
fn a_text_that_lies_whole_in_the_input_is_borrowed() {
    let mut frame = masked(0x81, b"in place");
    let (mut decoder, mut input) = (Decoder::new(LIMIT), frame.as_mut_slice());
    let event = decoder.decode(&mut input).expect("valid").expect("whole");
    assert!(matches!(event, Event::Text(Cow::Borrowed("in place"))));
}

#[test]
fn binary_messages_are_surfaced() {
    let stream = [masked(0x02, &[0xff]), masked(0x80, &[0]), masked(0x82, &[0xfe])].concat();
    assert_eq!(decode(&stream), (vec![Owned::Binary(vec![0xff, 0]), Owned::Binary(vec![0xfe])], None));
}

#[test]
fn empty_frames_are_messages_and_fragments_too() {
    let stream = [masked(0x81, b""), masked(0x01, b""), masked(0x00, b""), masked(0x80, b"")].concat();
    assert_eq!(decode(&stream), (vec![text(""), text("")], None));
}

#[test]
fn control_frames_come_between_fragments() {
    let stream = [masked(0x01, b"a"), masked(0x89, b"!"), masked(0x8a, b""), masked(0x80, b"b")].concat();
    assert_eq!(decode(&stream), (vec![Owned::Ping(b"!".to_vec()), Owned::Pong(vec![]), text("ab")], None));
}

#[test]
fn a_control_frame_cut_in_two_does_not_disturb_the_open_message() {
    let ping = masked(0x89, &[7; 125]);
    let stream = [masked(0x01, b"a"), ping.clone(), masked(0x80, b"b")].concat();
    let cut = masked(0x01, b"a").len() + ping.len() / 2;
    let (events, error, _) = decode_pieces(LIMIT, [&stream[..cut], &stream[cut..]]);
    assert_eq!((events, error), (vec![Owned::Ping(vec![7; 125]), text("ab")], None));
}

#[test]
fn a_continuation_needs_an_open_message() {
    let stream = [masked(0x81, b"closed"), masked(0x80, b"?")].concat();
    assert_eq!(decode(&stream), (vec![text("closed")], Some(FrameError::UnexpectedContinuation)));
}

#[test]
fn a_message_may_not_begin_inside_another() {
    for first in [0x81, 0x01, 0x82] {
        let stream = [masked(0x01, b"open"), masked(first, b"?")].concat();
        assert_eq!(decode(&stream), (vec![], Some(FrameError::InterruptedMessage)));
    }
}

#[test]
fn what_came_before_an_error_is_still_surfaced() {
    let stream = [masked(0x89, b"first"), masked(0xc1, b"reserved bit"), masked(0x89, b"late")].concat();
    assert_eq!(decode(&stream), (vec![Owned::Ping(b"first".to_vec())], Some(FrameError::ReservedBits)));
}

#[test]
fn nothing_is_read_after_an_error() {
    let (events, error, decoder) = decode_pieces(LIMIT, [&masked(0x83, b"")[..], &masked(0x81, b"late")[..]]);
    assert_eq!((events, error), (vec![], Some(FrameError::ReservedOpcode(3))));
    assert_eq!(decoder.allocated_bytes(), 0);
}

#[test]
fn nothing_is_read_after_a_close() {
    let close = masked(0x88, &[&1000_u16.to_be_bytes()[..], b"bye"].concat());
    let closing = Closing { code: CloseCode::NORMAL, reason: "bye".to_owned() };
    assert_eq!(
        decode(&[close, masked(0x89, b"late"), vec![0xff; 40]].concat()),
        (vec![Owned::Close(Some(closing))], None)
    );
}

#[test]
fn a_close_may_come_before_a_message_is_whole() {
    let (events, error, decoder) = decode_pieces(LIMIT, [&[masked(0x01, b"half"), masked(0x88, b"")].concat()[..]]);
    assert_eq!((events, error), (vec![Owned::Close(None)], None));
    assert_eq!(decoder.allocated_bytes(), 0);
}

#[test]
fn an_invalid_close_ends_the_connection_with_an_error() {
    assert_eq!(decode(&masked(0x88, &[3])), (vec![], Some(FrameError::TruncatedCloseCode)));
}

#[test]
fn a_message_of_exactly_the_limit_is_accepted() {
    let limit_text = "x".repeat(64_000);
    let (events, error, _) = decode_pieces(64_000, [&masked(0x81, limit_text.as_bytes())[..]]);
    assert_eq!((events, error), (vec![text(&limit_text)], None));
}

#[test]
fn a_longer_message_is_refused_by_its_header_alone() {
    let header = &masked(0x81, &[b'x'; 64_001])[..8];
    let (events, error, _) = decode_pieces(64_000, [header]);
    assert_eq!((events, error), (vec![], Some(FrameError::MessageTooBig { max_message_bytes: 64_000 })));
    assert_eq!(error.map(FrameError::close_code), Some(CloseCode::MESSAGE_TOO_BIG));
}

#[test]
fn the_longest_length_that_can_be_written_is_refused_as_too_big() {
    let (_, error, _) = decode_pieces(LIMIT, [&[0x81, 0x7f, 0x7f, 255, 255, 255, 255, 255, 255, 255][..]]);
    assert_eq!(error, Some(FrameError::MessageTooBig { max_message_bytes: LIMIT }));
}

#[test]
fn fragments_are_summed_against_the_limit() {
    let within = [masked(0x01, b"12345"), masked(0x80, b"67890")].concat();
    let (events, error, _) = decode_pieces(10, [&within[..]]);
    assert_eq!((events, error), (vec![text("1234567890")], None));
    let beyond = [masked(0x01, b"12345"), masked(0x00, b"67890"), masked(0x80, b"1")].concat();
    let header_of_last = &beyond[..beyond.len() - 1];
    let (events, error, _) = decode_pieces(10, [header_of_last]);
    assert_eq!((events, error), (vec![], Some(FrameError::MessageTooBig { max_message_bytes: 10 })));
}

#[test]
fn control_frames_do_not_count_against_the_limit() {
    let stream = [masked(0x01, b"1234"), masked(0x89, &[1; 125]), masked(0x80, b"5")].concat();
    let (events, error, _) = decode_pieces(5, [&stream[..]]);
    assert_eq!((events, error), (vec![Owned::Ping(vec![1; 125]), text("12345")], None));
}

#[test]
fn text_that_is_not_utf8_is_an_invalid_payload() {
    let (events, error) = decode(&masked(0x81, b"\xce\xba\xff"));
    assert_eq!((events, error.map(FrameError::close_code)), (vec![], Some(CloseCode::INVALID_PAYLOAD)));
}

#[test]
fn a_character_may_be_split_between_fragments() {
    let stream = [masked(0x01, b"\xf0\x9f"), masked(0x00, b""), masked(0x00, b"\x98"), masked(0x80, b"\x80")].concat();
    assert_eq!(decode(&stream), (vec![text("😀")], None));
}

#[test]
fn a_message_that_ends_inside_a_character_is_refused() {
    for stream in [masked(0x81, b"\xf0\x9f"), [masked(0x01, b"\xf0\x9f"), masked(0x80, b"")].concat()] {
        assert_eq!(decode(&stream), (vec![], Some(FrameError::InvalidUtf8)));
    }
}

#[test]
fn bad_utf8_is_refused_on_the_byte_that_makes_it_bad_inside_an_unfinished_frame() {
    let frame = masked(0x81, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited");
    let (header_bytes, good_bytes) = (6, 12);
    let mut decoder = Decoder::new(LIMIT);
    assert_eq!(feed(&mut decoder, &frame[..header_bytes + good_bytes]), (vec![], None));
    let bad_byte = &frame[header_bytes + good_bytes..][..1];
    assert_eq!(feed(&mut decoder, bad_byte), (vec![], Some(FrameError::InvalidUtf8)));
}

#[test]
fn bad_utf8_is_refused_in_the_fragment_that_holds_it() {
    let first = masked(0x01, b"\xce\xba\xf4\x90\x80");
    assert_eq!(decode(&first), (vec![], Some(FrameError::InvalidUtf8)));
}

#[test]
fn a_decoder_takes_at_most_96_bytes() {
    assert!(size_of::<Decoder>() <= 96, "{} bytes", size_of::<Decoder>());
}

#[test]
fn nothing_is_allocated_between_messages() {
    let mut decoder = Decoder::new(LIMIT);
    for stream in [
        [masked(0x01, &[b'x'; 5_000]), masked(0x80, &[b'x'; 5_000])].concat(),
        masked(0x89, &[1; 125]),
        masked(0x82, &[2; 9_000]),
    ] {
        let (head, tail) = stream.split_at(stream.len() / 3);
        feed(&mut decoder, head);
        assert_ne!(decoder.allocated_bytes(), 0, "what is unfinished is held");
        assert_eq!(feed(&mut decoder, tail).0.len(), 1);
        assert_eq!(decoder.allocated_bytes(), 0);
    }
}

#[test]
fn a_declared_length_allocates_nothing() {
    let frame = masked(0x82, &[0; 60_000]);
    let mut decoder = Decoder::new(64_000);
    feed(&mut decoder, &frame[..8]);
    assert_eq!(decoder.allocated_bytes(), 0);
    feed(&mut decoder, &frame[8..108]);
    assert!(decoder.allocated_bytes() <= 200, "{} bytes", decoder.allocated_bytes());
}
