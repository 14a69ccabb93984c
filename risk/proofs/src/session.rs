//! One symbolic execution: what is known, what must be shown, and which path is taken.

use crate::place::place_of;
use crate::slice::relevant;
use crate::solver::{Answer, Solver};
use crate::term::{Cond, Term};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Longest time for one obligation.
pub const OBLIGATION_TIMEOUT_MS: u32 = 60_000;
/// First try on all facts, then on the relevant part of them.
const QUICK_MS: u32 = 400;
const PART_MS: u32 = 5_000;
/// Longest time to find out whether a path can be taken; if it is not enough, the path is taken.
const PATH_TIMEOUT_MS: u32 = 1_000;

/// Kind of an obligation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An exact result fits the machine integer.
    Overflow,
    /// A divisor is positive, a radicand or factor is not negative.
    Division,
    /// The formula returns a value, not an error.
    Total,
    /// A conclusion of the statement.
    Check,
}

/// An operation of the code under proof that a mutant changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Op {
    /// `+` becomes `-`.
    Add,
    /// `-` becomes `+`.
    Sub,
    /// `*` becomes `+`.
    Mul,
    /// Rounds up instead of down.
    DivFloor,
    /// Rounds down instead of up.
    DivCeil,
    /// `<=` becomes `<`.
    Le,
    /// The other alternative is taken.
    Select,
}

/// Where an operation of the code is changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mutation {
    /// The `nth` (from 0) occurrence of an operation on a path.
    Nth(Op, usize),
    /// Every execution of an operation at one place of the source.
    At(Op, String),
}

pub struct Obligation {
    pub kind: Kind,
    pub label: String,
    /// Declarations, facts and path so far: the context in which it must hold.
    pub context: String,
    pub formula: Cond,
}

#[derive(Clone, Copy)]
struct Decision {
    taken: bool,
    /// The other way is possible and not yet explored.
    open: bool,
}

#[derive(Default)]
pub struct Session {
    script: String,
    names: usize,
    /// Expressions already named on this path, so that equal ones are one constant.
    known: HashMap<String, Term>,
    decisions: Vec<Decision>,
    next_decision: usize,
    pub obligations: Vec<Obligation>,
    mutation: Option<Mutation>,
    seen: usize,
    /// While set, the operations met and their places in the source are recorded.
    pub places: Option<BTreeSet<(Op, String)>>,
    /// Longest time for one obligation of this run.
    pub patience_ms: u32,
    solver: Option<Solver>,
    answers: HashMap<String, Answer>,
    pub queries: usize,
}

thread_local!(static SESSION: RefCell<Session> = RefCell::new(Session::default()));

/// The session of this thread.
pub fn with<R>(f: impl FnOnce(&mut Session) -> R) -> R {
    SESSION.with(|session| f(&mut session.borrow_mut()))
}

impl Session {
    /// Forgets everything but the solver process.
    pub fn begin(&mut self, mutation: Option<Mutation>) {
        let solver = self.solver.take();
        *self = Session {
            mutation,
            solver,
            ..Session::default()
        };
    }

    /// Starts the next run of the function, along the decisions made so far.
    pub fn begin_path(&mut self) {
        self.script.clear();
        self.obligations.clear();
        self.names = 0;
        self.known.clear();
        self.next_decision = 0;
        self.seen = 0;
    }

    /// Turns the last open decision; `false` when every path has been taken.
    pub fn turn(&mut self) -> bool {
        while let Some(last) = self.decisions.last_mut() {
            if last.open {
                *last = Decision {
                    taken: !last.taken,
                    open: false,
                };
                return true;
            }
            self.decisions.pop();
        }
        false
    }

    pub fn fresh(&mut self, prefix: &str) -> Term {
        self.names += 1;
        let name = format!("{prefix}!{}", self.names);
        self.declare(&name)
    }

    pub fn declare(&mut self, name: &str) -> Term {
        self.script
            .push_str(&format!("(declare-const {name} Int)\n"));
        Term::Named(name.into())
    }

