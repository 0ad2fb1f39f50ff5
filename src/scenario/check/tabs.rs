//! Several tabs that all knock.

use super::{At, Checker};
use crate::engine::Distribution;
use crate::scenario::model::RetryClass;

impl Checker<'_> {
    /// Where every tab knocks for itself, with exponential delays, a person of `k` tabs knocks at `k` times the rate, and
    /// the first success wins: exactly a retry class of its own. A mean of 1.3 tabs is 30 % of the people with two and the
    /// rest with one. Answers the factor on refusal pages that is left: each knock asks for one page then.
    pub(super) fn tabs_that_knock(
        &mut self,
        at: &At,
        knock: Option<bool>,
        tabs: f64,
        retries: &mut Vec<RetryClass>,
    ) -> f64 {
        if knock != Some(true) {
            return tabs;
        }
        let field = at.key("tabs_knock");
        if tabs <= 1.0 {
            let problem = self.wrong(&field, "`tabs_knock` says nothing of people with one tab");
            self.note(problem.help("give `tabs`, the mean number of tabs, above 1"));
        }
        let exponential = |class: &RetryClass| matches!(class.delay, Distribution::Exponential { .. });
        if retries.is_empty() || !retries.iter().all(exponential) {
            let problem = self.wrong(
                &field,
                "tabs knock each for itself only where all delays are exponential",
            );
            let help =
                "tabs of another law are not one stream of knocks: give exponential delays, or leave `tabs_knock` out";
            self.note(problem.help(help));
            return tabs;
        }
        let fewer = tabs.floor();
        let more = tabs - fewer;
        let split = |class: &RetryClass| {
            let Distribution::Exponential { mean } = class.delay else {
                return [(0.0, 0.0); 2];
            };
            [
                (class.share * (1.0 - more), mean / fewer),
                (class.share * more, mean / (fewer + 1.0)),
            ]
        };
        *retries = retries
            .iter()
            .flat_map(split)
            .filter(|(share, _)| *share > 0.0)
            .map(|(share, mean)| RetryClass {
                share,
                delay: Distribution::Exponential { mean },
                backoff: None,
            })
            .collect();
        1.0
    }
}
