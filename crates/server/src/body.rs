//! The body of a gate's answers.

use bytes::Bytes;
use http_body::Body;
use http_body_util::{Either, Full};

/// The body of an answer that passed a gate: the gate's own or a recorded one (left), or the
/// handler's, untouched (right).
pub type GateBody<B> = Either<Full<Bytes>, B>;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a handler's answer.
pub(crate) trait AnswerBody:
    Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static
{
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static> AnswerBody for B {}

pub(crate) fn full<B>(body: impl Into<Bytes>) -> GateBody<B> {
    Either::Left(Full::new(body.into()))
}

pub(crate) fn passed<B>(body: B) -> GateBody<B> {
    Either::Right(body)
}
