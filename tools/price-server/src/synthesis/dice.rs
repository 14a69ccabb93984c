//! Random numbers and the noise that is made of them.

/// A random walk that is drawn back to 0, in ppm.
pub struct Noise {
    value_ppm: i64,
    /// The largest step.
    step_ppm: i64,
    /// The part of the distance that it returns in a step, as a divisor.
    returning: i64,
}

impl Noise {
    /// A noise that begins at 0.
    pub fn new(step_ppm: i64, returning: i64) -> Self {
        Self {
            value_ppm: 0,
            step_ppm,
            returning,
        }
    }

    /// Takes a step and says where it is.
    pub fn next(&mut self, dice: &mut Dice) -> i64 {
        let step = dice.up_to(2 * self.step_ppm) - self.step_ppm;
        self.value_ppm += step - self.value_ppm / self.returning;
        self.value_ppm
    }
}

/// Random numbers: SplitMix64 of Steele, Lea and Flood (2014).
pub struct Dice(u64);

impl Dice {
    /// Dice whose numbers are settled by the seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `most`, which is small, so that the bias of the remainder is none to see.
    pub fn up_to(&mut self, most: i64) -> i64 {
        let choices = most.unsigned_abs() + 1;
        i64::try_from(self.roll() % choices).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_should_be_splitmix64() {
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.roll(), 6_457_827_717_110_365_317);
        assert_eq!(dice.roll(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn noise_should_stay_near_0_when_it_goes_on_for_long() {
        let mut dice = Dice::new(5);
        let mut noise = Noise::new(40, 60);
        let values: Vec<i64> = (0..100_000).map(|_| noise.next(&mut dice)).collect();
        // It can't pass the step times the divisor, where the way back is as long as the step.
        assert!(values.iter().all(|value| value.abs() <= 40 * 60));
        assert!(values.iter().any(|value| *value > 100));
        assert!(values.iter().any(|value| *value < -100));
    }
}
