//! Compiles the runtime to wasm, whenever it is built for the node.

fn main() {
    #[cfg(feature = "std")]
    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
