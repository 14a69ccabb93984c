//! The session keys of a validator, as far as the command line has to know them.
//!
//! `key insert` of the SDK takes any four letters as a key type and any scheme with them. A key
//! stored under the wrong ones is never found, and the validator stays silent without a hint; so
//! here both are held to what the runtime's session keys are.

use clap::{
    builder::{PossibleValue, PossibleValuesParser},
    ArgMatches, Command, ValueEnum,
};
use sc_cli::CryptoScheme;

struct SessionKey {
    /// The four letters under which the keystore holds it.
    key_type: &'static str,
    scheme: CryptoScheme,
    purpose: &'static str,
}

const SESSION_KEYS: [SessionKey; 4] = [
    SessionKey {
        key_type: "babe",
        scheme: CryptoScheme::Sr25519,
        purpose: "block production (sr25519)",
    },
    SessionKey {
        key_type: "gran",
        scheme: CryptoScheme::Ed25519,
        purpose: "finality (ed25519)",
    },
    SessionKey {
        key_type: "audi",
        scheme: CryptoScheme::Sr25519,
        purpose: "being found by other validators (sr25519)",
    },
    SessionKey {
        key_type: "orcl",
        scheme: CryptoScheme::Sr25519,
        purpose: "price reports (sr25519)",
    },
];

/// Lets `key insert` take no key type but those of a validator, and names them in its help.
pub fn restrict(command: Command) -> Command {
    let known = PossibleValuesParser::new(
        SESSION_KEYS
            .iter()
            .map(|key| PossibleValue::new(key.key_type).help(key.purpose)),
    );
    command.mut_subcommand("key", |key| {
        key.mut_subcommand("insert", |insert| {
            insert
                .about("Store a session key that was made elsewhere")
                .long_about(
                    "Store a session key that was made elsewhere.\n\n\
                     The usual way is the node itself: `author_rotateKeysWithOwner` over RPC makes \
                     all session keys at once, with the proof that `session.setKeys` asks for.",
                )
                .mut_arg("key_type", |arg| {
                    arg.help("What the key is for")
                        .long_help(None)
                        .value_parser(known)
                })
        })
    })
}

/// Checks that the key which `key insert` is to store has the scheme of its type.
pub fn check(matches: &ArgMatches) -> Result<(), String> {
    let Some(insert) = matches
        .subcommand_matches("key")
        .and_then(|key| key.subcommand_matches("insert"))
    else {
        return Ok(());
    };
    let key_type = insert.get_one::<String>("key_type");
    let scheme = insert.get_one::<CryptoScheme>("scheme");
    let (Some(key_type), Some(scheme)) = (key_type, scheme) else {
        return Ok(());
    };
    match SESSION_KEYS.iter().find(|key| key.key_type == key_type) {
        Some(key) if key.scheme != *scheme => Err(format!(
            "a `{key_type}` key has another scheme: pass --scheme {}",
            name_of(key.scheme)
        )),
        _ => Ok(()),
    }
}

/// The scheme as the command line spells it.
fn name_of(scheme: CryptoScheme) -> String {
    let value = scheme
        .to_possible_value()
        .expect("no scheme is hidden from the command line; qed");
    value.get_name().to_owned()
}
