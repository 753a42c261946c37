//! The traits that the public types promise.

use coinslot_strict_json::{Error, ErrorKind, Rules};

fn error<T: core::error::Error + Clone + Eq + Send + Sync + 'static>() {}
fn value<T: Copy + core::fmt::Debug + Send + Sync + 'static>() {}

#[test]
fn types_keep_their_traits() {
    error::<Error>();
    value::<ErrorKind>();
    value::<Rules>();
}
