//! Properties: what is written is read, and another reader of the same grammar agrees.

#[path = "properties/differential.rs"]
mod differential;
#[path = "properties/round_trip.rs"]
mod round_trip;
#[path = "properties/spelling.rs"]
mod spelling;
