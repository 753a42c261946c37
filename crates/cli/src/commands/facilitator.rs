//! `coinslot facilitator`: the facilitator program, under this command's roof.

use coinslot_facilitator::{FacilitatorConfig, Server, StartError};
use coinslot_settlement::{BuildError, Outage};

use crate::exit::{Failure, Kind, sentence_of};
use crate::output::Output;
use crate::shutdown;

pub(crate) async fn run(config: FacilitatorConfig, output: &Output) -> Result<(), Failure> {
    let step = output.step("checking the sponsors and the network");
    let server = Server::start(&config)
        .await
        .map_err(|error| failure(&error))?;
    let address = server
        .local_addr()
        .map_err(|error| Failure::unexpected(&error))?;
    let sponsors: Vec<String> = server.signers().iter().map(ToString::to_string).collect();
    let stop = shutdown::requested();
    step.done(&format!(
        "facilitator for {} on http://{address}",
        config.network
    ));
    output.note(&format!("  sponsors: {}", sponsors.join(", ")));
    output.note("  stop it with Ctrl-C: what is in flight is finished or recorded first");
    if output.is_json() {
        output.line(&serde_json::json!({
            "event": "listening",
            "url": format!("http://{address}"),
            "network": config.network.to_string(),
            "sponsors": sponsors,
        }))?;
    }
    server
        .run(stop)
        .await
        .map_err(|error| Failure::unexpected(&error))
}

fn failure(error: &StartError) -> Failure {
    let kind = match error {
        StartError::Serve(_) => Kind::Unexpected,
        StartError::Build(BuildError::Outage(Outage::Ledger(_))) => Kind::Unreachable,
        _ => Kind::Configuration,
    };
    Failure::new(kind, sentence_of(error))
}
