//! Classic assets, and the contract under which the network holds each of them (CAP-46-6).

use core::{error, fmt, str::FromStr};

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::{AccountId, ContractId, ParseAddressError};
use sha2::{Digest as _, Sha256};

use crate::{address::write_account, codec::Writer};

/// An asset of the classic ledger.
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_soroban_authorization::{ClassicAsset, sac_contract_id};
///
/// let usdc: ClassicAsset = "USDC:GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5".parse()?;
/// let contract = sac_contract_id(&StellarNetwork::Testnet.network_id(), &usdc);
/// assert_eq!(contract.to_string(), "CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassicAsset {
    /// The network's own coin, written `native`.
    Native,
    /// An asset that an account issues, written `CODE:ISSUER`.
    Credit {
        /// The code.
        code: AssetCode,
        /// The account that issues it.
        issuer: AccountId,
    },
}

/// The code of a classic asset: 1 to 12 ASCII letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetCode {
    padded: [u8; 12],
    length: u8,
}

impl AssetCode {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.padded
            .get(..usize::from(self.length))
            .and_then(|code| core::str::from_utf8(code).ok())
            .unwrap_or_default()
    }
}

impl FromStr for AssetCode {
    type Err = ParseAssetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = match u8::try_from(text.len()) {
            Ok(length @ 1..=12) => length,
            _ => return Err(ParseAssetError::CodeLength { found: text.len() }),
        };
        if let Some(position) = text.bytes().position(|byte| !byte.is_ascii_alphanumeric()) {
            return Err(ParseAssetError::CodeCharacter { position });
        }
        let mut padded = [0; 12];
        for (to, from) in padded.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Ok(Self { padded, length })
    }
}

impl fmt::Display for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssetCode({self})")
    }
}

impl ClassicAsset {
    /// Writes an `Asset`.
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Native => {
                writer.u32(ASSET_TYPE_NATIVE);
            }
            Self::Credit { code, issuer } => {
                if code.length <= 4 {
                    let [a, b, c, d, ..] = code.padded;
                    writer.u32(ASSET_TYPE_CREDIT_ALPHANUM4).raw(&[a, b, c, d]);
                } else {
                    writer.u32(ASSET_TYPE_CREDIT_ALPHANUM12).raw(&code.padded);
                }
                write_account(issuer, writer);
            }
        }
    }
}

impl FromStr for ClassicAsset {
    type Err = ParseAssetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "native" {
            return Ok(Self::Native);
        }
        let (code, issuer) = text.split_once(':').ok_or(ParseAssetError::NoIssuer)?;
        Ok(Self::Credit {
            code: code.parse()?,
            issuer: issuer.parse().map_err(ParseAssetError::Issuer)?,
        })
    }
}

impl fmt::Display for ClassicAsset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native => f.write_str("native"),
            Self::Credit { code, issuer } => write!(f, "{code}:{issuer}"),
        }
    }
}

/// Why a text is not a classic asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseAssetError {
    /// Neither `native` nor `CODE:ISSUER`.
    NoIssuer,
    /// The code has no or more than 12 characters.
    CodeLength {
        /// How many there were.
        found: usize,
    },
    /// A character of the code is not an ASCII letter or digit.
    CodeCharacter {
        /// Its offset in the code.
        position: usize,
    },
    /// The issuer is not an account.
    Issuer(ParseAddressError),
}

impl fmt::Display for ParseAssetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIssuer => f.write_str("an asset is written native or CODE:ISSUER"),
            Self::CodeLength { found } => {
                write!(f, "an asset code has 1 to 12 characters, not {found}")
            }
            Self::CodeCharacter { position } => {
                write!(
                    f,
                    "an asset code has ASCII letters and digits only, see offset {position}"
                )
            }
            Self::Issuer(_) => f.write_str("the issuer of the asset is not a valid account"),
        }
    }
}

impl error::Error for ParseAssetError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Issuer(source) => Some(source),
            _ => None,
        }
    }
}

/// The id of the contract that stands for a classic asset on a network (the Stellar Asset
/// Contract).
#[must_use]
pub fn sac_contract_id(network: &NetworkId, asset: &ClassicAsset) -> ContractId {
    let mut preimage = Writer::with_capacity(96);
    preimage
        .u32(ENVELOPE_TYPE_CONTRACT_ID)
        .raw(network.as_bytes());
    preimage.u32(CONTRACT_ID_PREIMAGE_FROM_ASSET);
    asset.write(&mut preimage);
    ContractId::from_bytes(Sha256::digest(preimage.finish()).into())
}

const ASSET_TYPE_NATIVE: u32 = 0;
const ASSET_TYPE_CREDIT_ALPHANUM4: u32 = 1;
const ASSET_TYPE_CREDIT_ALPHANUM12: u32 = 2;
const ENVELOPE_TYPE_CONTRACT_ID: u32 = 8;
const CONTRACT_ID_PREIMAGE_FROM_ASSET: u32 = 1;
