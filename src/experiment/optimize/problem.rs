//! What is optimised: levers in the unit cube, outcomes in futures.

/// A setting of the levers and a future in which it is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The levers, each in 0..=1.
    pub levers: Vec<f64>,
    /// Which future: a draw of the uncertainties and of all chance. Every candidate meets the same futures.
    pub future: usize,
}

/// What came of a candidate in a future.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The objectives; smaller is better.
    pub objectives: Vec<f64>,
    /// By how much each constraint was broken: it holds at 0 and below. `None`: there was nothing to break it.
    pub excess: Vec<Option<f64>>,
}

impl Answer {
    /// Whether every constraint held.
    pub fn holds(&self) -> bool {
        self.excess.iter().flatten().all(|e| *e <= 0.0)
    }
}

/// The search was stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

/// Something to be optimised. Answers must be a function of the ask alone.
pub trait Problem {
    /// For each lever how many settings it has, at `(i + ½)/n`; `None`: any number of its range.
    fn levels(&self) -> Vec<Option<u32>>;
    /// The settings of a candidate as a text: candidates with the same text are the same.
    fn key(&self, levers: &[f64]) -> String;
    /// Tries every ask; an answer for each, in their order, or why there is none.
    ///
    /// # Errors
    /// When the caller stopped it.
    fn answers(&mut self, asks: &[Ask]) -> Result<Vec<Result<Answer, String>>, Stopped>;
}
