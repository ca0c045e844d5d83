//! The event frame that the references send: a real one, with a new stamp in its place.

use std::path::Path;

use anyhow::Context;

use crate::frames::server_header;
use crate::stamp::{self, STAMP_BYTES};

/// A frame cut at its stamp.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Template {
    /// Cuts the payload of a captured event.
    pub(crate) fn from_payload(payload: &[u8]) -> anyhow::Result<Self> {
        let position = stamp::position(payload).context("the captured event holds no stamp")?;
        let mut before = server_header(payload.len());
        before.extend_from_slice(&payload[..position]);
        Ok(Self { before, after: payload[position + STAMP_BYTES..].to_vec() })
    }

    /// Reads the payload that the scenario captured.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let payload = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::from_payload(&payload)
    }

    /// Appends the frame of the event that carries this stamp.
    pub(crate) fn append_frame(&self, stamp: &[u8; STAMP_BYTES], frames: &mut Vec<u8>) {
        frames.extend_from_slice(&self.before);
        frames.extend_from_slice(stamp);
        frames.extend_from_slice(&self.after);
    }

    /// Bytes of the frame, header included.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.before.len() + STAMP_BYTES + self.after.len()
    }
}

/// An event of the usual form and size, for runs without the server, where none can be captured.
pub(crate) fn stand_in_payload() -> String {
    let id = "5e5ea5c16897e0000001";
    let user = "5e5ea5c16897e0000002";
    let moment = "2026-08-01T10:00:00.000+00:00";
    let stamp = stamp::blank();
    format!(
        r#"{{"type":"event","data":{{"events":["presences.{id}.upsert","presences.*.upsert","presences.{id}","presences.*"],"channels":["presences","presences.{id}","presences.upsert","presences.{id}.upsert"],"timestamp":"{moment}","payload":{{"$id":"{id}","$createdAt":"{moment}","$updatedAt":"{moment}","$permissions":["read(\"any\")"],"userId":"{user}","status":"{stamp}","source":"rest","expiresAt":"{moment}","metadata":{{"page":"/docs/start","cursor":{{"x":120,"y":348}}}}}},"subscriptions":["0123456789abcdef0123"]}}}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::{Template, stand_in_payload};
    use crate::frames::{FrameKind, first_frame};
    use crate::stamp;

    #[test]
    fn a_reference_sends_the_captured_event_with_its_own_stamp() {
        let payload = stand_in_payload();
        let template = Template::from_payload(payload.as_bytes()).expect("the stand-in holds a stamp");
        let mut bytes = Vec::new();
        template.append_frame(b"t=0000000000000042", &mut bytes);
        let frame = first_frame(&bytes).expect("a whole frame");
        assert_eq!((frame.kind, frame.frame_bytes), (FrameKind::Message, template.frame_bytes()));
        assert_eq!(frame.payload.len(), payload.len());
        assert_eq!(stamp::read(&frame.payload), Some(42));
    }

    #[test]
    fn the_stand_in_is_json() {
        assert!(serde_json::from_str::<serde_json::Value>(&stand_in_payload()).is_ok());
    }

    #[test]
    fn a_payload_without_a_stamp_is_refused() {
        assert!(Template::from_payload(br#"{"type":"pong"}"#).is_err());
    }
}
