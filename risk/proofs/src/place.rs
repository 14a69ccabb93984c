//! Which line of the formulas is being executed, from the call stack.

use crate::session::Op;
use std::backtrace::Backtrace;

/// Files whose operations belong to the formula that calls them.
const HELPERS: [&str; 2] = ["num.rs", "units.rs"];

/// `module.rs:line:column` of the formula executing `op`; `None` if the statement itself is, or if
/// changing the operation there changes nothing by construction.
pub fn place_of(op: Op) -> Option<String> {
    let trace = Backtrace::force_capture().to_string();
    for line in trace.lines().map(str::trim) {
        // Which of two equal numbers is the lesser makes no difference.
        if op == Op::Le && (line.contains("smaller<") || line.contains("larger<")) {
            return None;
        }
        let Some(path) = line.strip_prefix("at ") else {
            continue;
        };
        if path.contains("proofs/src/theorems") || path.contains("proofs/src/tests") {
            return None;
        }
        let Some((folder, file)) = path.rsplit_once('/') else {
            continue;
        };
        let is_formula = folder.ends_with("risk/src") && !path.contains("proofs");
        if is_formula && !HELPERS.iter().any(|helper| file.starts_with(helper)) {
            return Some(file.to_string());
        }
    }
    None
}
