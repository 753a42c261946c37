//! The header `Payment-Stream`: which answer, paid for as it is produced, a voucher adds to.
//!
//! Such an answer is a stream of Server-Sent Events. It begins with the header; when the vouchers so far are used up it says
//! [`payment-need-voucher`](super::NeedVoucher), and a further voucher comes by a request of its own to the same address that repeats the
//! header. The last event is [`payment-receipt`](RECEIPT_EVENT).
//!
//! ```text
//! Payment-Stream = 32 hexadecimal digits
//! ```
//!
//! Example: `5f0c8e1b9a7d4c2e6f3b1a0d9c8e7f6a`. The digits are random: who does not have the answer does not know them.

/// The name of the header.
pub const PAYMENT_STREAM: &str = "payment-stream";

/// The name of the event that ends a stream: its data is a receipt as JSON, with `units` among its members.
pub const RECEIPT_EVENT: &str = "payment-receipt";

/// What the names of the events begin with that only the payment layer sends, in lower case.
pub const RESERVED_EVENTS: &str = "payment-";
