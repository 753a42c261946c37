//! A gate that knows axum.

use coinslot_server::GateBuilder;

use crate::{original_uri, page};

/// What a [`GateBuilder`] learns about axum.
pub trait GateBuilderExt {
    /// Takes `resource.url` from the path that was asked for, also inside nested routers, and shows
    /// people with a browser a [`page`].
    #[must_use]
    fn for_axum(self) -> Self;
}

impl GateBuilderExt for GateBuilder {
    fn for_axum(self) -> Self {
        self.resource_uri(original_uri).page(page)
    }
}
