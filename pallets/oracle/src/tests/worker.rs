//! SPEC 4.1, 4.3: what a validator's node does after a block.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use codec::{Decode, Encode};
use frame_support::assert_ok;
use parking_lot::RwLock;
use sp_core::{
    offchain::{
        testing::{PoolState, TestOffchainExt, TestTransactionPoolExt},
        Externalities, HttpError, HttpRequestId, HttpRequestStatus, OffchainDbExt,
        OffchainWorkerExt, OpaqueNetworkState, StorageKind, Timestamp, TransactionPoolExt,
    },
    Pair,
};
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use sp_runtime::{
    offchain::storage::StorageValueRef, traits::Dispatchable,
    transaction_validity::TransactionSource,
};
use std::sync::Mutex;

use super::common::*;
use crate::{
    mock::*,
    types::{FeedParameters, LocalSources, Report},
    worker,
};

/// What a server does with a request.
#[derive(Clone, Debug)]
enum Answer {
    Body(Vec<u8>),
    Status(u16),
    /// Nothing before any deadline.
    Silence,
    /// The connection breaks.
    Broken,
    /// Headers, and then nothing more.
    Stalled,
}

/// The internet, and this node's clock.
#[derive(Default)]
struct Net {
    answers: BTreeMap<String, Answer>,
    now: u64,
    requests: Vec<(String, Vec<String>)>,
    bodies: BTreeMap<u16, Vec<u8>>,
}

#[derive(Clone, Default)]
struct Internet(Arc<Mutex<Net>>);

impl Internet {
    fn net(&self) -> std::sync::MutexGuard<'_, Net> {
        self.0
            .lock()
            .expect("no test panics while it holds the net")
    }

    fn set(&self, url: &str, answer: Answer) {
        self.net().answers.insert(url.to_string(), answer);
    }

    /// Both sources answer with that price, and with the time of this node.
    fn quote(&self, price: &str) {
        let now = self.net().now;
        let body = alloc::format!(r#"{{"price":"{price}","at":{now}}}"#).into_bytes();
        self.set(ONE_URL, Answer::Body(body.clone()));
        self.set(TWO_URL, Answer::Body(body));
    }

    fn asked(&self) -> Vec<String> {
        core::mem::take(&mut self.net().requests)
            .into_iter()
            .map(|(url, _)| url)
            .collect()
    }
}

const ONE_URL: &str = "https://one.example/BTCUSD";
const TWO_URL: &str = "https://two.example/btc-usd";

impl Externalities for Internet {
    fn is_validator(&self) -> bool {
        true
    }
    fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
        Err(())
    }
    fn timestamp(&mut self) -> Timestamp {
        Timestamp::from_unix_millis(self.net().now)
    }
    fn sleep_until(&mut self, deadline: Timestamp) {
        self.net().now = deadline.unix_millis();
    }
    fn random_seed(&mut self) -> [u8; 32] {
        [0; 32]
    }
    fn http_request_start(
        &mut self,
        method: &str,
        uri: &str,
        _: &[u8],
    ) -> Result<HttpRequestId, ()> {
        assert_eq!(method, "GET");
        let mut net = self.net();
        net.requests.push((uri.to_string(), Vec::new()));
        Ok(HttpRequestId(net.requests.len() as u16 - 1))
    }
    fn http_request_add_header(
        &mut self,
        id: HttpRequestId,
        name: &str,
        _: &str,
    ) -> Result<(), ()> {
        self.net().requests[usize::from(id.0)]
            .1
            .push(name.to_string());
        Ok(())
    }
    fn http_request_write_body(
        &mut self,
        _: HttpRequestId,
        chunk: &[u8],
        deadline: Option<Timestamp>,
    ) -> Result<(), HttpError> {
        assert!(chunk.is_empty() && deadline.is_some());
        Ok(())
    }
    fn http_response_wait(
        &mut self,
        ids: &[HttpRequestId],
        deadline: Option<Timestamp>,
    ) -> Vec<HttpRequestStatus> {
        let mut net = self.net();
        let deadline = deadline
            .expect("nothing is waited for without end")
            .unix_millis();
        let statuses = ids
            .iter()
            .map(|id| {
                let url = net.requests[usize::from(id.0)].0.clone();
                match net.answers.get(&url).cloned().unwrap_or(Answer::Broken) {
                    Answer::Body(body) => {
                        net.bodies.insert(id.0, body);
                        HttpRequestStatus::Finished(200)
                    }
                    Answer::Stalled => HttpRequestStatus::Finished(200),
                    Answer::Status(code) => HttpRequestStatus::Finished(code),
                    Answer::Broken => HttpRequestStatus::IoError,
                    Answer::Silence => {
                        net.now = net.now.max(deadline);
                        HttpRequestStatus::DeadlineReached
                    }
                }
            })
            .collect();
        statuses
    }
    fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
        Vec::new()
    }
    fn http_response_read_body(
        &mut self,
        id: HttpRequestId,
        buffer: &mut [u8],
        deadline: Option<Timestamp>,
    ) -> Result<usize, HttpError> {
        assert!(deadline.is_some());
        let mut net = self.net();
        let Some(body) = net.bodies.get_mut(&id.0) else {
            return Err(HttpError::DeadlineReached);
        };
        let size = body.len().min(buffer.len());
        buffer[..size].copy_from_slice(&body[..size]);
        body.drain(..size);
        Ok(size)
    }
    fn set_authorized_nodes(&mut self, _: Vec<sp_core::OpaquePeerId>, _: bool) {}
}

