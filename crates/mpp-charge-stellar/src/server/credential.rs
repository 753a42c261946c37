//! The credential (Stellar charge draft, "Credential Schema").

use coinslot_mpp_wire::stellar::{ChargePayload, CredentialType};
use coinslot_mpp_wire::{DidPkh, Payload};
use coinslot_stellar_address::Address;

use super::{Fault, Rules};
use crate::terms::ChargeTerms;

/// Who says that it pays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source(Option<Address>);

/// "Servers MUST first validate that `payload.type` is `"transaction"` or `"hash"`", or the official SDK's
/// `"signedHash"`.
pub(super) fn payload_type_must_be_known(payload: &Payload) -> Result<ChargePayload, Fault> {
    payload.read().map_err(Fault::Payload)
}

/// The route takes payments in this form; `hash` only where it is wanted.
pub(super) fn payload_type_must_be_taken(
    payload: &ChargePayload,
    terms: &ChargeTerms,
    rules: &Rules,
) -> Result<(), Fault> {
    let form = payload.form();
    let taken = match form {
        CredentialType::Hash if !rules.accept_unsigned_hash => return Err(Fault::UnsignedHash),
        CredentialType::Hash => terms.takes_unsigned_hash(),
        _ => terms.takes(&form),
    };
    if taken {
        Ok(())
    } else {
        Err(Fault::FormNotTaken(form))
    }
}

/// "The `source` field, if present, SHOULD use the `did:pkh` method with the CAIP-2 network identifier and the payer's
/// Stellar address." What is present is checked, so it must be of that form.
pub(super) fn source_must_be_an_address_on_the_network(
    source: Option<&str>,
    terms: &ChargeTerms,
) -> Result<Source, Fault> {
    let Some(source) = source else {
        return Ok(Source(None));
    };
    let did: DidPkh = source.parse().map_err(Fault::Source)?;
    if *did.chain() != terms.network().chain_id() {
        return Err(Fault::SourceElsewhere);
    }
    let address = did.account().parse().map_err(Fault::SourceAddress)?;
    Ok(Source(Some(address)))
}

impl Source {
    pub(super) const fn address(&self) -> Option<Address> {
        self.0
    }

    /// Who says that it pays is who pays.
    pub(super) fn must_be_from(&self, from: &Address) -> Result<(), Fault> {
        match self.0 {
            Some(source) if source != *from => Err(Fault::SourceIsNotFrom),
            _ => Ok(()),
        }
    }
}
