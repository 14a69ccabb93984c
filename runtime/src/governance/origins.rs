//! The origins that a passed referendum of each track acts with.

pub use pallet::*;

/// Declares the origin of each track; it has neither calls nor storage.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::pallet_prelude::*;

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What a referendum may do, besides everything (root).
    #[derive(
        Clone,
        Copy,
        Debug,
        Eq,
        PartialEq,
        Encode,
        Decode,
        DecodeWithMemTracking,
        MaxEncodedLen,
        TypeInfo,
    )]
    #[pallet::origin]
    pub enum Origin {
        /// Dispatch a call that the technical committee has whitelisted.
        WhitelistedCaller,
        /// Move risk parameters inside their bounds, and loosen what an emergency tightened.
        RiskAdmin,
        /// List and delist markets.
        ListingAdmin,
        /// Spend from the insurance treasury.
        InsuranceSpender,
        /// Spend from the treasury.
        Treasurer,
        /// Cancel a referendum and return its deposits.
        ReferendumCanceller,
        /// Cancel a malicious referendum and slash its deposits.
        ReferendumKiller,
    }
}

macro_rules! ensure_origins {
    ($($name:ident),* $(,)?) => {$(
        #[doc = concat!("Ensures that the origin is [`Origin::", stringify!($name), "`].")]
        pub struct $name;

        impl<O> frame_support::traits::EnsureOrigin<O> for $name
        where
            O: frame_support::traits::OriginTrait + From<Origin>,
            for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
        {
            type Success = ();

            fn try_origin(origin: O) -> Result<(), O> {
                let matches = matches!(origin.caller().try_into(), Ok(Origin::$name));
                matches.then_some(()).ok_or(origin)
            }

            #[cfg(feature = "runtime-benchmarks")]
            fn try_successful_origin() -> Result<O, ()> {
                Ok(O::from(Origin::$name))
            }
        }
    )*};
}

ensure_origins!(
    WhitelistedCaller,
    RiskAdmin,
    ListingAdmin,
    InsuranceSpender,
    Treasurer,
    ReferendumCanceller,
    ReferendumKiller,
);