/// A node around the worker, whose keystore has these validators' keys.
struct Node {
    internet: Internet,
    pool: Arc<RwLock<PoolState>>,
    ext: sp_io::TestExternalities,
}

impl Node {
    /// On a chain of three validators, with a feed of two sources.
    fn with_keys(validators: &[AccountId], parameters: FeedParameters) -> Self {
        let internet = Internet::default();
        let (database, _) = TestOffchainExt::new();
        let (pool_ext, pool) = TestTransactionPoolExt::new();
        let keystore = MemoryKeystore::new();
        for validator in validators {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&validator.to_le_bytes());
            let suri = alloc::format!(
                "0x{}",
                seed.map(|byte| alloc::format!("{byte:02x}")).concat()
            );
            let public = pair(*validator).public();
            let key = caisson_primitives::oracle::KEY_TYPE;
            keystore
                .insert(key, &suri, public.as_ref())
                .expect("the key is good");
        }
        let mut ext = new_chain(&[10, 10, 10]);
        ext.register_extension(OffchainDbExt::new(database));
        ext.register_extension(OffchainWorkerExt::new(internet.clone()));
        ext.register_extension(TransactionPoolExt::new(pool_ext));
        ext.register_extension(KeystoreExt::new(keystore));
        ext.execute_with(|| {
            next_block();
            assert_eq!(register("BTC/USD", parameters), 0);
        });
        let mut node = Self {
            internet,
            pool,
            ext,
        };
        node.at_next_slot();
        node
    }

    /// Sets the node's clock to the chain's.
    fn at_next_slot(&mut self) {
        self.ext.execute_with(next_block);
        self.internet.net().now = world(|world| world.slot) * 1_000 + 137;
    }

    /// Runs the worker and returns the reports it submitted.
    fn run(&mut self) -> Vec<Report> {
        self.ext.execute_with(worker::run::<Test>);
        let submitted = core::mem::take(&mut self.pool.write().transactions);
        submitted
            .into_iter()
            .map(|bytes| {
                let transaction = Extrinsic::decode(&mut &bytes[..]).expect("a transaction");
                let call = transaction.function;
                let RuntimeCall::Oracle(crate::Call::report { ref report, .. }) = call else {
                    panic!("the worker sends reports only");
                };
                let report = report.clone();
                self.ext.execute_with(|| {
                    assert_ok!(validate(&call, TransactionSource::Local));
                    assert_ok!(call.dispatch(frame_system::RawOrigin::Authorized.into()));
                });
                report
            })
            .collect()
    }
}

