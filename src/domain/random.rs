//! Numbers that look random and never change: SplitMix64 (Steele, Lea, Flood 2014; constants of Vigna's public-domain
//! version), addressed by place instead of drawn in a row. No crate is used, so no version of one can change a book.

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's finaliser: a permutation of all 64-bit numbers.
pub const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The `at`-th number of the stream that a seed and a salt choose.
pub const fn draw(seed: u64, salt: u64, at: u64) -> u64 {
    let stream = mix(mix(seed.wrapping_add(GAMMA)) ^ salt.wrapping_mul(GAMMA));
    mix(stream.wrapping_add(at.wrapping_add(1).wrapping_mul(GAMMA)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_splitmix64() {
        // The first outputs of the reference implementation for seed 1234567.
        let next = |n: u64| mix(1_234_567u64.wrapping_add(GAMMA.wrapping_mul(n)));
        assert_eq!([next(1), next(2), next(3)], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn seeds_and_salts_are_streams_of_their_own() {
        assert_ne!(draw(1, 1, 0), draw(2, 1, 0));
        assert_ne!(draw(1, 1, 0), draw(1, 2, 0));
        assert_ne!(draw(1, 1, 0), draw(1, 1, 1));
    }
}
