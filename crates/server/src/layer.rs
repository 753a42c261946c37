//! The gate as a [`Layer`].

use tower_layer::Layer;

use crate::{Gate, GateService};

impl<S> Layer<S> for Gate {
    type Service = GateService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GateService::new(self.clone(), inner)
    }
}
