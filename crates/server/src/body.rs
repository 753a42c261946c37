//! The body of a gate's answers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Either, Full};
use pin_project_lite::pin_project;

use crate::stream::End;

/// The body of an answer that passed a gate: the gate's own or a recorded one (left), or the
/// handler's, untouched (right).
pub type GateBody<B> = Either<Full<Bytes>, Passed<B>>;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a handler's answer.
pub(crate) trait AnswerBody:
    Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static
{
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static> AnswerBody for B {}

pin_project! {
    /// The body of a handler's answer, as the handler made it.
    #[derive(Debug)]
    pub struct Passed<B> {
        #[pin]
        body: B,
        // Of an answer that is paid for as it is produced: its end is the body's.
        end: Option<End>,
    }
}

impl<B: Body> Body for Passed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            *this.end = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pub(crate) fn full<B>(body: impl Into<Bytes>) -> GateBody<B> {
    Either::Left(Full::new(body.into()))
}

pub(crate) fn passed<B>(body: B) -> GateBody<B> {
    Either::Right(Passed { body, end: None })
}

/// The body of an answer that ends a stream when it ends.
pub(crate) fn metered<B>(body: B, end: End) -> GateBody<B> {
    Either::Right(Passed {
        body,
        end: Some(end),
    })
}
