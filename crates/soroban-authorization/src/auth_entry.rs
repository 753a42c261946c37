//! Authorization entries: who allows which call, and the signature that says so (CAP-46-11).

use core::{fmt, ops::Range};

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::Address;
use stellar_xdr::{
    ScVal, SorobanAuthorizedFunction, SorobanAuthorizedInvocation, SorobanCredentials, VecM,
};

use crate::{
    address::read_address,
    codec::{self, DecodeError, MAX_AUTH_ENTRY_BYTES, Reader, Writer},
    invocation::AUTHORIZED_FUNCTION_CONTRACT_FN,
    transfer::{Call, Transfer},
};

mod account_signature;
mod sign_error;
mod unsigned;

pub use account_signature::SignatureError;
pub use sign_error::{SignEntryError, UnsignedEntryError};
pub use unsigned::UnsignedAuthEntry;

/// A `SorobanAuthorizationEntry`, signed or not, kept as the bytes that were received.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthEntry {
    bytes: Vec<u8>,
    credential: Credential,
    signature: Range<usize>,
    invocation: Range<usize>,
    /// How many bytes of the invocation are its root function; the calls below follow.
    root: usize,
    transfer: Option<Transfer>,
    below: bool,
}

/// By what right an entry authorizes its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The signatures on the transaction itself.
    SourceAccount,
    /// A signature by an address, within the entry.
    Address {
        /// Who authorizes.
        address: Address,
        /// Used once by this address on one network.
        nonce: i64,
        /// The last ledger in which the entry is valid.
        expiration_ledger: u32,
        /// Whether there is anything in the place of the signature.
        signed: bool,
    },
    /// Another form, which is not understood here.
    Unsupported,
}

impl AuthEntry {
    /// Allows `transfer` by the signatures on the transaction itself, whose source is the payer.
    ///
    /// It has no nonce and no end of its own: the transaction has a sequence number and time bounds.
    #[must_use]
    pub fn by_source_account(transfer: &Transfer) -> Self {
        let mut writer = Writer::with_capacity(256);
        writer.u32(CREDENTIALS_SOURCE_ACCOUNT);
        let invoked_at = writer.len();
        transfer.write_invocation(&mut writer);
        let root_end = writer.len().saturating_sub(NOTHING_BELOW.len());
        let bytes = writer.finish();
        Self {
            credential: Credential::SourceAccount,
            signature: 0..0,
            invocation: invoked_at..bytes.len(),
            root: root_end.saturating_sub(invoked_at),
            transfer: Some(*transfer),
            below: false,
            bytes,
        }
    }

    /// Decodes base64 of XDR, at most [`MAX_AUTH_ENTRY_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the text is not strict base64 or the bytes are not exactly one entry.
    pub fn from_base64(text: &str) -> Result<Self, DecodeError> {
        Self::from_xdr(&codec::from_base64(text, MAX_AUTH_ENTRY_BYTES)?)
    }

    /// Decodes XDR, at most [`MAX_AUTH_ENTRY_BYTES`] long.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly one entry.
    pub fn from_xdr(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::within(bytes, MAX_AUTH_ENTRY_BYTES)?;
        let mut reader = Reader::new(bytes);
        let entry = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(entry)
    }

