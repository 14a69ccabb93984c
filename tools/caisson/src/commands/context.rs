//! What commands need: a chain, a key, and what names and numbers stand for.

use crate::{
    chain::{words, Chain, Included, Status},
    cli::Common,
    error::{Error, Result},
    keys::Signer,
    units::{self, Terms},
};
use caisson_primitives::{
    trading::{api::MarketView, Account, AccountIndex, CompartmentId, MarketId},
    AccountId, AssetId, Balance,
};
use caisson_runtime::{configs::SS58_PREFIX, Runtime, RuntimeCall};
use serde_json::{json, Value};
use sp_core::crypto::{Ss58AddressFormat, Ss58Codec};
use sp_runtime::DispatchError;
use std::{collections::BTreeMap, env, path::PathBuf};

use super::agents;

/// What commands need.
pub struct Context {
    /// The chain.
    pub chain: Chain,
    signer: Option<Signer>,
    until: Status,
}

/// An asset as people know it.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its number.
    pub id: AssetId,
    /// Its symbol.
    pub symbol: String,
    /// Its decimal places.
    pub decimals: u32,
}

impl Asset {
    /// An amount that people wrote, in smallest units.
    pub fn units(&self, amount: &str) -> Result<Balance> {
        units::units(amount, self.decimals)
    }

    /// Smallest units as an amount.
    pub fn amount(&self, units: Balance) -> String {
        units::decimal(i128::try_from(units).unwrap_or(i128::MAX), self.decimals)
    }

    /// Smallest units as an amount with the symbol.
    pub fn named(&self, units: Balance) -> String {
        format!("{} {}", self.amount(units), self.symbol)
    }
}

impl Context {
    /// Reads the key if one is given, and connects.
    pub async fn connect(common: &Common) -> Result<Self> {
        // A bad key fails before the network is asked.
        let signer = signer_of(common)?;
        Ok(Self {
            chain: Chain::connect(&common.url).await?,
            signer,
            until: if common.until_final {
                Status::Final
            } else {
                Status::Included
            },
        })
    }

    /// The key that signs.
    pub fn signer(&self) -> Result<&Signer> {
        self.signer.as_ref().ok_or_else(|| {
            Error::new(
                "this needs a key: give one with --key-file FILE or --key SECRET, or in the environment as \
                 CAISSON_KEY_FILE or CAISSON_KEY; on a development chain --key //Alice will do",
            )
        })
    }

    /// The account of the key, if there is one.
    pub fn own(&self) -> Option<&AccountId> {
        self.signer.as_ref().map(Signer::account)
    }

    /// Sends a call with the key.
    pub async fn send(&self, call: impl Into<RuntimeCall>) -> Result<Included> {
        self.chain.send(self.signer()?, call, self.until).await
    }

    /// Sends a call that trades with an account: as its owner, or in the owner's name if the key is the owner's agent.
    pub async fn trade(
        &self,
        account: AccountIndex,
        call: impl Into<RuntimeCall>,
    ) -> Result<Included> {
        let signer = self.signer()?;
        let owner = self.account(account).await?.owner;
        if owner == *signer.account() || !agents::may_trade(self, &owner, signer.account()).await? {
            // Of neither, the chain says what is wrong.
            return self.send(call).await;
        }
        let included = self
            .send(agents::in_the_name_of(owner, call.into()))
            .await?;
        agents::check(&included.events)?;
        Ok(included)
    }

    /// A market by its symbol or number.
    pub async fn market(&self, name: &str) -> Result<(MarketView, Terms)> {
        let markets = self.chain.now().await?.markets().await?;
        let number: Option<MarketId> = name.parse().ok();
        let found = markets.iter().find(|view| {
            Some(view.market) == number || view.symbol.eq_ignore_ascii_case(name.as_bytes())
        });
        let Some(view) = found else {
            let all: Vec<String> = markets
                .iter()
                .map(|view| format!("{} ({})", Terms::of(view).symbol, view.market))
                .collect();
            let all = if all.is_empty() {
                "none".to_owned()
            } else {
                all.join(", ")
            };
            return Err(Error::new(format!(
                "there is no market `{name}`; those that exist are: {all}"
            )));
        };
        Ok((view.clone(), Terms::of(view)))
    }

    /// The terms of all markets, by number.
    pub async fn all_terms(&self) -> Result<BTreeMap<MarketId, Terms>> {
        let markets = self.chain.now().await?.markets().await?;
        let terms = markets.iter().map(|view| (view.market, Terms::of(view)));
        Ok(terms.collect())
    }

    /// An account as it is stored.
    pub async fn account(&self, account: AccountIndex) -> Result<Account<AccountId>> {
        let key = pallet_margin::Accounts::<Runtime>::hashed_key_for(account);
        let stored = self.chain.now().await?.storage(&key).await?;
        stored.ok_or_else(|| no_such_account(account))
    }

