//! HMAC-SHA-256 (RFC 2104) of texts that begin alike: what they have in common is hashed once.
//!
//! The compression function is that of the `sha2` crate. What follows the beginning is laid out in whole blocks (FIPS 180-4 §5.1.1) before any
//! of it is hashed, which takes three quarters of the time of handing it over piece by piece, as the `hmac` crate wants it.

use alloc::vec::Vec;
use core::slice;

use sha2::digest::Digest;
use sha2::{Sha256, compress256};

/// A key and the beginning of a text.
#[derive(Clone)]
pub(crate) struct KeyedHash {
    /// The state after the key and the whole blocks of the text.
    inner: Words,
    /// The state after the key, for the outer hash.
    outer: Words,
    /// The bytes of the text in `inner`.
    hashed: usize,
    /// What follows them, less than a block.
    rest: Vec<u8>,
}

impl KeyedHash {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        if let Some(place) = block.get_mut(..key.len()) {
            place.copy_from_slice(key);
        } else if let Some(place) = block.first_chunk_mut() {
            *place = Sha256::digest(key).into();
        }
        let after = |pad: u8| compress(INITIAL, &[block.map(|byte| byte ^ pad)]);
        Self {
            inner: after(0x36),
            outer: after(0x5c),
            hashed: 0,
            rest: Vec::new(),
        }
    }

    /// Goes on with the beginning.
    pub(crate) fn push(&mut self, text: &str) {
        self.rest.extend_from_slice(text.as_bytes());
        let (blocks, rest) = self.rest.as_chunks();
        self.inner = compress(self.inner, blocks);
        self.hashed = self.hashed.saturating_add(blocks.as_flattened().len());
        self.rest = rest.to_vec();
    }

    /// The code of the beginning with these slots behind it, a `|` between one and the next.
    pub(crate) fn finish(&self, slots: &[&str]) -> [u8; DIGEST] {
        let mut room = [[0; BLOCK]; ROOM];
        let Some(blocks) = self.lay_out(slots, &mut room) else {
            let mut longer = self.clone();
            longer.push(&slots.join("|"));
            return longer.finish(&[]);
        };
        let inner = compress(self.inner, blocks);
        let mut block = [0; BLOCK];
        let (digest, padding) = block.split_at_mut(DIGEST);
        digest.copy_from_slice(&bytes(inner));
        pad(padding, BLOCK + DIGEST);
        bytes(compress(self.outer, &[block]))
    }

    /// The last blocks, with their padding, if there is room for them.
    fn lay_out<'room>(
        &self,
        slots: &[&str],
        room: &'room mut [[u8; BLOCK]; ROOM],
    ) -> Option<&'room [[u8; BLOCK]]> {
        let bytes = room.as_flattened_mut();
        let mut used = self.rest.len();
        bytes.get_mut(..used)?.copy_from_slice(&self.rest);
        for (nth, slot) in slots.iter().enumerate() {
            if nth > 0 {
                *bytes.get_mut(used)? = b'|';
                used = used.checked_add(1)?;
            }
            let end = used.checked_add(slot.len())?;
            bytes.get_mut(used..end)?.copy_from_slice(slot.as_bytes());
            used = end;
        }
        let count = used.checked_add(1 + LENGTH)?.div_ceil(BLOCK);
        let blocks = room.get_mut(..count)?;
        let length = used.checked_add(self.hashed)?.checked_add(BLOCK)?;
        pad(blocks.as_flattened_mut().get_mut(used..)?, length);
        Some(blocks)
    }
}

/// Ends a text of so many bytes, with zeros in between.
fn pad(free: &mut [u8], length: usize) {
    if let Some(first) = free.first_mut() {
        *first = 0x80;
    }
    // A text in memory has fewer than 2⁶¹ bytes.
    let bits = u64::try_from(length).unwrap_or(u64::MAX).wrapping_mul(8);
    if let Some(last) = free.last_chunk_mut() {
        *last = bits.to_be_bytes();
    }
}

fn compress(mut state: Words, blocks: &[[u8; BLOCK]]) -> Words {
    for block in blocks {
        compress256(&mut state, slice::from_ref(block.into()));
    }
    state
}

fn bytes(words: Words) -> [u8; DIGEST] {
    let mut bytes = [0; DIGEST];
    let (places, _) = bytes.as_chunks_mut();
    for (place, word) in places.iter_mut().zip(words) {
        *place = word.to_be_bytes();
    }
    bytes
}

type Words = [u32; 8];

const BLOCK: usize = 64;
const DIGEST: usize = 32;
/// Blocks for what differs from challenge to challenge, in what we mint ourselves.
const ROOM: usize = 4;
/// Of the length at the end of the last block.
const LENGTH: usize = 8;

/// FIPS 180-4 §5.3.3.
const INITIAL: Words = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
