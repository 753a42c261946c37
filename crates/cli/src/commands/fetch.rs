//! `coinslot fetch`: curl that can pay, within a budget.

mod drawn;
mod progress;
mod report;
mod request;
mod wallet;

use std::sync::Arc;

use coinslot_client::{IdempotencyKey, PayingClient, PaymentError, PaymentReceipt};

use drawn::Drawn;
use progress::Progress;

use crate::arguments::Fetch;
use crate::exit::Failure;
use crate::output::Output;

pub(crate) async fn run(arguments: Fetch, output: &Output) -> Result<(), Failure> {
    let request = request::build(&arguments)?;
    let progress = Arc::new(Progress::new(*output));
    let client = wallet::open(&arguments, &progress).await?;
    let key = arguments
        .idempotency_key
        .as_deref()
        .map(IdempotencyKey::new);
    if arguments.dry_run {
        let preview = client.dry_run_as(&request, key.as_ref()).await?;
        let drawn = Drawn::foresee(&client, &preview).await?;
        let mut words = preview.to_string();
        if let Some(drawn) = &drawn {
            words = format!("{words}\n{}", drawn.in_words());
        }
        output.result(&words, &report::preview(&preview, drawn.as_ref()))?;
        return report::would_be_paid(&preview);
    }
    // What was paid for must have somewhere to go.
    if let Some(path) = &arguments.output {
        report::require_writable(path)?;
    }
    let response = send(&client, request, key).await?;
    let receipt = response.extensions().get::<PaymentReceipt>().cloned();
    let answer = report::Answer::read(response).await?;
    let drawn = Drawn::read(&client, receipt.as_ref(), progress.not_from_channel()).await;
    // What was paid for is handed out, also when the wallet cannot be read any more.
    let drawn = drawn.unwrap_or_else(|failure| {
        output.note(&format!(
            "· what the channel has left is not known: {failure}"
        ));
        None
    });
    if let Some(drawn) = drawn.as_ref().filter(|drawn| drawn.has_paid()) {
        output.note(&format!("· {}", drawn.in_words()));
    }
    answer.print(&arguments, receipt.as_ref(), drawn.as_ref(), *output)
}

async fn send(
    client: &PayingClient,
    request: reqwest::Request,
    key: Option<IdempotencyKey>,
) -> Result<reqwest::Response, Failure> {
    let mut extensions = http::Extensions::new();
    if let Some(key) = key {
        extensions.insert(key);
    }
    client
        .as_client()
        .execute_with_extensions(request, &mut extensions)
        .await
        .map_err(|error| match PaymentError::from_middleware(&error) {
            Some(payment) => Failure::payment(payment),
            None => Failure::http(&error),
        })
}