    /// Encodes as base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        codec::to_base64(&self.bytes)
    }

    /// The XDR bytes.
    #[must_use]
    pub fn as_xdr(&self) -> &[u8] {
        &self.bytes
    }

    /// By what right the call is authorized.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        self.credential
    }

    /// The transfer that the root call is, if it is one.
    ///
    /// Calls below it are another question: [`has_sub_invocations`](Self::has_sub_invocations).
    #[must_use]
    pub const fn transfer(&self) -> Option<Transfer> {
        self.transfer
    }

    /// Whether calls below the root call are authorized too.
    #[must_use]
    pub const fn has_sub_invocations(&self) -> bool {
        self.below
    }

    /// Checks the signature of an account without asking the network.
    ///
    /// The form must be the one that the host reads, every signature in it must be valid for the
    /// key beside it, and one of the keys must be the account's own.
    ///
    /// # Errors
    ///
    /// When there is no such signature. [`SignatureError::OtherSigners`] alone leaves the question
    /// open: the signatures are valid, and the network knows whether the account accepts their
    /// keys.
    pub fn verify_account_signature(&self, network: &NetworkId) -> Result<(), SignatureError> {
        account_signature::verify(self, network)
    }

    /// Reads a `SorobanAuthorizationEntry`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.position();
        let (credential, signature) = read_credential(reader)?;
        let invoked_at = reader.position();
        let Tree {
            root,
            transfer,
            below,
        } = read_invocation(reader)?;
        let bytes = reader.since(start).to_vec();
        let offset = |at: usize| at.saturating_sub(start);
        Ok(Self {
            credential,
            signature: offset(signature.start)..offset(signature.end),
            invocation: offset(invoked_at)..bytes.len(),
            root,
            transfer,
            below,
            bytes,
        })
    }

    /// The `SorobanAuthorizedFunction` at the root.
    pub(crate) fn root_function(&self) -> &[u8] {
        self.invocation_bytes().get(..self.root).unwrap_or_default()
    }

    fn signature_bytes(&self) -> &[u8] {
        self.bytes.get(self.signature.clone()).unwrap_or_default()
    }

    fn invocation_bytes(&self) -> &[u8] {
        self.bytes.get(self.invocation.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for AuthEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthEntry")
            .field("credential", &self.credential)
            .field("transfer", &self.transfer)
            .field("has_sub_invocations", &self.below)
            .finish_non_exhaustive()
    }
}

/// Reads `SorobanCredentials`, and where the signature is.
fn read_credential(reader: &mut Reader<'_>) -> Result<(Credential, Range<usize>), DecodeError> {
    let start = *reader;
    let here = start.position();
    match reader.u32()? {
        CREDENTIALS_SOURCE_ACCOUNT => Ok((Credential::SourceAccount, here..here)),
        CREDENTIALS_ADDRESS => {
            let address = read_address(reader)?;
            let nonce = reader.i64()?;
            let expiration_ledger = reader.u32()?;
            let signed_at = reader.position();
            let signed = !reader.eat(&SCV_VOID.to_be_bytes());
            if signed && account_signature::read(reader).is_none() {
                reader.value::<ScVal>()?;
            }
            let credential = match address {
                Some(address) => Credential::Address {
                    address,
                    nonce,
                    expiration_ledger,
                    signed,
                },
                None => Credential::Unsupported,
            };
            Ok((credential, signed_at..reader.position()))
        }
        _ => {
            *reader = start;
            reader.value::<SorobanCredentials>()?;
            Ok((Credential::Unsupported, here..here))
        }
    }
}

/// What is seen of a `SorobanAuthorizedInvocation`.
struct Tree {
    /// How many bytes its root function takes.
    root: usize,
    /// The transfer that its root is.
    transfer: Option<Transfer>,
    /// Whether there is anything below the root.
    below: bool,
}

/// Reads a `SorobanAuthorizedInvocation`.
fn read_invocation(reader: &mut Reader<'_>) -> Result<Tree, DecodeError> {
    let start = *reader;
    let transfer = match reader.u32()? {
        AUTHORIZED_FUNCTION_CONTRACT_FN => Call::read(reader)?.transfer().ok(),
        _ => {
            *reader = start;
            reader.value::<SorobanAuthorizedFunction>()?;
            None
        }
    };
    let root = reader.position().saturating_sub(start.position());
    let nothing_below = reader.eat(&NOTHING_BELOW);
    if !nothing_below {
        reader.value::<VecM<SorobanAuthorizedInvocation>>()?;
    }
    Ok(Tree {
        root,
        transfer,
        below: !nothing_below,
    })
}

const CREDENTIALS_SOURCE_ACCOUNT: u32 = 0;
const CREDENTIALS_ADDRESS: u32 = 1;
const SCV_VOID: u32 = 1;
/// An empty list of calls.
const NOTHING_BELOW: [u8; 4] = [0; 4];

#[cfg(test)]
mod tests;
