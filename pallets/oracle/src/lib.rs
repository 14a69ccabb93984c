//! # Price oracle
//!
//! Price feeds that the validators report from off-chain workers and that are weighed by their stake.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for its calls, storage, events and errors. Other pallets read prices
//! through [`PriceFeeds`](caisson_primitives::oracle::PriceFeeds), which [`Pallet`] implements; clients through the runtime API `OracleApi` or
//! the view functions.
//!
//! ## Overview
//!
//! Each validator observes prices itself, from public sources that governance sets and its operator may
//! change, and reports them under a session key of its own (`orcl`, sr25519). At the start of each block
//! the latest reports become one price for each feed: their stake-weighted median, if they cover two
//! thirds of all weight. While less than a third of the stake is dishonest, that price lies within the
//! range of the honest reports, whatever the others say. A price is never read without saying what
//! for: see [`FeedStatus`](caisson_primitives::oracle::FeedStatus).
//!
//! `SPEC.md` in this crate has the numbered rules; code and tests refer to its sections.
//!
//! ## Low-level
//!
//! - [`worker`]: what a validator's node does after each block;
//! - [`reporting`]: when a report is valid, and how it is stored;
//! - [`closing`], [`aggregation`]: from reports to prices, in `on_initialize`;
//! - [`judgement`], [`performance`], [`offences`]: outliers, rewards, silence, equivocation;
//! - [`status`], [`history`]: what a price may be used for, and what is remembered of it;
//! - [`reporters`]: keys and weights of a session;
//! - [`feeds`]: what governance sets.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

pub mod aggregation;
pub mod api;
pub mod closing;
pub mod feeds;
pub mod history;
pub mod judgement;
pub mod offences;
pub mod performance;
pub mod reporters;
pub mod reporting;
pub mod status;
pub mod types;
pub mod weights;
pub mod worker;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;

pub use pallet::*;
pub use weights::WeightInfo;

/// The target of this pallet's log lines: `-loracle=debug` shows what the worker does.
pub const LOG_TARGET: &str = "oracle";

/// Calls, storage, events and errors.
#[frame_support::pallet]
pub mod pallet {
    use alloc::{boxed::Box, vec::Vec};
    use caisson_primitives::{
        oracle::{
            crypto::{AuthorityId, AuthoritySignature},
            AuthorityIndex, BlockTime, FeedId, FeedStatus, OraclePrice, Price, PriceFeeds,
            PriceUnavailable,
        },
        Moment, StakeSource,
    };
    use frame_support::{
        pallet_prelude::*,
        traits::{
            fungible, Contains, KeyOwnerProofSystem, ValidatorSet, ValidatorSetWithIdentification,
        },
        PalletId,
    };
    use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
    use sp_runtime::{traits::AccountIdConversion, Perbill};
    use sp_session::{GetSessionNumber, GetValidatorCount};
    use sp_staking::{offence::ReportOffence, SessionIndex};

    use crate::{
        closing, feeds, history,
        offences::{self, Deviation, Equivocation, ReporterOffence, Silence},
        reporting, status,
        types::{
            Aggregate, Authority, Checkpoints, EquivocationProof, FeedInfo, FeedParameters,
            FeedSet, LatestReport, Misconduct, PendingOffence, PerFeed, Performance, RecentPrice,
            Report, Reporter, Sources as SourceList, Symbol, Trace,
        },
        weights::WeightInfo,
        worker,
    };

    /// The native token's amounts.
    pub type BalanceOf<T> = <<T as Config>::Currency as fungible::Inspect<
        <T as frame_system::Config>::AccountId,
    >>::Balance;

    /// How the staking system names a validator.
    pub type IdentificationOf<T> = (
        <<T as Config>::ValidatorSet as ValidatorSet<<T as frame_system::Config>::AccountId>>::ValidatorId,
        <<T as Config>::ValidatorSet as ValidatorSetWithIdentification<
            <T as frame_system::Config>::AccountId,
        >>::Identification,
    );

