//! Deterministic mutations of seeds, for replays without a fuzzer.

/// A small generator (xorshift64*), the same everywhere.
#[derive(Debug)]
pub struct Mutator {
    state: u64,
}

impl Mutator {
    /// Starts a sequence; the same seed gives the same one.
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    /// One to four changes of `input`, or a splice of it with `other`.
    pub fn mutate(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut output = input.to_vec();
        if self.below(16) == 0 {
            let (head, tail) = (self.below(input.len() + 1), self.below(other.len() + 1));
            output.truncate(head);
            output.extend_from_slice(&other[tail..]);
            return output;
        }
        for _ in 0..=self.below(4) {
            self.change(&mut output);
        }
        output
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let end = at + self.below((bytes.len() - at).min(16) + 1);
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.byte(),
            2 => bytes.insert(at, self.byte()),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let copy = bytes[at..end].to_vec();
                let to = self.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            5 => bytes.truncate(at),
            6 => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            7 => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(at..end, word.iter().copied());
            }
            // A number of XDR, at its place.
            _ => {
                let place = at / 4 * 4;
                if let Some(number) = bytes.get_mut(place..place + 4) {
                    number.copy_from_slice(&NUMBERS[self.below(NUMBERS.len())].to_be_bytes());
                }
            }
        }
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a length fits").max(1);
        usize::try_from(self.next() % limit).expect("below a length")
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// What parsers look for, and what they should not take.
const WORDS: [&[u8]; 40] = [
    b"",
    b"0",
    b"00",
    b"1",
    b"9",
    b".",
    b"-",
    b"+",
    b"$",
    b",",
    b" ",
    b"\t",
    b"\r\n",
    b"\0",
    b":",
    b"*",
    b"_",
    b"=",
    b"==",
    b"/",
    b"e1",
    b"0x",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"true",
    b"1e999",
    b"\xff",
    "\u{e9}".as_bytes(),
    "\u{0663}".as_bytes(),
    b"170141183460469231731687303715884105728",
    b"G",
    b"C",
    b"M",
    b"S",
    b"\"x402Version\":2,",
];

const NUMBERS: [u32; 14] = [
    0,
    1,
    2,
    3,
    4,
    5,
    10,
    18,
    24,
    100,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    u32::MAX,
];
