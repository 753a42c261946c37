//! An entry before it is signed: what is signed, and by whom.

use core::fmt;

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::{AccountId, Address};
use sha2::{Digest as _, Sha256};

use super::{
    AuthEntry, CREDENTIALS_ADDRESS, Credential, SCV_VOID, SignEntryError, Tree, UnsignedEntryError,
    account_signature, read_invocation,
};
use crate::{
    address::write_address,
    codec::{Reader, Writer},
    invocation::Invocation,
    signature::verify_signature,
    signer::Signer,
    transfer::Transfer,
};

/// An authorization entry that is to be signed.
#[derive(Clone, PartialEq, Eq)]
pub struct UnsignedAuthEntry {
    address: Address,
    nonce: i64,
    expiration_ledger: u32,
    invocation: Vec<u8>,
}

impl UnsignedAuthEntry {
    /// Allows `transfer`, by its payer, until `expiration_ledger` (inclusive).
    ///
    /// The payer can use each `nonce` once.
    #[must_use]
    pub fn for_transfer(transfer: &Transfer, nonce: i64, expiration_ledger: u32) -> Self {
        let mut invocation = Writer::with_capacity(256);
        transfer.write_invocation(&mut invocation);
        Self {
            address: transfer.from,
            nonce,
            expiration_ledger,
            invocation: invocation.finish(),
        }
    }

    /// Allows `invocation`, by `address`, until `expiration_ledger` (inclusive).
    #[must_use]
    pub fn for_invocation(
        address: Address,
        invocation: &Invocation,
        nonce: i64,
        expiration_ledger: u32,
    ) -> Self {
        let mut writer = Writer::default();
        invocation.write(&mut writer);
        Self {
            address,
            nonce,
            expiration_ledger,
            invocation: writer.finish(),
        }
    }

    /// Allows what `entry` asks for, as a simulation returns it, until `expiration_ledger`.
    ///
    /// # Errors
    ///
    /// When the entry does not ask for a signature within it, or has one.
    pub fn from_entry(
        entry: &AuthEntry,
        expiration_ledger: u32,
    ) -> Result<Self, UnsignedEntryError> {
        match entry.credential {
            Credential::Address {
                address,
                nonce,
                signed: false,
                ..
            } => Ok(Self::from_parts(
                address,
                nonce,
                expiration_ledger,
                entry.invocation_bytes(),
            )),
            Credential::Address { .. } => Err(UnsignedEntryError::AlreadySigned),
            Credential::SourceAccount => Err(UnsignedEntryError::SourceAccount),
            Credential::Unsupported => Err(UnsignedEntryError::Unsupported),
        }
    }

    pub(super) fn from_parts(
        address: Address,
        nonce: i64,
        expiration_ledger: u32,
        invocation: &[u8],
    ) -> Self {
        Self {
            address,
            nonce,
            expiration_ledger,
            invocation: invocation.to_vec(),
        }
    }

    /// Who authorizes.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// The bytes whose SHA-256 is signed: `HashIdPreimage::SorobanAuthorization`.
    #[must_use]
    pub fn preimage(&self, network: &NetworkId) -> Vec<u8> {
        let mut preimage = Writer::with_capacity(self.invocation.len().saturating_add(48));
        preimage
            .u32(ENVELOPE_TYPE_SOROBAN_AUTHORIZATION)
            .raw(network.as_bytes());
        preimage
            .i64(self.nonce)
            .u32(self.expiration_ledger)
            .raw(&self.invocation);
        preimage.finish()
    }

    /// What is signed.
    #[must_use]
    pub fn payload_hash(&self, network: &NetworkId) -> [u8; 32] {
        Sha256::digest(self.preimage(network)).into()
    }

    /// Signs.
    ///
    /// # Errors
    ///
    /// When the signer is not for the account that authorizes, gives no signature, or one that is
    /// not valid. For a contract that authorizes by an account's key, any signer will do: only the
    /// contract can judge it.
    pub fn sign(
        &self,
        signer: &dyn Signer,
        network: &NetworkId,
    ) -> Result<AuthEntry, SignEntryError> {
        let key = signer.account_id();
        self.expect_key(&key)?;
        let signature = signer
            .sign(&self.payload_hash(network))
            .map_err(SignEntryError::Signer)?;
        self.with_signature(&key, &signature, network)
    }

    /// Takes a signature that was made elsewhere over [`payload_hash`](Self::payload_hash).
    ///
    /// # Errors
    ///
    /// When the key is not that of the account that authorizes, or the signature is not valid.
    pub fn with_signature(
        &self,
        key: &AccountId,
        signature: &[u8; 64],
        network: &NetworkId,
    ) -> Result<AuthEntry, SignEntryError> {
        self.expect_key(key)?;
        if !verify_signature(key, &self.payload_hash(network), signature) {
            return Err(SignEntryError::InvalidSignature);
        }
        Ok(self.entry(
            |writer| account_signature::write(writer, key, signature),
            true,
        ))
    }

    /// The entry without a signature, as it is shown to a simulation.
    #[must_use]
    pub fn to_unsigned_entry(&self) -> AuthEntry {
        self.entry(
            |writer| {
                writer.u32(SCV_VOID);
            },
            false,
        )
    }

    fn expect_key(&self, key: &AccountId) -> Result<(), SignEntryError> {
        match self.address {
            Address::Account(account) if account == *key => Ok(()),
            Address::Account(account) => Err(SignEntryError::WrongSigner {
                belongs: account,
                found: *key,
            }),
            Address::Contract(_) => Ok(()),
            Address::Muxed(_) => Err(SignEntryError::Muxed),
        }
    }

    fn entry(&self, write_signature: impl FnOnce(&mut Writer), signed: bool) -> AuthEntry {
        let mut writer = Writer::with_capacity(self.invocation.len().saturating_add(256));
        writer.u32(CREDENTIALS_ADDRESS);
        write_address(&self.address, &mut writer);
        writer.i64(self.nonce).u32(self.expiration_ledger);
        let signature_start = writer.len();
        write_signature(&mut writer);
        let signature_end = writer.len();
        writer.raw(&self.invocation);
        let tree = read_invocation(&mut Reader::new(&self.invocation)).unwrap_or(Tree {
            root: 0,
            transfer: None,
            below: true,
        });
        AuthEntry {
            credential: Credential::Address {
                address: self.address,
                nonce: self.nonce,
                expiration_ledger: self.expiration_ledger,
                signed,
            },
            signature: signature_start..signature_end,
            invocation: signature_end..writer.len(),
            root: tree.root,
            transfer: tree.transfer,
            below: tree.below,
            bytes: writer.finish(),
        }
    }
}

impl fmt::Debug for UnsignedAuthEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedAuthEntry")
            .field("address", &self.address)
            .field("nonce", &self.nonce)
            .field("expiration_ledger", &self.expiration_ledger)
            .finish_non_exhaustive()
    }
}

const ENVELOPE_TYPE_SOROBAN_AUTHORIZATION: u32 = 9;
