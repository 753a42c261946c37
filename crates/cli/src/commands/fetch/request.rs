//! The request that the arguments describe.

use std::io::Read;

use http::{HeaderName, HeaderValue, Method};
use reqwest::Request;

use crate::arguments::Fetch;
use crate::exit::{Failure, Kind};

pub(super) fn build(arguments: &Fetch) -> Result<Request, Failure> {
    let body = arguments.data.as_deref().map(body).transpose()?;
    let default_method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let method = arguments.request.clone().unwrap_or(default_method);
    let mut request = Request::new(method, arguments.url.clone());
    for line in &arguments.header {
        let (name, value) = header(line)?;
        request.headers_mut().append(name, value);
    }
    if let Some(body) = body {
        *request.body_mut() = Some(body.into());
    }
    Ok(request)
}

fn header(line: &str) -> Result<(HeaderName, HeaderValue), Failure> {
    let wrong = || {
        Failure::new(
            Kind::Usage,
            "a header is given as `Name: value`, for example -H 'Accept: application/json'",
        )
    };
    let (name, value) = line.split_once(':').ok_or_else(wrong)?;
    let name = HeaderName::try_from(name.trim()).map_err(|_| wrong())?;
    let value = HeaderValue::try_from(value.trim()).map_err(|_| wrong())?;
    Ok((name, value))
}

/// The body: the text itself, `@FILE`, or `@-` for standard input.
fn body(data: &str) -> Result<Vec<u8>, Failure> {
    let unreadable = |what: &str, error: std::io::Error| {
        Failure::new(
            Kind::Usage,
            format!("the body cannot be read from {what}: {error}"),
        )
    };
    match data.strip_prefix('@') {
        None => Ok(data.as_bytes().to_vec()),
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| unreadable("standard input", error))?;
            Ok(bytes)
        }
        Some(path) => std::fs::read(path).map_err(|error| unreadable(path, error)),
    }
}