    /// An offence in the queue.
    pub type PendingOffenceOf<T> =
        PendingOffence<<T as frame_system::Config>::AccountId, IdentificationOf<T>>;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// What the runtime decides.
    #[pallet::config]
    pub trait Config:
        CreateAuthorizedTransaction<Call<Self>>
        + frame_system::Config<RuntimeEvent: From<Event<Self>>>
    {
        /// May register and remove feeds, and set their sources.
        type ListingOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// May set the parameters of feeds.
        type RiskOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// The feeds that something depends on; they can't be removed.
        type FeedsInUse: Contains<FeedId>;
        /// The time of the block, from its slot.
        type Time: BlockTime;
        /// The stake behind each validator.
        type Stakes: StakeSource<Self::AccountId, u128>;
        /// The validators, as the staking system names them.
        type ValidatorSet: ValidatorSetWithIdentification<
            Self::AccountId,
            Identification: MaxEncodedLen,
        >;
        /// Takes offences and slashes for them.
        type ReportOffence: ReportOffence<
                Self::AccountId,
                IdentificationOf<Self>,
                ReporterOffence<Deviation, IdentificationOf<Self>>,
            > + ReportOffence<
                Self::AccountId,
                IdentificationOf<Self>,
                ReporterOffence<Silence, IdentificationOf<Self>>,
            > + ReportOffence<
                Self::AccountId,
                IdentificationOf<Self>,
                ReporterOffence<Equivocation, IdentificationOf<Self>>,
            >;
        /// The author of the block. The staking system may disable an offender at once, and a block by a disabled
        /// author is not valid; so an offence waits for a block by someone else.
        type BlockAuthor: Get<Option<Self::AccountId>>;
        /// What `ReportOffence` costs for one offender.
        type OffenceWeight: Get<Weight>;
        /// Proves whose key a key was in a session.
        type KeyOwnerProof: Parameter + GetSessionNumber + GetValidatorCount;
        /// Makes and checks those proofs.
        type KeyOwnerProofSystem: KeyOwnerProofSystem<
            (sp_core::crypto::KeyTypeId, AuthorityId),
            Proof = Self::KeyOwnerProof,
            IdentificationTuple = IdentificationOf<Self>,
        >;
        /// Rewards are paid in this token, from [`Pallet::pot`].
        type Currency: fungible::Mutate<Self::AccountId>;
        /// From which the account of the pot is derived.
        #[pallet::constant]
        type PotId: Get<PalletId>;
        /// The share of the pot that is paid at the end of a session.
        #[pallet::constant]
        type RewardShare: Get<sp_runtime::Permill>;
        /// The most reporters: as many as there can be validators.
        #[pallet::constant]
        type MaxReporters: Get<u32>;
        /// No reporter weighs more than this share of all, in parts per million.
        #[pallet::constant]
        type MaxWeightPpm: Get<u32>;
        /// So many outliers in a session are forgiven.
        #[pallet::constant]
        type ToleratedOutliers: Get<u32>;
        /// The share of fresh reports below which a validator was silent.
        #[pallet::constant]
        type MinParticipation: Get<Perbill>;
        /// The slash for more outliers than are tolerated.
        #[pallet::constant]
        type DeviationSlash: Get<Perbill>;
        /// The slash for two reports for one round.
        #[pallet::constant]
        type EquivocationSlash: Get<Perbill>;
        /// By how much the slash for silence rises with each silent session after the first.
        #[pallet::constant]
        type SilenceSlash: Get<Perbill>;
        /// The most that silence costs in a session.
        #[pallet::constant]
        type MaxSilenceSlash: Get<Perbill>;
        /// What calls and hooks cost.
        type WeightInfo: WeightInfo;
        /// Makes the surroundings that benchmarks need.
        #[cfg(feature = "runtime-benchmarks")]
        type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
    }

    /// The oracle.
    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    // Names of feeds and reporters' accounts are few and not chosen by users, so `Twox64Concat` is safe
    // throughout; feeds are below 64 and places below the validator count.

    /// What feeds are called. Not read in blocks.
    #[pallet::storage]
    pub type Feeds<T> = StorageMap<_, Twox64Concat, FeedId, FeedInfo>;

    /// Where prices of feeds are quoted. Not read in blocks.
    #[pallet::storage]
    pub type Sources<T> = StorageMap<_, Twox64Concat, FeedId, SourceList, ValueQuery>;

    /// The parameters of all feeds: one value, because every block needs all of them.
    #[pallet::storage]
    pub type Parameters<T> = StorageValue<_, PerFeed<FeedParameters>, ValueQuery>;

    /// The prices of all feeds: one value, because every block reads and writes nearly all of them.
    #[pallet::storage]
    pub type Aggregates<T> = StorageValue<_, PerFeed<Aggregate>, ValueQuery>;

    /// What aggregation remembers of each feed; apart from the prices, which consumers decode.
    #[pallet::storage]
    pub type Traces<T> = StorageValue<_, PerFeed<Trace>, ValueQuery>;

    /// The feeds that the next block closes.
    #[pallet::storage]
    pub type Waiting<T> = StorageValue<_, FeedSet, ValueQuery>;

