//! What has to hold before the node starts.
//!
//! The SDK finds most of this out too late, or not at all: a busy RPC port makes it take a random
//! one, a busy metrics port is a line in the log, and a busy peer-to-peer address is left out
//! without a word. For a validator each of these is a node that runs and does not work, so it is a
//! refusal here.

use crate::errors::Refusal;
use sc_network::{multiaddr::Protocol, Multiaddr};
use sc_service::Configuration;
use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
};

/// A place where the node is to listen.
struct Listener {
    purpose: &'static str,
    flag: &'static str,
    transport: Transport,
    address: SocketAddr,
}

#[derive(Clone, Copy, PartialEq)]
enum Transport {
    Tcp,
    Udp,
}

const RPC: (&str, &str) = ("RPC", "--rpc-port");
const METRICS: (&str, &str) = ("Prometheus", "--prometheus-port");
const PEERS: (&str, &str) = ("peer-to-peer", "--port or --listen-addr");

/// Checks folders and ports, and sees to it that the SDK does not choose other ports by itself.
pub fn check(config: &mut Configuration) -> Result<(), Refusal> {
    check_base_path(config)?;

    for endpoint in config.rpc.addr.iter_mut().flatten() {
        endpoint.retry_random_port = false;
    }
    listen_for_metrics_without_ipv6(config);

    let listeners = listeners(config);
    check_distinct(&listeners)?;
    listeners.iter().try_for_each(check_free)
}

/// Makes the folder of the chain and proves that files can be written there.
fn check_base_path(config: &Configuration) -> Result<(), Refusal> {
    let probe = config.data_path.join(".writable");
    fs::create_dir_all(&config.data_path)
        .and_then(|()| fs::write(&probe, []))
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|cause| Refusal::BasePath {
            path: config.data_path.clone(),
            cause,
        })
}

/// `--prometheus-external` means the unspecified IPv6 address, which a computer without IPv6 does
/// not have; there it becomes the IPv4 one.
fn listen_for_metrics_without_ipv6(config: &mut Configuration) {
    let Some(metrics) = &mut config.prometheus_config else {
        return;
    };
    if metrics.port.is_ipv6() && metrics.port.ip().is_unspecified() {
        let any_port = SocketAddr::new(metrics.port.ip(), 0);
        if TcpListener::bind(any_port).is_err() {
            metrics.port.set_ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        }
    }
}

/// Everywhere the node must be able to listen.
fn listeners(config: &Configuration) -> Vec<Listener> {
    // Addresses marked optional are those of the other IP version: the SDK does without them.
    let rpc = config
        .rpc
        .addr
        .iter()
        .flatten()
        .filter(|endpoint| !endpoint.is_optional)
        .map(|endpoint| Listener {
            purpose: RPC.0,
            flag: RPC.1,
            transport: Transport::Tcp,
            address: endpoint.listen_addr,
        });
    let metrics = config.prometheus_config.iter().map(|metrics| Listener {
        purpose: METRICS.0,
        flag: METRICS.1,
        transport: Transport::Tcp,
        address: metrics.port,
    });

    let peers: Vec<_> = config
        .network
        .listen_addresses
        .iter()
        .filter_map(socket)
        .collect();
    let covered = |address: SocketAddr, transport| {
        let twin = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port());
        address.is_ipv6() && address.ip().is_unspecified() && peers.contains(&(transport, twin))
    };
    // Of the pair `[::]` and `0.0.0.0` only the latter is tried: a computer without IPv6 can still
    // be reached, and where there is IPv6 the former would claim both.
    let peers = peers
        .iter()
        .filter(|(transport, address)| !covered(*address, *transport))
        .map(|(transport, address)| Listener {
            purpose: PEERS.0,
            flag: PEERS.1,
            transport: *transport,
            address: *address,
        });

    rpc.chain(metrics)
        .chain(peers)
        .filter(|listener| listener.address.port() != 0)
        .collect()
}

/// Transport and socket address of a listen address, if it is of a kind the network knows.
fn socket(address: &Multiaddr) -> Option<(Transport, SocketAddr)> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => IpAddr::V4(ip),
        Protocol::Ip6(ip) => IpAddr::V6(ip),
        _ => return None,
    };
    match parts.next()? {
        Protocol::Tcp(port) => Some((Transport::Tcp, SocketAddr::new(ip, port))),
        Protocol::Udp(port) => Some((Transport::Udp, SocketAddr::new(ip, port))),
        _ => None,
    }
}

/// Checks that no two services of the node itself want the same port.
fn check_distinct(listeners: &[Listener]) -> Result<(), Refusal> {
    for (index, a) in listeners.iter().enumerate() {
        let clash = listeners[index + 1..].iter().find(|b| {
            a.purpose != b.purpose
                && a.transport == b.transport
                && a.address.port() == b.address.port()
        });
        if let Some(b) = clash {
            return Err(Refusal::PortTwice {
                port: a.address.port(),
                services: [(a.purpose, a.flag), (b.purpose, b.flag)],
            });
        }
    }
    Ok(())
}

/// Listens for a moment, to see whether it can be done.
///
/// Without the port-sharing option that the network sets: with it a second node of the same user
/// would get the same port, and each of the two a part of the connections.
fn check_free(listener: &Listener) -> Result<(), Refusal> {
    let Listener {
        purpose,
        flag,
        transport,
        address,
    } = *listener;
    let attempt = match transport {
        Transport::Tcp => TcpListener::bind(address).map(drop),
        Transport::Udp => UdpSocket::bind(address).map(drop),
    };
    attempt.map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => Refusal::PortInUse {
            purpose,
            address,
            flag,
        },
        _ => Refusal::CannotListen {
            purpose,
            address,
            flag,
            cause,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(purpose: &'static str, address: SocketAddr) -> Listener {
        Listener {
            purpose,
            flag: "--port",
            transport: Transport::Tcp,
            address,
        }
    }

    #[test]
    fn port_should_be_refused_when_another_socket_listens_there() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap();
        let refusal = check_free(&listener("RPC", address)).expect_err("the port is taken");
        assert!(matches!(refusal, Refusal::PortInUse { .. }), "{refusal}");
        drop(other);
        check_free(&listener("RPC", address)).expect("the port is free again");
    }

    #[test]
    fn port_should_be_refused_when_two_services_want_it() {
        let same = SocketAddr::from(([127, 0, 0, 1], 9944));
        let refusal = check_distinct(&[listener("RPC", same), listener("Prometheus", same)]);
        assert!(matches!(
            refusal,
            Err(Refusal::PortTwice { port: 9944, .. })
        ));
    }

    #[test]
    fn listen_addresses_should_be_understood_with_and_without_websocket() {
        let expected = Some((Transport::Tcp, SocketAddr::from(([127, 0, 0, 1], 30333))));
        for address in ["/ip4/127.0.0.1/tcp/30333", "/ip4/127.0.0.1/tcp/30333/ws"] {
            assert!(socket(&address.parse().unwrap()) == expected);
        }
        assert!(socket(&"/dns/example.org/tcp/30333".parse().unwrap()).is_none());
    }
}
