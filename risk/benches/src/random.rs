//! Numbers that are the same on every machine.

/// A fixed sequence of numbers from one to `2^bits`.
pub fn numbers(bits: u32) -> impl Iterator<Item = i128> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i128::from(state >> (64 - bits)) + 1
    })
}
