//! Which feeds markets depend on: the oracle refuses to remove those. SPEC 2.6.

use caisson_primitives::oracle::FeedId;
use core::marker::PhantomData;
use frame_support::traits::Contains;

use crate::pallet::{Config, FeedUsers};

/// The feeds of all markets that aren't settled; for the oracle's `FeedsInUse`. One read.
pub struct FeedsInUse<T>(PhantomData<T>);

impl<T: Config> Contains<FeedId> for FeedsInUse<T> {
    fn contains(feed: &FeedId) -> bool {
        FeedUsers::<T>::contains_key(feed)
    }
}

/// One market more depends on a feed.
pub(crate) fn acquire<T: Config>(feed: FeedId) {
    FeedUsers::<T>::mutate(feed, |users| {
        *users = Some(users.unwrap_or_default().saturating_add(1));
    });
}

/// One market less.
pub(crate) fn release<T: Config>(feed: FeedId) {
    FeedUsers::<T>::mutate_exists(feed, |users| {
        *users = users
            .map(|count| count.saturating_sub(1))
            .filter(|count| *count > 0);
    });
}
