//! The code of the channel contract that comes with this workspace.

/// The SHA-256 of `contracts/wasm/one_way_channel.wasm`: the code of the channels that can be trusted without reading them.
pub const ONE_WAY_CHANNEL_CODE: [u8; 32] = [
    0xa9, 0x46, 0x80, 0x14, 0xe8, 0xc2, 0x88, 0x19, 0x90, 0x9f, 0x6a, 0xf6, 0x3a, 0xe5, 0x7a, 0x62,
    0x86, 0x73, 0x05, 0x69, 0xb2, 0x3f, 0xd1, 0x09, 0x3f, 0xdc, 0xe7, 0xab, 0x26, 0x2b, 0xb8, 0x51,
];

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::ONE_WAY_CHANNEL_CODE;

    #[test]
    fn it_is_the_code_that_is_committed() {
        let code = include_bytes!("../../../contracts/wasm/one_way_channel.wasm");
        assert_eq!(<[u8; 32]>::from(Sha256::digest(code)), ONE_WAY_CHANNEL_CODE);
    }
}
