//! From an order to what can be signed: simulated as it is, authorized, and simulated again as it will be.

use std::sync::Arc;

use coinslot_soroban_authorization::{
    AuthEntry, ContractOperation, ContractTransaction, Credential, SignEntryError, Signer,
    SorobanResources, UnsignedAuthEntry,
};
use coinslot_stellar_address::{AccountId, Address};
use coinslot_stellar_ledger::Simulation;

use super::{CallError, CallRefusal, ContractCalls};

/// What is to be done.
pub(super) struct Order {
    pub(super) operation: ContractOperation,
    /// The entries that it is about, where the operation does not say.
    pub(super) footprint: Option<SorobanResources>,
    pub(super) signers: Vec<Arc<dyn Signer>>,
}

/// What a simulation says of an order.
pub(super) enum Prepared {
    /// It can be done, with these authorizations and resources.
    Ready {
        auth: Vec<AuthEntry>,
        /// With their fee.
        resources: SorobanResources,
    },
    /// These entries are to be restored before.
    RestoreNeeded(SorobanResources),
}

/// A simulation that succeeded.
struct Simulated {
    auth: Vec<AuthEntry>,
    resources: SorobanResources,
    latest_ledger: u32,
}

impl ContractCalls {
    pub(super) async fn prepare(
        &self,
        payer: AccountId,
        sequence: i64,
        order: &Order,
    ) -> Result<Prepared, CallError> {
        let mut transaction = ContractTransaction {
            source: payer,
            sequence,
            fee: PROBE_FEE_STROOPS,
            max_time: None,
            operation: order.operation.clone(),
            auth: Vec::new(),
            resources: order.footprint.clone(),
        };
        let recorded = match self.simulate(&transaction).await? {
            Ok(recorded) => recorded,
            Err(archived) => return Ok(Prepared::RestoreNeeded(archived)),
        };
        if recorded.auth.is_empty() {
            return Ok(Prepared::Ready {
                auth: Vec::new(),
                resources: recorded.resources,
            });
        }
        transaction.auth = self.authorize(payer, order, &recorded).await?;
        // Signed entries are enforced, and cost more than recorded ones.
        Ok(match self.simulate(&transaction).await? {
            Ok(enforced) => Prepared::Ready {
                auth: transaction.auth,
                resources: enforced.resources,
            },
            Err(archived) => Prepared::RestoreNeeded(archived),
        })
    }

    /// Simulates; the inner error are archived entries that are in the way.
    async fn simulate(
        &self,
        transaction: &ContractTransaction,
    ) -> Result<Result<Simulated, SorobanResources>, CallError> {
        let simulation = self.ledger.simulate(&transaction.to_envelope()).await;
        match simulation.map_err(|error| self.unavailable(error))? {
            Simulation::Succeeded {
                resources,
                min_resource_fee,
                auth,
                latest_ledger,
                ..
            } => Ok(Ok(Simulated {
                auth,
                resources: resources.with_resource_fee(min_resource_fee),
                latest_ledger,
            })),
            Simulation::RestoreNeeded {
                resources,
                min_resource_fee,
                ..
            } => Ok(Err(resources.with_resource_fee(min_resource_fee))),
            Simulation::Failed { message, .. } => Err(CallRefusal::would_fail(message).into()),
        }
    }

    /// Signs what the call needs, and nothing else.
    async fn authorize(
        &self,
        payer: AccountId,
        order: &Order,
        recorded: &Simulated,
    ) -> Result<Vec<AuthEntry>, CallError> {
        let close_time = self
            .ledger
            .close_time_seconds()
            .await
            .map_err(|error| self.unavailable(error))?;
        let lifetime = self.timing.transaction_lifetime.as_secs();
        let ledgers = lifetime.div_ceil(u64::from(close_time.max(1)));
        let expiration = recorded
            .latest_ledger
            .saturating_add(u32::try_from(ledgers).unwrap_or(u32::MAX))
            .saturating_add(MORE_LEDGERS);
        let mut signed = Vec::new();
        for entry in &recorded.auth {
            if !order.operation.is_root_of(entry) {
                return Err(CallRefusal::ForeignAuthorization.into());
            }
            signed.push(match entry.credential() {
                // The payer's signature on the transaction is its consent.
                Credential::SourceAccount => {
                    order.signer(&payer.into())?;
                    entry.clone()
                }
                Credential::Address { address, .. } => {
                    let signer = order.signer(&address)?;
                    let unsigned = UnsignedAuthEntry::from_entry(entry, expiration)
                        .map_err(|_| CallRefusal::ForeignAuthorization)?;
                    unsigned.sign(signer.as_ref(), &self.network_id).map_err(
                        |error| match error {
                            SignEntryError::Signer(_) => CallRefusal::NotSigned(address),
                            _ => CallRefusal::NoSigner(address),
                        },
                    )?
                }
                Credential::Unsupported => return Err(CallRefusal::ForeignAuthorization.into()),
            });
        }
        Ok(signed)
    }
}

impl Order {
    pub(super) const fn restoration(footprint: SorobanResources) -> Self {
        Self {
            operation: ContractOperation::Restore,
            footprint: Some(footprint),
            signers: Vec::new(),
        }
    }

    fn signer(&self, address: &Address) -> Result<&Arc<dyn Signer>, CallRefusal> {
        let of = |signer: &&Arc<dyn Signer>| *address == Address::Account(signer.account_id());
        let found = self.signers.iter().find(of);
        found.ok_or(CallRefusal::NoSigner(*address))
    }
}

/// The fee of a transaction that is only simulated.
const PROBE_FEE_STROOPS: u32 = 100;
/// How many ledgers an authorization holds longer than its transaction: ledgers may close faster than we know.
const MORE_LEDGERS: u32 = 12;