#[test]
fn worker_should_report_the_median_of_its_sources() {
    let mut node = Node::with_keys(&[2], parameters());
    node.internet.quote("100");
    let now = node.internet.net().now;
    let other = alloc::format!(r#"{{"price":102.5,"at":{now}}}"#);
    node.internet.set(TWO_URL, Answer::Body(other.into_bytes()));
    let reports = node.run();
    assert_eq!(reports.len(), 1);
    let report = &reports[0];
    assert_eq!((report.session, report.authority), (5, 1));
    assert_eq!(report.round, world(|world| world.slot));
    assert_eq!(report.prices.len(), 1);
    assert_eq!(
        (report.prices[0].feed, report.prices[0].price),
        (0, 100 * ONE)
    );
    assert_eq!(node.internet.asked(), [ONE_URL, TWO_URL]);
}

#[test]
fn worker_should_say_who_it_is_and_want_json() {
    let mut node = Node::with_keys(&[2], parameters());
    node.internet.quote("100");
    node.run();
    assert!(node
        .internet
        .net()
        .requests
        .iter()
        .all(|(_, headers)| headers[..] == ["user-agent", "accept"]));
}

#[test]
fn worker_should_do_nothing_when_the_node_has_no_key_of_the_session() {
    for keys in [&[][..], &[77]] {
        let mut node = Node::with_keys(keys, parameters());
        node.internet.quote("100");
        assert!(node.run().is_empty());
        assert!(
            node.internet.asked().is_empty(),
            "nobody is asked for nothing"
        );
    }
}

#[test]
fn worker_should_report_again_when_the_price_moved_or_the_heartbeat_passed() {
    let mut node = Node::with_keys(&[1], parameters());
    node.internet.quote("100");
    assert_eq!(node.run().len(), 1);
    let mut reported = Vec::new();
    for slot in 1..=7 {
        node.at_next_slot();
        node.internet
            .quote(if slot == 6 { "100.02" } else { "100.009" });
        reported.push(!node.run().is_empty());
    }
    // 9 of 100 ppm is not due, 5 seconds are, 110 ppm are; then the price falls back.
    assert_eq!(reported, [false, false, false, false, true, true, true]);
}

#[test]
fn worker_should_never_sign_a_round_twice() {
    let mut node = Node::with_keys(&[1], parameters());
    node.internet.quote("100");
    assert_eq!(node.run().len(), 1);
    // The best block changes to another of the same height, within the slot.
    node.internet.quote("150");
    assert!(node.run().is_empty());
    node.at_next_slot();
    node.internet.quote("150");
    assert_eq!(node.run().len(), 1);
}

#[test]
fn worker_should_not_run_twice_at_once() {
    let mut node = Node::with_keys(&[1], parameters());
    node.internet.quote("100");
    // Another holds the lock, for three seconds at most: it may have died.
    let until = Timestamp::from_unix_millis(node.internet.net().now + 3_000);
    node.ext
        .execute_with(|| StorageValueRef::persistent(b"caisson/oracle/lock").set(&until));
    assert!(node.run().is_empty());
    node.internet.net().now += 3_001;
    node.internet.quote("100");
    world(|world| world.slot += 3);
    assert_eq!(node.run().len(), 1);
}

#[test]
fn worker_should_report_nothing_when_too_few_sources_answer() {
    let mut parameters = parameters();
    parameters.min_sources = 2;
    let bad = [
        Answer::Status(500),
        Answer::Status(302),
        Answer::Status(404),
        Answer::Silence,
        Answer::Broken,
        Answer::Stalled,
        Answer::Body(b"<html>Blocked</html>".to_vec()),
        Answer::Body(br#"{"price":"10"#.to_vec()),
        Answer::Body(br#"{"price":"0","at":AT}"#.to_vec()),
        Answer::Body(br#"{"price":"-5","at":AT}"#.to_vec()),
        Answer::Body(br#"{"price":"100","at":1}"#.to_vec()),
        Answer::Body(br#"{"price":"100","at":99999999999999}"#.to_vec()),
        Answer::Body(br#"{"price":"100"}"#.to_vec()),
        Answer::Body(br#"{"price":"9e9","at":AT}"#.to_vec()),
        Answer::Body(alloc::vec![b' '; worker::fetch::MAX_BODY + 1]),
        Answer::Body(Vec::new()),
        Answer::Body(alloc::vec![0xff, 0xfe]),
    ];
    for answer in bad {
        let mut node = Node::with_keys(&[1], parameters);
        node.internet.quote("100");
        let answer = match answer {
            Answer::Body(body) if body.len() < 1_000 => {
                let now = node.internet.net().now.to_string();
                let text = String::from_utf8(body.clone()).map(|text| text.replace("AT", &now));
                Answer::Body(text.map_or(body, String::into_bytes))
            }
            other => other,
        };
        node.internet.set(TWO_URL, answer.clone());
        assert!(node.run().is_empty(), "{answer:?}");
        // It is left alone for a second, and believed when it answers again.
        node.internet.asked();
        assert!(node.run().is_empty());
        assert_eq!(node.internet.asked(), [ONE_URL], "{answer:?}");
        node.at_next_slot();
        node.at_next_slot();
        node.internet.quote("100");
        assert_eq!(node.run().len(), 1, "{answer:?}");
    }
}

#[test]
fn worker_should_use_its_operators_sources() {
    let mine = source("http://127.0.0.1:9950/{BASE}");
    for (replace, expected) in [
        (true, &["http://127.0.0.1:9950/BTC"][..]),
        (false, &[ONE_URL, TWO_URL, "http://127.0.0.1:9950/BTC"]),
    ] {
        let mut node = Node::with_keys(&[1], parameters());
        let local = alloc::vec![LocalSources {
            symbol: b"BTC/USD".to_vec(),
            replace,
            sources: alloc::vec![mine.clone()],
        }];
        node.ext.execute_with(|| {
            StorageValueRef::persistent(worker::LOCAL_SOURCES_KEY).set(&local);
        });
        node.internet.quote("100");
        let now = node.internet.net().now;
        let body = alloc::format!(r#"{{"price":"101","at":{now}}}"#).into_bytes();
        node.internet
            .set("http://127.0.0.1:9950/BTC", Answer::Body(body));
        let reports = node.run();
        assert_eq!(node.internet.asked(), expected);
        assert_eq!(
            reports[0].prices[0].price,
            if replace { 101 } else { 100 } * ONE
        );
    }
}

#[test]
fn worker_should_go_on_when_its_database_holds_nonsense() {
    let mut node = Node::with_keys(&[1], parameters());
    node.ext.execute_with(|| {
        for key in [
            worker::LOCAL_SOURCES_KEY,
            b"caisson/oracle/failures",
            b"caisson/oracle/signed",
        ] {
            sp_io::offchain::local_storage_set(StorageKind::PERSISTENT, key, &[255; 3]);
        }
    });
    node.internet.quote("100");
    assert_eq!(node.run().len(), 1);
}

#[test]
fn report_should_be_small() {
    let report = report_for(5, 1_795_598_734, 1, &[(0, 60_000 * ONE), (1, 3_000 * ONE)]);
    assert!(report.encoded_size() < 60, "{}", report.encoded_size());
}
