use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::*;

#[test]
fn the_policy_allows_the_style_sheet_of_the_page() {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    assert!(POLICY.contains(&format!("'sha256-{digest}'")), "{digest}");
}

/// Known failure 44: a seller's or stranger's text is text.
#[test]
fn text_cannot_become_markup() {
    let mut html = String::new();
    escape(&mut html, "<script>alert(\"1\" & '2')</script>");
    assert_eq!(
        html,
        "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"
    );
}
