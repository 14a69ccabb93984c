//! What changes in storage when this runtime replaces the one before.
//!
//! Both lists are emptied with every release and say which release they lead to. A migration that might
//! not fit one block is a stepped one; transactions wait until it is through.

/// Migrations that run at once, in the first block of the new runtime.
pub type SingleBlock = ();

/// Migrations that run in steps, over as many blocks as they need.
#[cfg(not(any(feature = "upgrade-drill", feature = "runtime-benchmarks")))]
pub type MultiBlock = ();

/// The drill: a stepped migration that takes several blocks and changes nothing but its own mark.
#[cfg(all(feature = "upgrade-drill", not(feature = "runtime-benchmarks")))]
pub type MultiBlock = (drill::CountToFive,);

/// The migration of the upgrade drill. It is part of the drill's runtime only, which tests and network
/// rehearsals upgrade to.
#[cfg(feature = "upgrade-drill")]
pub mod drill {
    use codec::{Decode, Encode, MaxEncodedLen};
    use frame_support::{
        migrations::{MigrationId, SteppedMigration, SteppedMigrationError},
        storage::unhashed,
        weights::WeightMeter,
    };

    /// Where the drill counts its steps.
    pub const STEPS_KEY: &[u8] = b":caisson:upgrade-drill:steps";

    /// Blocks that the drill takes.
    pub const STEPS: u32 = 5;

    /// How many steps have been taken.
    #[derive(Encode, Decode, MaxEncodedLen)]
    pub struct Cursor(u32);

    /// Takes one step in each block, until there were [`STEPS`].
    pub struct CountToFive;

    impl SteppedMigration for CountToFive {
        type Cursor = Cursor;
        type Identifier = MigrationId<21>;

        fn id() -> Self::Identifier {
            MigrationId {
                pallet_id: *b"caisson-upgrade-drill",
                version_from: 0,
                version_to: 1,
            }
        }

        fn step(
            cursor: Option<Cursor>,
            meter: &mut WeightMeter,
        ) -> Result<Option<Cursor>, SteppedMigrationError> {
            // One step in a block: the rest of the block's budget is claimed on purpose.
            let all = meter.remaining();
            meter
                .try_consume(all)
                .map_err(|_| SteppedMigrationError::InsufficientWeight { required: all })?;
            let done = cursor.map_or(0, |Cursor(steps)| steps).saturating_add(1);
            unhashed::put(STEPS_KEY, &done);
            Ok((done < STEPS).then_some(Cursor(done)))
        }
    }
}