    /// The constant that stands for an expression.
    pub fn define(&mut self, expression: &str) -> Term {
        if let Some(term) = self.known.get(expression) {
            return term.clone();
        }
        let term = self.fresh("t");
        self.script
            .push_str(&format!("(assert (= {term} {expression}))\n"));
        self.known.insert(expression.into(), term.clone());
        term
    }

    /// The result of an operation that was performed before on the same operands.
    pub fn recall(&self, operation: &str) -> Option<Term> {
        self.known.get(operation).cloned()
    }

    pub fn remember(&mut self, operation: String, result: &Term) {
        self.known.insert(operation, result.clone());
    }

    pub fn fact(&mut self, condition: &Cond) {
        self.script.push_str(&format!("(assert {condition})\n"));
    }

    pub fn oblige(&mut self, kind: Kind, label: &str, formula: &Cond) {
        self.obligations.push(Obligation {
            kind,
            label: label.into(),
            context: self.script.clone(),
            formula: formula.clone(),
        });
    }

    /// Whether this occurrence of `op` is to be changed.
    pub fn mutates(&mut self, op: Op) -> bool {
        if let Some(places) = &mut self.places {
            places.extend(place_of(op).map(|place| (op, place)));
        }
        match &self.mutation {
            None => false,
            Some(Mutation::Nth(changed, nth)) => {
                self.seen += usize::from(*changed == op);
                *changed == op && self.seen == nth + 1
            }
            Some(Mutation::At(changed, place)) => {
                *changed == op && place_of(op).as_ref() == Some(place)
            }
        }
    }

    /// A branch of the code: follows the decisions made, explores the possible ones when new.
    pub fn decide(&mut self, condition: &Cond) -> bool {
        if let Cond::Known(value) = condition {
            return *value;
        }
        let index = self.next_decision;
        self.next_decision += 1;
        let taken = match self.decisions.get(index) {
            Some(decision) => decision.taken,
            None => {
                let decision = self.new_decision(condition);
                self.decisions.push(decision);
                decision.taken
            }
        };
        let holds = if taken {
            condition.clone()
        } else {
            condition.negated()
        };
        self.fact(&holds);
        taken
    }

    fn new_decision(&mut self, condition: &Cond) -> Decision {
        let mut possible = |way: &Cond| {
            let query = format!("{}(assert {way})\n", self.script);
            self.ask(&query, PATH_TIMEOUT_MS) != Answer::Unsat
        };
        let (yes, no) = (possible(condition), possible(&condition.negated()));
        Decision {
            taken: yes,
            open: yes && no,
        }
    }

    /// Asks the solver, remembering the answers: paths share their beginnings.
    pub fn ask(&mut self, query: &str, timeout_ms: u32) -> Answer {
        if let Some(answer) = self.answers.get(query) {
            return *answer;
        }
        if self.solver.is_none() {
            self.solver = Some(Solver::start().expect("the solver ran when its version was asked"));
        }
        let solver = self.solver.as_mut().expect("just started");
        let answer = solver.ask(query, timeout_ms);
        self.queries += 1;
        self.answers.insert(query.into(), answer);
        answer
    }

    /// Whether the obligation's negation contradicts its context.
    pub fn discharge(&mut self, obligation: &Obligation) -> Answer {
        let query = Self::negated(&obligation.context, &obligation.formula);
        self.ask(&query, self.patience_ms)
    }

    /// The same for one that is expected to hold: a short try, then on the facts it depends on, then
    /// with all patience.
    pub fn confirm(&mut self, obligation: &Obligation) -> Answer {
        let query = Self::negated(&obligation.context, &obligation.formula);
        let quick = self.ask(&query, QUICK_MS);
        if quick != Answer::Unknown {
            return quick;
        }
        let part = relevant(&obligation.context, &obligation.formula.to_string());
        if self.ask(&Self::negated(&part, &obligation.formula), PART_MS) == Answer::Unsat {
            return Answer::Unsat;
        }
        self.answers.remove(&query);
        self.ask(&query, OBLIGATION_TIMEOUT_MS)
    }

    fn negated(context: &str, formula: &Cond) -> String {
        format!("{context}(assert {})\n", formula.negated())
    }
}
