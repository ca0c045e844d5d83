//! What those who run the server rely on: metrics, health, request ids, the description of the API.

mod dashboard;
mod health;
mod metrics;
mod openapi;
mod promtext;
mod traces;
