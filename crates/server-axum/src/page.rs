//! The page that a person sees in place of the JSON of a 402.
//!
//! One document without scripts, images or anything from elsewhere; its content security policy
//! allows its own style sheet and nothing else. All text in it is escaped.

use axum::body::Bytes;
use coinslot_server::{Challenge, Page, Protocol};
use http::HeaderValue;
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::accept::wants_html;

/// A page for who asks for HTML, nothing for everyone else. For
/// [`GateBuilder::page`](coinslot_server::GateBuilder::page).
#[must_use]
pub fn page(challenge: &Challenge<'_>) -> Option<Page> {
    if !wants_html(challenge.accept) {
        return None;
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Some(Page {
        headers,
        body: Bytes::from(html(challenge)),
    })
}

fn html(challenge: &Challenge<'_>) -> String {
    let mut html = String::with_capacity(4 * 1024);
    html.push_str(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>Payment required</title>\n<style>",
    );
    html.push_str(STYLE);
    html.push_str("</style>\n</head>\n<body>\n<main>\n<h1>Payment required</h1>\n");
    if let Some(description) = challenge.description {
        element(&mut html, "p", description);
    }
    if challenge.refused.is_some() {
        html.push_str("<p role=\"alert\">");
        escape(&mut html, challenge.sentence);
        html.push_str("</p>\n");
    }
    html.push_str("<h2>Price</h2>\n<ul>\n");
    for price in challenge.prices {
        html.push_str("<li><strong>");
        escape(&mut html, &price.price);
        html.push_str("</strong>");
        if let Some(unit) = &price.unit {
            html.push_str(" per ");
            escape(&mut html, unit);
        }
        html.push_str(" on ");
        escape(&mut html, price.network.as_str());
        html.push_str(" by ");
        html.push_str(match price.protocol {
            Protocol::X402 => "x402",
            Protocol::Mpp => "MPP",
            _ => "another protocol",
        });
        html.push_str(", paid to <code>");
        escape(&mut html, &price.pay_to);
        html.push_str("</code></li>\n");
    }
    html.push_str(
        "</ul>\n<h2>How to pay</h2>\n\
         <p>Programs pay here: the offers are in this answer's <code>PAYMENT-REQUIRED</code> header \
         (x402) and <code>WWW-Authenticate</code> headers (MPP). On a command line:</p>\n\
         <pre><code>coinslot fetch '",
    );
    // Inside single quotes a shell gives no character a meaning but the quote itself.
    escape(&mut html, &challenge.url.replace('\'', "%27"));
    html.push_str("'</code></pre>\n</main>\n</body>\n</html>\n");
    html
}

fn element(html: &mut String, name: &str, text: &str) {
    html.push_str(&format!("<{name}>"));
    escape(html, text);
    html.push_str(&format!("</{name}>\n"));
}

fn escape(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff}\
main{max-width:40rem;margin:3rem auto;padding:0 1rem}\
code{overflow-wrap:anywhere}pre{padding:1rem;background:#f2f2f2;white-space:pre-wrap}";

/// The digest is that of [`STYLE`].
const POLICY: &str = "default-src 'none'; \
style-src 'sha256-8oW8V0YuEdUoN+gKKjjCutYxCz2cYbrmrEDxNInVCJU='; \
base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[cfg(test)]
mod tests;
