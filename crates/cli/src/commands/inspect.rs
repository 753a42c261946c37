//! `coinslot inspect`: what a header, an entry or a transaction holds, in words.

use std::io::Read;

use coinslot_payment_store::{Clock as _, SystemClock};

use crate::arguments::Inspect;
use crate::exit::{Failure, Kind, sentence_of};
use crate::inspect;
use crate::output::Output;

pub(crate) fn run(arguments: &Inspect, output: &Output) -> Result<(), Failure> {
    let text = match arguments.what.as_str() {
        "-" => read_stdin()?,
        text => text.to_owned(),
    };
    let explanation = inspect::explain(text.trim(), SystemClock.now().as_seconds())
        .map_err(|error| Failure::new(Kind::Usage, sentence_of(&error)))?;
    output.result(&explanation.to_string(), &explanation)
}

/// Reads at most what the longest header or transaction may hold.
fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MAX_INPUT_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| {
            Failure::new(
                Kind::Usage,
                format!("standard input cannot be read as text: {error}"),
            )
        })?;
    Ok(text)
}

const MAX_INPUT_BYTES: u64 = 1 << 20;
