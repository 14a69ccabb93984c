//! Numbers that look random and are the same for the same seed.

/// A small generator (SplitMix64, Steele, Lea and Flood 2014). For decisions of bots, never for keys.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed and a name: members of one crowd don't decide alike.
    pub fn new(seed: u64, name: &str) -> Self {
        // FNV-1a, so that names of one letter's difference begin far apart.
        let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(seed ^ mixed)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both possible; `low` if there is nothing between.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high.saturating_sub(low)).saturating_add(1);
        let above = u32::try_from(self.draw() % span).unwrap_or(0);
        low.saturating_add(above)
    }

    /// Whether something happens that happens so many times out of a hundred.
    pub fn percent(&mut self, chance: u32) -> bool {
        self.between(0, 99) < chance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seed: u64, name: &str) -> Vec<u32> {
        let mut random = Random::new(seed, name);
        (0..8).map(|_| random.between(0, 1_000_000)).collect()
    }

    #[test]
    fn random_should_repeat_itself_when_seed_and_name_are_the_same() {
        assert_eq!(first(7, "maker//0"), first(7, "maker//0"));
        assert_ne!(first(7, "maker//0"), first(7, "maker//1"));
        assert_ne!(first(7, "maker//0"), first(8, "maker//0"));
    }

    #[test]
    fn random_should_stay_between_its_bounds_and_reach_both() {
        let mut random = Random::new(1, "");
        let drawn: Vec<u32> = (0..200).map(|_| random.between(3, 6)).collect();
        assert!(drawn.iter().all(|number| (3..=6).contains(number)));
        assert!((3..=6).all(|number| drawn.contains(&number)));
        assert_eq!(random.between(9, 2), 9);
    }
}