    /// The owners of the oracle keys of this session, by their place in the validator set. A map, so that
    /// checking a report reads one of them and not all.
    #[pallet::storage]
    pub type Authorities<T: Config> =
        StorageMap<_, Twox64Concat, AuthorityIndex, Authority<T::AccountId, AuthorityId>>;

    /// The validators of this session and their weights, in the order of the validator set.
    #[pallet::storage]
    pub type Reporters<T: Config> =
        StorageValue<_, BoundedVec<Reporter<T::AccountId>, T::MaxReporters>, ValueQuery>;

    /// What each of them has done in this session, in the same order.
    #[pallet::storage]
    pub type Performances<T: Config> =
        StorageValue<_, BoundedVec<Performance, T::MaxReporters>, ValueQuery>;

    /// The latest reports of each validator: one value for all feeds, so that a report is one write and
    /// aggregation one read for each validator.
    #[pallet::storage]
    pub type LatestReports<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, LatestReport>;

    /// For how many sessions in a row a validator was silent.
    #[pallet::storage]
    pub type SilentSessions<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, u32, ValueQuery>;

    /// Offences that wait to be handed to the staking system.
    #[pallet::storage]
    pub type PendingOffences<T: Config> =
        StorageValue<_, BoundedVec<PendingOffenceOf<T>, OffenceQueue<T>>, ValueQuery>;

    /// The checkpoints of each feed's cumulative price.
    #[pallet::storage]
    pub type CheckpointsOf<T> = StorageMap<_, Twox64Concat, FeedId, Checkpoints, ValueQuery>;

    /// The latest aggregates of each feed. One item each, so that a new one is a write and no read.
    // The place has two bytes because clients' generators of types take a key of two single bytes for a string of bytes.
    #[pallet::storage]
    pub type Recent<T> = StorageDoubleMap<_, Twox64Concat, FeedId, Twox64Concat, u16, RecentPrice>;

    /// How many offences can wait: one of each kind for each reporter.
    pub struct OffenceQueue<T>(PhantomData<T>);

    impl<T: Config> Get<u32> for OffenceQueue<T> {
        fn get() -> u32 {
            T::MaxReporters::get().saturating_mul(3)
        }
    }

