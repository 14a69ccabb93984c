//! Symbolic integers: the `Num` the formulas run on when they are proved.

use crate::session::{with, Kind, Op};
use caisson_risk::{Num, Res};
use std::fmt;
use std::ops;
use std::rc::Rc;

/// An integer expression: a literal, or the name of an SMT constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    Literal(i128),
    Named(Rc<str>),
}

/// A truth value: known, or an SMT formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    Known(bool),
    Formula(Rc<str>),
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // SMT-LIB has no negative literals.
            Term::Literal(v) if *v < 0 => write!(f, "(- {})", v.unsigned_abs()),
            Term::Literal(v) => write!(f, "{v}"),
            Term::Named(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cond::Known(value) => write!(f, "{value}"),
            Cond::Formula(text) => f.write_str(text),
        }
    }
}

pub fn formula(text: String) -> Cond {
    Cond::Formula(text.into())
}

impl Cond {
    pub fn and(&self, other: &Cond) -> Cond {
        match (self, other) {
            (Cond::Known(true), c) | (c, Cond::Known(true)) => c.clone(),
            (Cond::Known(false), _) | (_, Cond::Known(false)) => Cond::Known(false),
            _ => formula(format!("(and {self} {other})")),
        }
    }
    pub fn or(&self, other: &Cond) -> Cond {
        self.negated().and(&other.negated()).negated()
    }
    pub fn negated(&self) -> Cond {
        match self {
            Cond::Known(value) => Cond::Known(!value),
            Cond::Formula(text) => formula(format!("(not {text})")),
        }
    }
    pub fn implies(&self, then: &Cond) -> Cond {
        self.negated().or(then)
    }
}

/// Mathematical comparison: part of a statement, not of the code under proof, so never mutated.
impl Term {
    pub fn at_most(&self, other: &Term) -> Cond {
        match (self, other) {
            (Term::Literal(a), Term::Literal(b)) => Cond::Known(a <= b),
            _ => formula(format!("(<= {self} {other})")),
        }
    }
    pub fn below(&self, other: &Term) -> Cond {
        other.at_most(self).negated()
    }
    pub fn equals(&self, other: &Term) -> Cond {
        formula(format!("(= {self} {other})"))
    }
    pub fn choose(condition: &Cond, then: &Term, otherwise: &Term) -> Term {
        match condition {
            Cond::Known(true) => then.clone(),
            Cond::Known(false) => otherwise.clone(),
            Cond::Formula(text) => named(format!("(ite {text} {then} {otherwise})")),
        }
    }
    /// Mathematical maximum and minimum.
    pub fn max_of(&self, other: &Term) -> Term {
        Term::choose(&self.at_most(other), other, self)
    }
    pub fn min_of(&self, other: &Term) -> Term {
        Term::choose(&self.at_most(other), self, other)
    }
}

/// Gives an expression a name, so that terms stay small however often they are used.
fn named(expression: String) -> Term {
    with(|s| s.define(&expression))
}

/// Mathematical arithmetic on unbounded integers: no overflow obligations.
macro_rules! mathematical {
    ($($trait:ident $method:ident $symbol:literal $checked:ident;)*) => {$(
        impl ops::$trait<&Term> for &Term {
            type Output = Term;
            fn $method(self, other: &Term) -> Term {
                if let (Term::Literal(a), Term::Literal(b)) = (self, other) {
                    if let Some(value) = a.$checked(*b) {
                        return Term::Literal(value);
                    }
                }
                named(format!("({} {self} {other})", $symbol))
            }
        }
        impl ops::$trait<Term> for Term {
            type Output = Term;
            fn $method(self, other: Term) -> Term {
                ops::$trait::$method(&self, &other)
            }
        }
        impl ops::$trait<&Term> for Term {
            type Output = Term;
            fn $method(self, other: &Term) -> Term {
                ops::$trait::$method(&self, other)
            }
        }
        impl ops::$trait<Term> for &Term {
            type Output = Term;
            fn $method(self, other: Term) -> Term {
                ops::$trait::$method(self, &other)
            }
        }
    )*};
}
mathematical! {
    Add add "+" checked_add;
    Sub sub "-" checked_sub;
    Mul mul "*" checked_mul;
}

/// The exact result of a machine operation, with the obligation that it fits an `i128`.
fn machine(symbol: &str, a: &Term, b: &Term) -> Term {
    let result = named(format!("({symbol} {a} {b})"));
    oblige_fits(&result);
    result
}

fn oblige_fits(result: &Term) {
    let (low, high) = (Term::Literal(i128::MIN), Term::Literal(i128::MAX));
    let fits = low.at_most(result).and(&result.at_most(&high));
    with(|s| s.oblige(Kind::Overflow, "fits i128", &fits));
}

/// `a * b / d` by definition: a fresh quotient and remainder, never the solver's `div`.
fn divide(a: &Term, b: &Term, d: &Term, up: bool) -> Term {
    let operation = format!("{a} * {b} / {d} {}", if up { "up" } else { "down" });
    if let Some(quotient) = with(|s| s.recall(&operation)) {
        return quotient;
    }
    let positive = Term::Literal(0).below(d);
    with(|s| s.oblige(Kind::Division, "divisor > 0", &positive));
    let quotient = define_quotient(a, b, d, up);
    with(|s| s.remember(operation, &quotient));
    // Consequences of the definition, proved once in general ("division_bounds"): they spare the
    // solver finding them again in every query.
    assume(&bounded_by(a, b, d, &quotient));
    assume(&bounded_by(b, a, d, &quotient));
    oblige_fits(&quotient);
    quotient
}

