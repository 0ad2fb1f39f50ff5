//! A login at a station, and its place among those in service.

use crate::engine::Time;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Waiting,
    Running,
    Gone,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    pub owner: u32,
    pub class: u8,
    pub state: State,
    pub work: f64,
    pub arrived: Time,
    pub started: Time,
}

/// When a login in service is done in virtual time, its number, and whose it was when it started. Finish times are not
/// negative, so their bits order as they do; packed in one integer they are compared without a branch to mispredict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finish(u128);

impl Finish {
    pub fn new(at: f64, id: u32, owner: u32) -> Self {
        Finish(u128::from(at.to_bits()) << 64 | u128::from(id) << 32 | u128::from(owner))
    }
    pub fn at(self) -> f64 {
        f64::from_bits((self.0 >> 64) as u64)
    }
    pub fn id(self) -> u32 {
        (self.0 >> 32) as u32
    }
    pub fn owner(self) -> u32 {
        self.0 as u32
    }
}
