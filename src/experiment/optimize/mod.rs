//! The cheapest levers that keep the constraints across the uncertainties.
//!
//! [`Problem`] is what is optimised: [`StudyProblem`] makes it of an experiment file and the simulator; tests use functions whose
//! optimum is known. Everything else knows numbers only.
//!
//! With a [`Ledger`] every run is written down as it ends, and a search that was killed goes on where it was.
//!
//! | step | share of the runs | what |
//! |---|---|---|
//! | search | half | every combination where the runs suffice, else NSGA-II; each candidate in the same few futures |
//! | choice | a fifth | more futures for those between which the choice is close |
//! | front | a tenth | more futures for the Pareto front |
//! | confirmation | the rest | the cheapest promising candidates on fresh futures: only these decide |

mod advice;
mod against;
mod ledger;
mod pareto;
mod pool;
mod problem;
mod race;
mod search;
mod study;
mod tables;

pub use advice::advice;
pub use ledger::Ledger;
pub use pareto::{crowding, dominates, front, fronts, hypervolume};
pub use pool::{Candidate, Keeping, Pool, Verdict, verdict};
pub use problem::{Answer, Ask, Problem, Stopped};
pub use race::{Confirmation, Optimum, Options, optimize};
pub use search::{SearchOptions, combinations, search};
pub use study::{Objective, StudyProblem};
pub use tables::{Regret, Satisficing, regret, satisficing};