/// The quotient and nothing else known about it than its definition.
pub fn define_quotient(a: &Term, b: &Term, d: &Term, up: bool) -> Term {
    let product = a * b;
    let (quotient, remainder) = with(|s| (s.fresh("q"), s.fresh("r")));
    let sign = if up { "-" } else { "+" };
    assume(&formula(format!(
        "(= {product} ({sign} (* {d} {quotient}) {remainder}))"
    )));
    assume(&formula(format!(
        "(and (<= 0 {remainder}) (< {remainder} {d}))"
    )));
    quotient
}

/// A part of `d` scales `a` to something between zero and `a`, whatever its sign and rounding.
pub fn bounded_by(a: &Term, part: &Term, d: &Term, quotient: &Term) -> Cond {
    let zero = Term::Literal(0);
    let is_part = zero.at_most(part).and(&part.at_most(d));
    let above = zero
        .at_most(a)
        .implies(&zero.at_most(quotient).and(&quotient.at_most(a)));
    let below = a
        .at_most(&zero)
        .implies(&a.at_most(quotient).and(&quotient.at_most(&zero)));
    is_part.implies(&above.and(&below))
}

impl Num for Term {
    type Bool = Cond;

    fn int(value: i128) -> Self {
        Term::Literal(value)
    }
    fn add(&self, other: &Self) -> Res<Self> {
        match (self, other) {
            (Term::Literal(a), Term::Literal(b)) => a.add(b).map(Term::Literal),
            _ if with(|s| s.mutates(Op::Add)) => Ok(machine("-", self, other)),
            _ => Ok(machine("+", self, other)),
        }
    }
    fn sub(&self, other: &Self) -> Res<Self> {
        match (self, other) {
            (Term::Literal(a), Term::Literal(b)) => a.sub(b).map(Term::Literal),
            _ if with(|s| s.mutates(Op::Sub)) => Ok(machine("+", self, other)),
            _ => Ok(machine("-", self, other)),
        }
    }
    fn mul(&self, other: &Self) -> Res<Self> {
        match (self, other) {
            (Term::Literal(a), Term::Literal(b)) => a.mul(b).map(Term::Literal),
            _ if with(|s| s.mutates(Op::Mul)) => Ok(machine("+", self, other)),
            _ => Ok(machine("*", self, other)),
        }
    }
    fn mul_div_floor(&self, by: &Self, over: &Self) -> Res<Self> {
        let up = with(|s| s.mutates(Op::DivFloor));
        Ok(divide(self, by, over, up))
    }
    fn mul_div_ceil(&self, by: &Self, over: &Self) -> Res<Self> {
        let down = with(|s| s.mutates(Op::DivCeil));
        Ok(divide(self, by, over, !down))
    }
    fn sqrt_floor(&self) -> Res<Self> {
        let not_negative = Term::Literal(0).at_most(self);
        with(|s| s.oblige(Kind::Division, "radicand >= 0", &not_negative));
        let root = with(|s| s.fresh("s"));
        with(|s| {
            s.fact(&formula(format!(
                "(and (<= 0 {root}) (<= (* {root} {root}) {self}))"
            )));
            s.fact(&formula(format!(
                "(< {self} (* (+ {root} 1) (+ {root} 1)))"
            )));
        });
        Ok(root)
    }
    fn products_le(a: &Self, b: &Self, c: &Self, d: &Self) -> Res<Cond> {
        for factor in [a, b, c, d] {
            let not_negative = Term::Literal(0).at_most(factor);
            with(|s| s.oblige(Kind::Division, "factor >= 0", &not_negative));
        }
        Ok((a * b).at_most(&(c * d)))
    }
    fn le(&self, other: &Self) -> Cond {
        if with(|s| s.mutates(Op::Le)) {
            return self.below(other);
        }
        self.at_most(other)
    }
    fn not(condition: &Cond) -> Cond {
        condition.negated()
    }
    fn and(a: &Cond, b: &Cond) -> Cond {
        Cond::and(a, b)
    }
    fn select(condition: &Cond, then: &Self, otherwise: &Self) -> Self {
        if with(|s| s.mutates(Op::Select)) {
            return Term::choose(condition, otherwise, then);
        }
        Term::choose(condition, then, otherwise)
    }
    fn branch(condition: &Cond) -> bool {
        with(|s| s.decide(condition))
    }
}

/// A variable of a statement, anywhere in `[low, high]`.
pub fn var(name: &str, low: i128, high: i128) -> Term {
    let term = with(|s| s.declare(name));
    let (low, high) = (Term::Literal(low), Term::Literal(high));
    assume(&low.at_most(&term).and(&term.at_most(&high)));
    term
}

/// A premise of the statement.
pub fn assume(condition: &Cond) {
    with(|s| s.fact(condition));
}

/// A conclusion of the statement.
pub fn check(label: &str, condition: &Cond) {
    with(|s| s.oblige(Kind::Check, label, condition));
}

/// The literal of a statement.
pub fn int(value: i128) -> Term {
    Term::Literal(value)
}

/// A step on the way: shown here, and known from here on.
pub fn lemma(label: &str, condition: &Cond) {
    check(label, condition);
    assume(condition);
}