    /// An asset as people know it.
    pub async fn asset(&self, id: AssetId) -> Result<Asset> {
        type Metadata =
            pallet_assets::AssetMetadata<Balance, frame_support::BoundedVec<u8, MaxText>>;
        // The bound plays no part in reading.
        type MaxText = frame_support::traits::ConstU32<1_024>;
        let key = pallet_assets::Metadata::<Runtime>::hashed_key_for(id);
        let metadata: Option<Metadata> = self.chain.now().await?.storage(&key).await?;
        let metadata = metadata.ok_or_else(|| Error::new(format!("there is no asset {id}")))?;
        Ok(Asset {
            id,
            symbol: String::from_utf8_lossy(&metadata.symbol).into_owned(),
            decimals: metadata.decimals.into(),
        })
    }

    /// The settlement asset of a compartment.
    pub async fn settlement(&self, compartment: CompartmentId) -> Result<Asset> {
        let stored = self.chain.now().await?.compartment(compartment).await?;
        let Some(stored) = stored else {
            let error = pallet_margin::Error::<Runtime>::NoSuchCompartment;
            return Err(refusal(error));
        };
        self.asset(stored.settlement_asset).await
    }

    /// The owner whom people mean: the one they name, or the one of the key.
    pub fn owner(&self, name: Option<&str>) -> Result<AccountId> {
        match name {
            Some(name) => address(name),
            None => Ok(self.signer()?.account().clone()),
        }
    }

    /// Where a transaction is, for programs.
    pub fn place(&self, included: &Included) -> Value {
        json!({
            "number": included.number,
            "hash": included.block,
            "final": self.until == Status::Final,
        })
    }
}

/// An account of the chain that people named by its address, or by the secret of a development account.
pub fn address(text: &str) -> Result<AccountId> {
    if text.starts_with("//") {
        return Ok(Signer::from_secret(text)?.account().clone());
    }
    let bad = || {
        Error::new(format!(
            "`{text}` isn't an address: write one such as 5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY, or //Bob \
             for a development account"
        ))
    };
    let (account, format) = AccountId::from_ss58check_with_version(text).map_err(|_| bad())?;
    if format != Ss58AddressFormat::custom(SS58_PREFIX.into()) {
        return Err(Error::new(format!(
            "`{text}` is an address of another network; the same key has the address {account} here"
        )));
    }
    Ok(account)
}

/// What the chain would refuse with, in its words.
pub fn refusal(error: impl Into<DispatchError>) -> Error {
    Error::new(words::dispatch(&error.into()))
}

/// There is no such account, in the chain's words.
pub fn no_such_account(account: AccountIndex) -> Error {
    let error = refusal(pallet_margin::Error::<Runtime>::NoSuchAccount);
    Error::new(format!("account {account}: {error}"))
}

/// The first event that fits. Every call that succeeds has the events that its pallet promises.
pub fn found<E>(event: Option<E>, what: &str) -> Result<E> {
    event.ok_or_else(|| {
        Error::new(format!(
            "the transaction is in a block, but has no event {what}; look at the account before you send it again"
        ))
    })
}

/// The key that is given: on the command line, or else in the environment.
fn signer_of(common: &Common) -> Result<Option<Signer>> {
    if let Some(secret) = &common.key {
        return Signer::from_secret(secret).map(Some);
    }
    if let Some(file) = &common.key_file {
        return Signer::from_file(file).map(Some);
    }
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(secret) = set("CAISSON_KEY") {
        return Signer::from_secret(&secret.to_string_lossy()).map(Some);
    }
    set("CAISSON_KEY_FILE")
        .map(|file| Signer::from_file(&PathBuf::from(file)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";

    #[test]
    fn address_should_be_read_when_it_is_of_this_network_or_a_development_account() {
        assert_eq!(address(BOB), address("//Bob"));
        assert_eq!(
            address(BOB).map(|account| account.to_string()),
            Ok(BOB.to_owned())
        );
    }

    #[test]
    fn address_should_be_refused_when_it_is_mistyped_or_of_another_network() {
        assert!(address(&BOB.replace("694ty", "694tx")).is_err());
        // Bob's key with the prefix of Polkadot.
        let foreign = address("//Bob")
            .expect("an account")
            .to_ss58check_with_version(Ss58AddressFormat::custom(0));
        let error = address(&foreign).unwrap_err().to_string();
        assert!(error.contains("another network"), "{error}");
    }

    #[test]
    fn refusal_should_be_in_the_words_of_the_chain() {
        let error = no_such_account(7).to_string();
        assert!(
            error.starts_with("account 7: Margin.NoSuchAccount"),
            "{error}"
        );
    }
}
