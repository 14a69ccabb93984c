//! How the runtime itself makes transactions, and how those of users are ranked below them.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{dispatch::DispatchInfo, pallet_prelude::TypeInfo, weights::Weight};
use frame_system::offchain::{
    CreateAuthorizedTransaction, CreateBare, CreateTransaction, CreateTransactionBase,
};
use pallet_price_oracle::reporting::REPORT_PRIORITY;
use scale_info::{StaticTypeInfo, Type};
use sp_runtime::Vec;
use sp_runtime::{
    generic::Era,
    traits::{
        DispatchInfoOf, DispatchOriginOf, Implication, PostDispatchInfoOf, TransactionExtension,
        TransactionExtensionMetadata, ValidateResult,
    },
    transaction_validity::{
        TransactionPriority, TransactionSource, TransactionValidityError, ValidTransaction,
    },
    DispatchResult,
};

use crate::{Runtime, RuntimeCall, TxExtension, UncheckedExtrinsic};

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extrinsic = UncheckedExtrinsic;
    type RuntimeCall = RuntimeCall;
}

/// Reports of equivocations in block production and finality, which nobody signs.
impl<LocalCall> CreateBare<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}

impl<LocalCall> CreateTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_transaction(call, extension)
    }
}

/// Calls that authorize themselves: the oracle's reports.
impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    fn create_extension() -> TxExtension {
        extension(0, Era::Immortal, 0)
    }
}

/// What a transaction carries besides its call: the sender's nonce, how long it lives, and the tip.
pub fn extension(nonce: u32, era: Era, tip: u128) -> TxExtension {
    (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckMortality::from(era),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        CappedPriority(pallet_transaction_payment::ChargeTransactionPayment::from(
            tip,
        )),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    )
}

/// The highest priority that a user can buy: just below the oracle's reports.
pub const HIGHEST_USER_PRIORITY: TransactionPriority = REPORT_PRIORITY - 1;

/// Does what the extension inside does, and cuts the priority it gives off at
/// [`HIGHEST_USER_PRIORITY`].
///
/// The price of a transaction sets its priority, and a high enough tip would set any. Who outbids
/// the reports could keep prices out of a block for as long as that is worth the tips. To clients this
/// is the extension inside: name, encoding and metadata are its.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct CappedPriority<E>(pub E);

impl<E: StaticTypeInfo> TypeInfo for CappedPriority<E> {
    type Identity = E;

    fn type_info() -> Type {
        E::type_info()
    }
}

impl<E> TransactionExtension<RuntimeCall> for CappedPriority<E>
where
    E: TransactionExtension<RuntimeCall> + StaticTypeInfo,
{
    const IDENTIFIER: &'static str = E::IDENTIFIER;
    type Implicit = E::Implicit;
    type Val = E::Val;
    type Pre = E::Pre;

    fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
        self.0.implicit()
    }

    fn metadata() -> Vec<TransactionExtensionMetadata> {
        E::metadata()
    }

    fn weight(&self, call: &RuntimeCall) -> Weight {
        self.0.weight(call)
    }

    fn validate(
        &self,
        origin: DispatchOriginOf<RuntimeCall>,
        call: &RuntimeCall,
        info: &DispatchInfoOf<RuntimeCall>,
        len: usize,
        implicit: Self::Implicit,
        implication: &impl Implication,
        source: TransactionSource,
    ) -> ValidateResult<Self::Val, RuntimeCall> {
        let (valid, val, origin) =
            self.0
                .validate(origin, call, info, len, implicit, implication, source)?;
        let capped = ValidTransaction {
            priority: valid.priority.min(HIGHEST_USER_PRIORITY),
            ..valid
        };
        Ok((capped, val, origin))
    }

    fn prepare(
        self,
        val: Self::Val,
        origin: &DispatchOriginOf<RuntimeCall>,
        call: &RuntimeCall,
        info: &DispatchInfoOf<RuntimeCall>,
        len: usize,
    ) -> Result<Self::Pre, TransactionValidityError> {
        self.0.prepare(val, origin, call, info, len)
    }

    fn post_dispatch_details(
        pre: Self::Pre,
        info: &DispatchInfo,
        post_info: &PostDispatchInfoOf<RuntimeCall>,
        len: usize,
        result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        E::post_dispatch_details(pre, info, post_info, len, result)
    }
}
