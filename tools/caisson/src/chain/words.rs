//! What a node or the chain refuses with, in words.
//!
//! The words are those of the runtime's types: the documentation of each pallet's errors says why, and what to do.

use crate::error::Error;
use caisson_runtime::RuntimeError;
use jsonrpsee::core::client::Error as RpcError;
use scale_info::{form::PortableForm, meta_type, PortableRegistry, Registry, TypeDef, Variant};
use sp_runtime::{DispatchError, ModuleError};
use std::sync::OnceLock;

/// A failed request, in words.
pub fn rpc(method: &str, error: &RpcError) -> Error {
    match error {
        RpcError::Call(refusal) => {
            let data = refusal.data().map(|data| data.get().trim_matches('"'));
            let text = match data {
                Some(data) if !data.is_empty() => format!("{}: {data}", refusal.message()),
                _ => refusal.message().to_owned(),
            };
            Error::new(format!("the node refused {method}: {text}"))
        }
        RpcError::RequestTimeout => Error::new(format!(
            "the node did not answer {method} in time; it may be overloaded or still syncing"
        )),
        other => Error::new(format!("{method} failed: {other}")),
    }
}

/// The error of a call, in words: its name, and what its documentation says.
pub fn dispatch(error: &DispatchError) -> String {
    match error {
        DispatchError::Module(error) => module(error),
        DispatchError::BadOrigin => "BadOrigin: this key may not make this call".to_owned(),
        DispatchError::Token(error) => format!("Token: {}", Into::<&str>::into(*error)),
        DispatchError::Arithmetic(error) => format!("Arithmetic: {}", Into::<&str>::into(*error)),
        other => format!("{other:?}"),
    }
}

fn module(error: &ModuleError) -> String {
    pallet_error(error.index, error.error[0]).unwrap_or_else(|| {
        format!(
            "error {} of the pallet with index {}",
            error.error[0], error.index
        )
    })
}

/// The error with this number in the pallet with this index, as `Pallet.Name: documentation`.
pub fn pallet_error(pallet: u8, number: u8) -> Option<String> {
    let (types, pallets) = errors()?;
    let pallet = pallets.iter().find(|one| one.index == pallet)?;
    let kind = types.resolve(pallet.fields.first()?.ty.id)?;
    let TypeDef::Variant(variants) = &kind.type_def else {
        return None;
    };
    let error = variants.variants.iter().find(|one| one.index == number)?;
    let docs = error.docs.join(" ");
    Some(match docs.trim() {
        "" => format!("{}.{}", pallet.name, error.name),
        docs => format!("{}.{}: {docs}", pallet.name, error.name),
    })
}

/// The error with this number in the pallet with this name.
pub fn named_pallet_error(pallet: &str, number: u8) -> Option<String> {
    let (_, pallets) = errors()?;
    let index = pallets.iter().find(|one| one.name == pallet)?.index;
    pallet_error(index, number)
}

/// The types of all errors, and the pallets that have some: a variant of the runtime's error for each, which holds the
/// pallet's own.
///
/// Not from the whole metadata: its constants are computed, some of them from the chain's state, which is not here.
fn errors() -> Option<(&'static PortableRegistry, &'static [Variant<PortableForm>])> {
    static ERRORS: OnceLock<(PortableRegistry, u32)> = OnceLock::new();
    let (types, all) = ERRORS.get_or_init(|| {
        let mut registry = Registry::new();
        let all = registry.register_type(&meta_type::<RuntimeError>()).id;
        (registry.into(), all)
    });
    match &types.resolve(*all)?.type_def {
        TypeDef::Variant(pallets) => Some((types, &pallets.variants)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caisson_runtime::Runtime;

    #[test]
    fn dispatch_should_name_the_error_and_repeat_its_documentation() {
        let error = DispatchError::from(pallet_margin::Error::<Runtime>::NotOwner);
        let text = dispatch(&error);
        assert!(text.starts_with("Margin.NotOwner: "), "{text}");
        assert!(text.len() > "Margin.NotOwner: ".len(), "{text}");
    }

    #[test]
    fn dispatch_should_say_the_numbers_when_the_error_is_unknown() {
        let error = DispatchError::Module(ModuleError {
            index: 250,
            error: [3, 0, 0, 0],
            message: None,
        });
        assert_eq!(dispatch(&error), "error 3 of the pallet with index 250");
    }
}
