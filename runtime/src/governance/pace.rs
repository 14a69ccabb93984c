//! How fast governance runs: as written in `governance/tracks.rs` and in `configs/governance.rs` on a live
//! network, many times faster on a development one.
//!
//! Rehearsing a referendum must not take weeks, and it should rehearse the very code that will run. So
//! the pace is not compiled in: genesis sets a divisor, and no call can change it. It divides the periods
//! of referenda, motions, vote locks, whitelisting and the council's term.

pub use pallet::*;

/// Holds the divisor.
#[frame_support::pallet]
pub mod pallet {
    use caisson_primitives::BlockNumber;
    use core::num::NonZeroU32;
    use frame_support::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// The periods are divided by this. Set at genesis, and only there; one (the periods as written)
    /// when genesis says nothing.
    #[pallet::storage]
    pub type Divisor<T> = StorageValue<_, NonZeroU32, OptionQuery>;

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Every period of governance is divided by this; nothing means by one. Only networks whose
        /// tokens are worthless may set it.
        pub divisor: Option<NonZeroU32>,
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Divisor::<T>::set(self.divisor);
        }
    }

    impl<T: Config> Pallet<T> {
        /// A period of `blocks` at this chain's pace, rounded down, at least one block.
        ///
        /// Cost: one storage read.
        pub fn paced(blocks: BlockNumber) -> BlockNumber {
            let divisor = Divisor::<T>::get().map_or(1, NonZeroU32::get);
            blocks.checked_div(divisor).unwrap_or(blocks).max(1)
        }
    }
}
