//! The tracks of referenda: what each decides, and how long and how broad the consent must be.

use alloc::borrow::Cow;

use caisson_primitives::{
    currency::UNIT,
    time::{DAYS, HOURS, MINUTES},
    Balance, BlockNumber,
};
use pallet_referenda::{Curve, TrackInfo, TracksInfo};
use sp_arithmetic::FixedI64;
use sp_runtime::str_array as name;

use super::origins::Origin;
use crate::{GovernancePace, OriginCaller};

/// The identifiers of the tracks, as clients and events name them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u16)]
pub enum Track {
    /// Everything, runtime upgrades above all.
    Root = 0,
    /// The fast track for a call that the technical committee has whitelisted.
    WhitelistedCaller = 1,
    /// See [`Origin::RiskAdmin`].
    RiskAdmin = 10,
    /// See [`Origin::ListingAdmin`].
    ListingAdmin = 11,
    /// See [`Origin::InsuranceSpender`].
    InsuranceSpender = 12,
    /// See [`Origin::Treasurer`].
    Treasurer = 13,
    /// See [`Origin::ReferendumCanceller`].
    ReferendumCanceller = 20,
    /// See [`Origin::ReferendumKiller`].
    ReferendumKiller = 21,
}

type Info = TrackInfo<Balance, BlockNumber>;

const fn percent(value: i128) -> FixedI64 {
    FixedI64::from_rational(value as u128, 100)
}

/// Approval (ayes among votes, by conviction) that starts near unanimity and falls to a half: what
/// is plainly wanted passes early, the rest waits for the whole decision period.
const APPROVAL_CAUTIOUS: Curve =
    Curve::make_reciprocal(4, 28, percent(80), percent(50), percent(100));
/// Approval that falls evenly to a half at three fifths of the decision period.
const APPROVAL_STEADY: Curve = Curve::make_linear(17, 28, percent(50), percent(100));
/// Approval that is near unanimity for the first hours and falls to three fifths at half of the decision
/// period.
const APPROVAL_FAST: Curve =
    Curve::make_reciprocal(16, 28 * 24, percent(96), percent(50), percent(100));
/// Support (tokens voting aye among all) that falls evenly from a half to nothing.
const SUPPORT_BROAD: Curve = Curve::make_linear(28, 28, percent(0), percent(50));
/// Support that falls from a half to a tenth within a quarter of the decision period.
const SUPPORT_STEADY: Curve = Curve::make_reciprocal(7, 28, percent(10), percent(0), percent(50));
/// Support that falls from a half to a hundredth within half of the decision period.
const SUPPORT_NARROW: Curve = Curve::make_reciprocal(14, 28, percent(1), percent(0), percent(50));
/// Support that falls to a fifth within the first twenty-eighth of the decision period (six hours of
/// seven days), and never below a twentieth.
const SUPPORT_FAST: Curve = Curve::make_reciprocal(1, 28, percent(20), percent(5), percent(50));

const fn track(
    id: Track,
    title: &str,
    max_deciding: u32,
    deposit: Balance,
    [prepare, decide, confirm, enact]: [BlockNumber; 4],
    (min_approval, min_support): (Curve, Curve),
) -> pallet_referenda::Track<u16, Balance, BlockNumber> {
    pallet_referenda::Track {
        id: id as u16,
        info: TrackInfo {
            name: name(title),
            max_deciding,
            decision_deposit: deposit,
            prepare_period: prepare,
            decision_period: decide,
            confirm_period: confirm,
            min_enactment_period: enact,
            min_approval,
            min_support,
        },
    }
}

/// Periods: prepare, decide, confirm, enact.
const TRACKS: [pallet_referenda::Track<u16, Balance, BlockNumber>; 8] = [
    track(
        Track::Root,
        "root",
        1,
        10_000 * UNIT,
        [2 * HOURS, 14 * DAYS, DAYS, DAYS],
        (APPROVAL_CAUTIOUS, SUPPORT_BROAD),
    ),
    track(
        Track::WhitelistedCaller,
        "whitelisted_caller",
        20,
        1_000 * UNIT,
        [10 * MINUTES, 7 * DAYS, 10 * MINUTES, 5 * MINUTES],
        (APPROVAL_FAST, SUPPORT_FAST),
    ),
    track(
        Track::RiskAdmin,
        "risk_admin",
        10,
        1_000 * UNIT,
        [HOURS, 7 * DAYS, 3 * HOURS, HOURS],
        (APPROVAL_STEADY, SUPPORT_STEADY),
    ),
    track(
        Track::ListingAdmin,
        "listing_admin",
        10,
        1_000 * UNIT,
        [HOURS, 7 * DAYS, 3 * HOURS, HOURS],
        (APPROVAL_STEADY, SUPPORT_STEADY),
    ),
    track(
        Track::InsuranceSpender,
        "insurance_spender",
        5,
        2_000 * UNIT,
        [2 * HOURS, 14 * DAYS, 12 * HOURS, DAYS],
        (APPROVAL_CAUTIOUS, SUPPORT_BROAD),
    ),
    track(
        Track::Treasurer,
        "treasurer",
        10,
        1_000 * UNIT,
        [2 * HOURS, 14 * DAYS, 3 * HOURS, DAYS],
        (APPROVAL_CAUTIOUS, SUPPORT_BROAD),
    ),
    track(
        Track::ReferendumCanceller,
        "referendum_canceller",
        20,
        1_000 * UNIT,
        [2 * HOURS, 7 * DAYS, 3 * HOURS, 10 * MINUTES],
        (APPROVAL_STEADY, SUPPORT_NARROW),
    ),
    track(
        Track::ReferendumKiller,
        "referendum_killer",
        20,
        5_000 * UNIT,
        [2 * HOURS, 14 * DAYS, 3 * HOURS, 10 * MINUTES],
        (APPROVAL_STEADY, SUPPORT_NARROW),
    ),
];

/// The tracks at the pace of this chain (see [`super::pace`]).
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
    type Id = u16;
    type RuntimeOrigin = OriginCaller;

    fn tracks(
    ) -> impl Iterator<Item = Cow<'static, pallet_referenda::Track<u16, Balance, BlockNumber>>>
    {
        TRACKS.iter().map(|track| {
            let mut track = track.clone();
            track.info = at_pace(track.info);
            Cow::Owned(track)
        })
    }

    fn info(id: u16) -> Option<Cow<'static, Info>> {
        let track = TRACKS.iter().find(|track| track.id == id)?;
        Some(Cow::Owned(at_pace(track.info.clone())))
    }

    fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
        let track = match origin {
            OriginCaller::system(frame_system::RawOrigin::Root) => Track::Root,
            OriginCaller::Origins(Origin::WhitelistedCaller) => Track::WhitelistedCaller,
            OriginCaller::Origins(Origin::RiskAdmin) => Track::RiskAdmin,
            OriginCaller::Origins(Origin::ListingAdmin) => Track::ListingAdmin,
            OriginCaller::Origins(Origin::InsuranceSpender) => Track::InsuranceSpender,
            OriginCaller::Origins(Origin::Treasurer) => Track::Treasurer,
            OriginCaller::Origins(Origin::ReferendumCanceller) => Track::ReferendumCanceller,
            OriginCaller::Origins(Origin::ReferendumKiller) => Track::ReferendumKiller,
            _ => return Err(()),
        };
        Ok(track as u16)
    }
}

fn at_pace(mut info: Info) -> Info {
    for period in [
        &mut info.prepare_period,
        &mut info.decision_period,
        &mut info.confirm_period,
        &mut info.min_enactment_period,
    ] {
        *period = GovernancePace::paced(*period);
    }
    info
}
