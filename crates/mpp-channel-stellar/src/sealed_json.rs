//! Records as they are stored: JSON with the SHA-256 of itself as its last member.
//!
//! A record is read only as the very bytes that were written. What a disk, a migration or a hand has changed is refused
//! rather than believed.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

/// Writes a record.
pub(crate) fn write<T: Serialize>(record: &T) -> Vec<u8> {
    // Cannot fail: records have string keys and no maps. If it did, nothing would read the outcome.
    let mut bytes = serde_json::to_vec(record).unwrap_or_default();
    let checksum = hex::encode(Sha256::digest(&bytes));
    bytes.pop();
    bytes.extend(
        [
            br#","checksum":""#.as_slice(),
            checksum.as_bytes(),
            br#""}"#,
        ]
        .concat(),
    );
    bytes
}

/// Bytes in hexadecimal. For `#[serde(with)]`.
pub(crate) mod digits {
    use super::*;

    pub(crate) fn serialize<const N: usize, S: Serializer>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| de::Error::custom("not hexadecimal of the right length"))?;
        Ok(bytes)
    }
}
