//! What the conformance tests share: the golden files, a report that hides nothing, and matching of frames against
//! what a fixture expects. It knows the wire, and nothing of the server's insides.

pub mod desk;
pub mod golden;
pub mod matching;
pub mod mirror;
pub mod raw_http;
pub mod report;
pub mod values;
