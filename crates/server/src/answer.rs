//! The handler's answer: what of it is recorded, and how it is given, now and again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use coinslot_payment_store::UnixMillis;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde::{Deserialize, Serialize};

use crate::RecordPolicy;
use crate::body::{AnswerBody, GateBody, full, passed};

/// A recorded answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(with = "as_base64")]
    body: Bytes,
    until_millis: i64,
}

/// A recorded answer is paid content: only its outline is shown.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("until_millis", &self.until_millis)
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// Whether the record's time is over.
    pub(crate) fn is_over(&self, now: UnixMillis) -> bool {
        now.as_millis() >= self.until_millis
    }

    /// The answer, given again.
    pub(crate) fn replay<B>(&self) -> Response<GateBody<B>> {
        let mut response = Response::new(full(self.body.clone()));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// The handler's answer as it will go out, and the record of it if it could be taken.
pub(crate) struct Taken<B> {
    pub(crate) response: Response<GateBody<B>>,
    pub(crate) answer: Option<Answer>,
}

impl<B> Taken<B> {
    /// An answer whose body is there already.
    pub(crate) fn whole(response: Response<Bytes>, policy: &RecordPolicy, now: UnixMillis) -> Self {
        let (parts, body) = response.into_parts();
        let headers = parts
            .headers
            .iter()
            .filter(|(name, _)| policy.headers.contains(name))
            .filter_map(|(name, value)| {
                let value = std::str::from_utf8(value.as_bytes()).ok()?;
                Some((name.as_str().to_owned(), value.to_owned()))
            })
            .collect();
        let answer = Answer {
            status: parts.status.as_u16(),
            headers,
            body: body.clone(),
            until_millis: now.saturating_add(policy.ttl).as_millis(),
        };
        let answer = Some(answer).filter(|_| body.len() <= policy.max_body);
        Self {
            response: Response::from_parts(parts, full(body)),
            answer,
        }
    }
}

/// Takes the record of an answer whose body is known to be short enough. Any other body stays a
/// stream. `None` when the body broke off while it was read.
pub(crate) async fn take<B>(
    response: Response<B>,
    policy: &RecordPolicy,
    now: UnixMillis,
) -> Option<Taken<B>>
where
    B: AnswerBody,
{
    let (parts, body) = response.into_parts();
    let short = body
        .size_hint()
        .exact()
        .and_then(|length| usize::try_from(length).ok())
        .is_some_and(|length| length <= policy.max_body);
    if !short {
        return Some(Taken {
            response: Response::from_parts(parts, passed(body)),
            answer: None,
        });
    }
    let body = Limited::new(body, policy.max_body)
        .collect()
        .await
        .ok()?
        .to_bytes();
    Some(Taken::whole(Response::from_parts(parts, body), policy, now))
}

mod as_base64 {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{Bytes, Engine, STANDARD};

    pub(super) fn serialize<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(body))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        STANDARD
            .decode(text.as_bytes())
            .map(Bytes::from)
            .map_err(Error::custom)
    }
}
