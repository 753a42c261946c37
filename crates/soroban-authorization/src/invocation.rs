//! Contract calls to be authorized, of any shape.

use core::{error, fmt};

use coinslot_stellar_address::{Address, ContractId};

use crate::{address::write_address, codec::Writer};

/// A call of a contract's function, with the calls below it that are authorized together with it.
///
/// ```
/// use coinslot_soroban_authorization::{Argument, Invocation};
/// use coinslot_stellar_address::ContractId;
///
/// let contract: ContractId = "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA".parse()?;
/// let call = Invocation::new(contract, "deposit")?.argument(Argument::I128(25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    contract: ContractId,
    function: String,
    arguments: Vec<Argument>,
    below: Vec<Invocation>,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Argument {
    /// `Address`
    Address(Address),
    /// `i128`
    I128(i128),
    /// `u32`
    U32(u32),
    /// `u64`
    U64(u64),
    /// `Bytes` or `BytesN`
    Bytes(Vec<u8>),
}

impl Invocation {
    /// A call of `function` without arguments.
    ///
    /// # Errors
    ///
    /// When `function` is not 1 to 32 of `a-z A-Z 0-9 _`.
    pub fn new(contract: ContractId, function: &str) -> Result<Self, InvocationError> {
        if !(1..=32).contains(&function.len()) {
            return Err(InvocationError::Length {
                found: function.len(),
            });
        }
        let foreign = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'_';
        if let Some(position) = function.bytes().position(foreign) {
            return Err(InvocationError::Character { position });
        }
        Ok(Self {
            contract,
            function: function.to_owned(),
            arguments: Vec::new(),
            below: Vec::new(),
        })
    }

    /// With one more argument.
    #[must_use]
    pub fn argument(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    /// With one more call below it, authorized together with it.
    #[must_use]
    pub fn below(mut self, call: Self) -> Self {
        self.below.push(call);
        self
    }

    /// Writes a `SorobanAuthorizedInvocation`.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.u32(AUTHORIZED_FUNCTION_CONTRACT_FN);
        self.write_call(writer);
        writer.length(self.below.len());
        for call in &self.below {
            call.write(writer);
        }
    }

    /// Writes `InvokeContractArgs`: this call, without those below it.
    pub(crate) fn write_call(&self, writer: &mut Writer) {
        writer
            .u32(SC_ADDRESS_CONTRACT)
            .raw(self.contract.as_bytes());
        writer.opaque(self.function.as_bytes());
        write_arguments(&self.arguments, writer);
    }
}

/// Writes a list of `SCVal`.
pub(crate) fn write_arguments(arguments: &[Argument], writer: &mut Writer) {
    writer.length(arguments.len());
    for argument in arguments {
        argument.write(writer);
    }
}

impl Argument {
    /// Writes an `SCVal`.
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Address(address) => {
                writer.u32(SCV_ADDRESS);
                write_address(address, writer);
            }
            Self::I128(value) => {
                writer.u32(SCV_I128).i128(*value);
            }
            Self::U32(value) => {
                writer.u32(SCV_U32).u32(*value);
            }
            Self::U64(value) => {
                writer.u32(SCV_U64).u64(*value);
            }
            Self::Bytes(bytes) => {
                writer.u32(SCV_BYTES).opaque(bytes);
            }
        }
    }
}

/// Why a text is not the name of a contract's function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvocationError {
    /// Empty, or longer than 32 characters.
    Length {
        /// How many there were.
        found: usize,
    },
    /// A character other than `a-z A-Z 0-9 _`.
    Character {
        /// Its offset.
        position: usize,
    },
}

impl fmt::Display for InvocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found } => {
                write!(f, "a function's name has 1 to 32 characters, not {found}")
            }
            Self::Character { position } => {
                write!(
                    f,
                    "a function's name has a-z A-Z 0-9 _ only, see offset {position}"
                )
            }
        }
    }
}

impl error::Error for InvocationError {}

pub(crate) const AUTHORIZED_FUNCTION_CONTRACT_FN: u32 = 0;
const SC_ADDRESS_CONTRACT: u32 = 1;
const SCV_U32: u32 = 3;
const SCV_U64: u32 = 5;
pub(crate) const SCV_I128: u32 = 10;
pub(crate) const SCV_BYTES: u32 = 13;
pub(crate) const SCV_ADDRESS: u32 = 18;