    /// The feeds a chain starts with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The feeds, numbered from zero.
        pub feeds: Vec<feeds::GenesisFeed>,
        /// Ties the genesis to its runtime.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for feed in &self.feeds {
                feeds::register_at_genesis::<T>(feed);
            }
        }
    }

    /// What the oracle says happened. Prices are in 10^-18, times in milliseconds since the epoch.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    // What each field is stands in the text of its variant, which is what clients show.
    #[allow(missing_docs)]
    pub enum Event<T: Config> {
        /// The price of a feed changed from `before`, which is zero the first time, to `after`, with this
        /// confidence; `observed_at` is the stake-weighted median of the reporters' times.
        AggregateChanged {
            feed: FeedId,
            before: OraclePrice,
            after: OraclePrice,
            confidence: OraclePrice,
            observed_at: Moment,
        },
        /// A feed can be trusted more, or less, than before; its price is `age_ms` old.
        StatusChanged {
            feed: FeedId,
            before: FeedStatus,
            after: FeedStatus,
            age_ms: Moment,
        },
        /// A report was further than tolerated from all medians between `low` and `high`, from just before
        /// it until its grace was over.
        Outlier {
            validator: T::AccountId,
            feed: FeedId,
            price: OraclePrice,
            low: OraclePrice,
            high: OraclePrice,
        },
        /// A report had so many prices beyond the bounds of their feeds; they did not enter.
        InsanePrices {
            validator: T::AccountId,
            prices: u32,
        },
        /// A validator had too few fresh reports in the session that ended, in the `sessions`-th session
        /// in a row. The first costs nothing.
        Silent {
            validator: T::AccountId,
            expected: u32,
            fresh: u32,
            sessions: u32,
        },
        /// An offence of this kind will be handed to the staking system, which slashes this share of the
        /// validator's stake.
        OffenceFound {
            validator: <T::ValidatorSet as ValidatorSet<T::AccountId>>::ValidatorId,
            kind: Misconduct,
            slash: Perbill,
        },
        /// A validator was paid this amount for its reports of the session that ended.
        Rewarded {
            validator: T::AccountId,
            amount: BalanceOf<T>,
        },
        /// There is a new feed with this identifier and symbol.
        FeedRegistered { feed: FeedId, symbol: Symbol },
        /// A feed is gone, with its price and its history.
        FeedRemoved { feed: FeedId, symbol: Symbol },
        /// A feed has other parameters.
        ParametersSet {
            feed: FeedId,
            before: FeedParameters,
            after: FeedParameters,
        },
        /// A feed has other sources, so many of them.
        SourcesSet { feed: FeedId, sources: u32 },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// No feed has this identifier. `feeds` of the runtime API `OracleApi` lists them.
        NoSuchFeed,
        /// Something depends on this feed: close the markets on it first.
        FeedInUse,
        /// There is no room for another feed: remove one that nothing depends on.
        TooManyFeeds,
        /// A symbol is two words of ASCII letters and digits with a slash between, such as `BTC/USD`.
        BadSymbol,
        /// Another feed has this symbol already.
        SymbolTaken,
        /// The bounds must be positive, in order, at most 2^84 - 1, and the lower one so high that one step of
        /// it is not zero.
        BadBounds,
        /// The heartbeat must be at least a second, and shorter than the age at which a price is stale.
        BadTimes,
        /// The deviation, the step and the tolerated confidence must be under one whole, the latter two
        /// above zero.
        BadShares,
        /// The factor of outliers must be at least one, the floor of tolerance at least the deviation:
        /// else a validator that rightly did not report would be an outlier.
        BadTolerance,
        /// The sources needed must be at least one and at most as many as the feed has.
        BadSourceCount,
        /// A source's URL must be `https://`, in printable ASCII without spaces.
        BadUrl,
        /// A pointer must be a JSON pointer as of RFC 6901, such as `/result/0/price`.
        BadPointer,
        /// A source's weight, and the age of its answers if it states their time, must be above zero.
        BadSource,
        /// The time constant of the variance must be above zero.
        BadTimeConstant,
        /// No validator of this session has this place.
        NoSuchAuthority,
        /// The two reports are of different rounds, which is no offence.
        NotTheSameRound,
        /// The two reports are the same, which is no offence.
        ReportsAreEqual,
        /// The key's proof is of another session than the reports.
        KeyProofOfAnotherSession,
        /// A signature doesn't fit its report, the key, or this chain.
        BadSignature,
        /// The proof that the key is a validator's is wrong, or too old to be checked.
        BadKeyOwnershipProof,
        /// This equivocation has been reported before.
        EquivocationIsKnown,
        /// So many offences wait to be handed to the staking system that there is no room for another: try again
        /// some blocks later.
        TooManyOffences,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            closing::close::<T>()
        }

        fn offchain_worker(_now: BlockNumberFor<T>) {
            worker::run::<T>();
        }

        fn integrity_test() {
            assert!(T::MaxReporters::get() > 0, "somebody must report");
            assert!(
                T::MaxReporters::get() <= AuthorityIndex::MAX.into(),
                "a place must fit its type"
            );
            assert!(
                (1..=1_000_000).contains(&T::MaxWeightPpm::get()),
                "a share is above zero and at most one"
            );
            assert!(T::Time::slot_millis() > 0, "time must pass");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            crate::try_state::check::<T>()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Takes a validator's prices in.
        ///
        /// Origin: authorized by the report's signature; the validators' off-chain workers send it. It has
        /// no fee, is operational, and outranks the transactions of users. Cheap checks come first:
        /// session, place, round, then the signature.
        ///
        /// Emits `InsanePrices` if some can't enter. SPEC 4.
        #[pallet::call_index(0)]
        #[pallet::weight((
            T::WeightInfo::report(u32::try_from(report.prices.len()).unwrap_or(u32::MAX)),
            DispatchClass::Operational,
            Pays::No,
        ))]
        #[pallet::authorize(|source, report, signature| {
            crate::reporting::authorize::<T>(source, report, signature)
        })]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_report())]
        pub fn report(
            origin: OriginFor<T>,
            report: Report,
            signature: AuthoritySignature,
        ) -> DispatchResult {
            frame_system::ensure_authorized(origin)?;
            // It authorized the call.
            let _ = signature;
            reporting::take_in::<T>(report)
        }

        /// Reports that a validator signed two different reports for one round.
        ///
        /// Origin: signed, by anyone; free if it is true and new. `key_owner_proof` comes from the runtime API
        /// `OracleApi::key_ownership_proof`.
        ///
        /// Emits `OffenceFound`; the next block by another author hands it to the staking system. Errors:
        /// `NotTheSameRound`, `ReportsAreEqual`, `BadSignature`, `KeyProofOfAnotherSession`,
        /// `BadKeyOwnershipProof`, `EquivocationIsKnown`, `TooManyOffences`. SPEC 8.3.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::report_equivocation(key_owner_proof.validator_count()))]
        pub fn report_equivocation(
            origin: OriginFor<T>,
            proof: Box<EquivocationProof<AuthorityId, AuthoritySignature>>,
            key_owner_proof: T::KeyOwnerProof,
        ) -> DispatchResultWithPostInfo {
            let reporter = ensure_signed(origin)?;
            offences::report_equivocation::<T>(reporter, *proof, key_owner_proof)?;
            Ok(Pays::No.into())
        }

        /// Registers a feed; it gets the lowest identifier that is free.
        ///
        /// Origin: `ListingOrigin`. Emits `FeedRegistered`. Errors: `BadSymbol`, `SymbolTaken`,
        /// `TooManyFeeds`, and those of parameters and sources. SPEC 2.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::register_feed())]
        pub fn register_feed(
            origin: OriginFor<T>,
            info: FeedInfo,
            parameters: FeedParameters,
            sources: SourceList,
        ) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            feeds::register::<T>(info, parameters, sources).map(drop)
        }

        /// Sets the parameters of a feed.
        ///
        /// Origin: `RiskOrigin`. Emits `ParametersSet`. Errors: `NoSuchFeed`, and those of parameters.
        /// SPEC 2.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_parameters())]
        pub fn set_parameters(
            origin: OriginFor<T>,
            feed: FeedId,
            parameters: FeedParameters,
        ) -> DispatchResult {
            T::RiskOrigin::ensure_origin(origin)?;
            feeds::set_parameters::<T>(feed, parameters)
        }

        /// Sets the sources of a feed. Validators use them from the next block on.
        ///
        /// Origin: `ListingOrigin`. Emits `SourcesSet`. Errors: `NoSuchFeed`, and those of sources. SPEC 3.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_sources())]
        pub fn set_sources(
            origin: OriginFor<T>,
            feed: FeedId,
            sources: SourceList,
        ) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            feeds::set_sources::<T>(feed, sources)
        }

        /// Removes a feed that nothing depends on, with its price and its history.
        ///
        /// Origin: `ListingOrigin`. Emits `FeedRemoved`. Errors: `NoSuchFeed`, `FeedInUse`. SPEC 2.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::remove_feed())]
        pub fn remove_feed(origin: OriginFor<T>, feed: FeedId) -> DispatchResult {
            T::ListingOrigin::ensure_origin(origin)?;
            feeds::remove::<T>(feed)
        }
    }

    #[pallet::view_functions]
    impl<T: Config> Pallet<T> {
        /// The price of a feed for an act, or why there is none.
        pub fn price(
            feed: FeedId,
            act: caisson_primitives::oracle::Act,
        ) -> Result<Price, PriceUnavailable> {
            status::price_for::<T>(feed, act)
        }

        /// The status of a feed.
        pub fn feed_status(feed: FeedId) -> FeedStatus {
            <Self as PriceFeeds>::status(feed)
        }

        /// The time-weighted average price over at least `window_ms`, in 10^-18, if known.
        pub fn average_price(feed: FeedId, window_ms: Moment) -> Option<OraclePrice> {
            history::twap::<T>(feed, window_ms)
        }

        /// The volatility over a horizon, in parts per million, if known.
        pub fn volatility(feed: FeedId, horizon_ms: Moment) -> Option<u32> {
            history::volatility_ppm::<T>(feed, horizon_ms)
        }
    }

    impl<T: Config> Pallet<T> {
        /// The account that rewards are paid from. Whatever is transferred to it is shared out.
        pub fn pot() -> T::AccountId {
            T::PotId::get().into_account_truncating()
        }

        /// The current session.
        pub(crate) fn session_index() -> SessionIndex {
            T::ValidatorSet::session_index()
        }
    }

    impl<T: Config> PriceFeeds for Pallet<T> {
        fn price_for(
            feed: FeedId,
            act: caisson_primitives::oracle::Act,
        ) -> Result<Price, PriceUnavailable> {
            status::price_for::<T>(feed, act)
        }

        fn status(feed: FeedId) -> FeedStatus {
            Aggregates::<T>::get()
                .get(&feed)
                .map_or(FeedStatus::Down, |aggregate| aggregate.status)
        }

        fn twap(feed: FeedId, window_ms: Moment) -> Option<OraclePrice> {
            history::twap::<T>(feed, window_ms)
        }

        fn volatility_ppm(feed: FeedId, horizon_ms: Moment) -> Option<u32> {
            history::volatility_ppm::<T>(feed, horizon_ms)
        }

        #[cfg(feature = "runtime-benchmarks")]
        fn benchmark_feeds() {
            crate::benchmarking::with_feeds::<T>(caisson_primitives::oracle::MAX_FEEDS);
        }
    }
}
