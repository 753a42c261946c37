//! Writes the XDR of the few shapes that are built here.

/// Grows a buffer of XDR.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Bytes that are XDR already, or of a fixed length divisible by four.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn i64(&mut self, value: i64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub(crate) fn i128(&mut self, value: i128) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    /// The length of a list or string. No list in memory has as many elements as XDR could count.
    pub(crate) fn length(&mut self, length: usize) -> &mut Self {
        self.u32(u32::try_from(length).unwrap_or(u32::MAX))
    }

    /// A string or opaque value: its length, its bytes, zeros up to a multiple of four.
    pub(crate) fn opaque(&mut self, bytes: &[u8]) -> &mut Self {
        self.length(bytes.len()).raw(bytes);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}
