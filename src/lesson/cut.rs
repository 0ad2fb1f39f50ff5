//! A part of the country at full size: some regions whole, and of all others nobody, or only those who take some routes.
//!
//! Making a country smaller changes what happens near saturation; taking a part of it does not. Regions, people, servers and
//! their numbers stay those of the model: the cut is a list of overrides that is made from it.

use crate::scenario::model::Scenario;

/// Which part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Keys of the regions that stay whole.
    pub regions: Vec<String>,
    /// Routes whose visits stay in all other regions too; a name may end in `*`.
    pub elsewhere: Vec<String>,
}

impl Cut {
    /// The overrides that make the part of a model.
    ///
    /// Cohorts of other regions go, or keep the people whose class meets at the end of a kept route: so many fewer connect,
    /// and all of them take it. The regional services of other regions stay, for policies and operators name them, with a
    /// single core: they cost next to nothing.
    pub fn sets(&self, scenario: &Scenario) -> Vec<String> {
        let kept = |region: Option<crate::scenario::model::RegionId>| {
            region.is_none_or(|r| self.regions.contains(&scenario.regions[r.index()].key))
        };
        let mut sets = Vec::new();
        for cohort in scenario.cohorts.iter().filter(|cohort| !kept(cohort.region)) {
            let key = &cohort.key;
            let routes: Vec<(f64, &str)> = cohort
                .routes
                .iter()
                .map(|(share, route)| (*share, scenario.routes[route.index()].key.as_str()))
                .filter(|(_, route)| self.elsewhere.iter().any(|word| fits(word, route)))
                .collect();
            let share: f64 = routes.iter().map(|(share, _)| share).sum();
            if share <= 0.0 {
                sets.push(format!("cohorts.\"{key}\"=None"));
                continue;
            }
            let routes = routes
                .iter()
                .map(|(of, route)| format!("(share: \"{} %\", route: \"{route}\")", 100.0 * of / share));
            let routes: Vec<String> = routes.collect();
            sets.push(format!(
                "cohorts.\"{key}\".connects={} %",
                100.0 * cohort.connects * share
            ));
            sets.push(format!("cohorts.\"{key}\".routes=[{}]", routes.join(", ")));
        }
        for service in scenario.services.iter().filter(|service| !kept(service.region)) {
            let key = &service.key;
            sets.push(format!("services.\"{key}\".station.cores=1"));
            sets.push(format!("services.\"{key}\".station.threads=4"));
            sets.push(format!("services.\"{key}\".station.backlog=8"));
        }
        sets
    }
}

fn fits(word: &str, key: &str) -> bool {
    match word.strip_suffix('*') {
        Some(head) => key.starts_with(head),
        None => key == word,
    }
}
