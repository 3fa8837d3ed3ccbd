//! Numbers that look random and are the same in every run.

use std::fmt::Debug;

/// Thrown again from the same seed, they fall the same way.
pub struct Dice(pub u64);

impl Dice {
    /// From 0 up to as many sides as there are, that one left out.
    pub fn roll<N: TryInto<u64, Error: Debug> + TryFrom<u64, Error: Debug>>(&mut self, sides: N) -> N {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let sides: u64 = sides.try_into().expect("a number of sides");
        N::try_from((self.0 >> 33) % sides).expect("below it")
    }
}
