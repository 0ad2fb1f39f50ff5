//! The whole model in order: what others refer to comes first.

use super::names::Noun;
use super::quantity::{CORES, MONEY, POSITIVE_BIT_RATE};
use super::{At, Checker};
use crate::scenario::model::{self, Scenario};
use crate::scenario::raw;

impl Checker<'_> {
    pub(super) fn scenario(&mut self, raw: &raw::Scenario, text: String) -> Scenario {
        let root = At::ROOT;
        let name = raw.name.clone().unwrap_or_default();
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            let problem = self.wrong(&root.key("name"), format!("`{name}` cannot name a folder"));
            self.note(
                problem
                    .label("expected letters, digits, `-`, `_`, `.`")
                    .help("say the rest in `title`"),
            );
        }
        self.country(raw.size.as_ref());
        let clock = self.clock(&raw.clock, raw.services.0.len() + raw.regions.0.len());
        self.school_days(&raw.calendar, clock.end);
        self.end = clock.end;
        let prices = self.prices(&raw.prices);
        let regions = self.regions(&raw.regions);
        self.count_accounts(&raw.cohorts);
        let hosts = self.hosts(&raw.hosts);
        let mut operators = self.operators(&raw.operators);
        let services = self.services(&raw.services);
        self.room_on_hosts(raw, &services);
        let mut routes = self.routes(&raw.routes);
        let mut habits = self.habits(&raw.habits);
        let cohorts = self.cohorts(raw, &regions, &mut routes, &mut habits, &services);
        let incidents = self.incidents(&raw.incidents);
        let policies = self.policies(&raw.policies);
        self.cells(&raw.operators, &mut operators, &services);
        self.somebody(raw);
        self.room_in_tables();
        Scenario {
            title: raw.title.clone().unwrap_or_else(|| name.clone()),
            name,
            size: std::mem::take(&mut self.size),
            clock,
            regions,
            hosts,
            operators,
            services,
            habits,
            routes,
            cohorts,
            incidents,
            policies,
            prices,
            text,
        }
    }

    fn prices(&mut self, raw: &raw::Prices) -> model::Prices {
        let root = At::ROOT;
        let at = root.key("prices");
        model::Prices {
            core_hour: self.or(&at.key("core_hour"), raw.core_hour.as_ref(), &MONEY, 0.0),
            scrubbing_hour: self.or(&at.key("scrubbing_hour"), raw.scrubbing_hour.as_ref(), &MONEY, 0.0),
        }
    }

    fn regions(&mut self, raw: &raw::Table<raw::Region>) -> Vec<model::Region> {
        let root = At::ROOT;
        let table = root.key("regions");
        let mut regions = Vec::new();
        for (key, raw) in &raw.0 {
            let at = table.key(key);
            let run_zone = self.calendar.zone.iana_name().unwrap_or("UTC").to_owned();
            let zone = raw.zone.clone().unwrap_or(run_zone);
            let clock = self.zone(&at.key("zone"), &zone);
            self.region_zones.push(clock);
            regions.push(model::Region {
                key: key.clone(),
                name: raw.name.clone().unwrap_or_else(|| key.clone()),
                insee: raw.insee.clone().unwrap_or_default(),
                zone,
            });
        }
        regions
    }

    fn hosts(&mut self, raw: &raw::Table<raw::Host>) -> Vec<model::Host> {
        let root = At::ROOT;
        let table = root.key("hosts");
        let mut hosts = Vec::new();
        for (key, raw) in &raw.0 {
            let at = table.key(key);
            hosts.push(model::Host {
                key: key.clone(),
                name: raw.name.clone().unwrap_or_else(|| key.clone()),
                cores: self.or(&at.key("cores"), raw.cores.as_ref(), &CORES, f64::INFINITY),
                uplink: self.or(
                    &at.key("uplink"),
                    raw.uplink.as_ref(),
                    &POSITIVE_BIT_RATE,
                    f64::INFINITY,
                ),
            });
        }
        hosts
    }

    fn operators(&mut self, raw: &raw::Table<raw::Operator>) -> Vec<model::Operator> {
        let named = |(key, raw): &(String, raw::Operator)| model::Operator {
            key: key.clone(),
            name: raw.name.clone().unwrap_or_else(|| key.clone()),
            cell: None,
        };
        raw.0.iter().map(named).collect()
    }

    /// Cores are promised once: tenants share a host, they do not multiply it. Counted as written, so that no size of
    /// the country can make it wrong by rounding.
    fn room_on_hosts(&mut self, raw: &raw::Scenario, services: &[model::Service]) {
        let root = At::ROOT;
        let table = root.key("hosts");
        let number = |raw: Option<&raw::Scalar>| raw.and_then(|raw| CORES.read(raw).ok());
        let cores = |(_, service): &(String, raw::Service)| {
            let station = service.station.as_ref();
            number(station.and_then(|station| station.cores.as_ref()))
        };
        let cores: Vec<Option<f64>> = raw.services.0.iter().map(cores).collect();
        for (i, (key, host)) in raw.hosts.0.iter().enumerate() {
            let Some(installed) = number(host.cores.as_ref()) else {
                continue;
            };
            let share = |s: &model::Service| s.share_on(model::HostId(i as u16));
            let tenants = services.iter().zip(&cores).filter(|(s, _)| share(s) > 0.0);
            let tenants: Vec<(&str, f64)> = tenants
                .filter_map(|(s, cores)| Some((s.key.as_str(), (*cores)? * share(s))))
                .collect();
            let used: f64 = tenants.iter().map(|(_, cores)| cores).sum();
            if used > installed * (1.0 + 1e-9) {
                let entry = table.key(key);
                let title = format!("the host `{key}` has {installed} cores, its tenants use {used}");
                let mut problem = self.wrong(&entry.key("cores"), title).label("too few");
                let shares: Vec<String> = tenants.iter().map(|(key, cores)| format!("`{key}` {cores}")).collect();
                problem = problem.help(format!("tenants: {}", shares.join(", ")));
                self.note(problem.help("raise the host's `cores` or lower a tenant's `station.cores`"));
            }
        }
    }

    /// Positions are 16 bits wide: a bigger country than ours needs wider ones.
    fn room_in_tables(&mut self) {
        let root = At::ROOT;
        for noun in Noun::ALL {
            let count = self.names.of(noun).len();
            // A few places are left for what a model has without saying it.
            if count > 65_000 {
                let problem = self.wrong(
                    &root.key(noun.table()),
                    format!("{count} {}s are too many", noun.word()),
                );
                self.note(problem.label("at most 65000"));
            }
        }
    }

    /// An empty country is a slip, not a quiet day.
    fn somebody(&mut self, raw: &raw::Scenario) {
        let root = At::ROOT;
        if raw.services.0.is_empty() {
            let problem = self.wrong(&root.key("services"), "the country is empty: there is no service");
            let help = "add `services: {\"queue\": (station: (cores: 1, work: Exponential(mean: \"1 s\")))}`";
            self.note(problem.label("nothing to log in to").help(help));
        }
        if raw.cohorts.0.is_empty() {
            let problem = self.wrong(&root.key("cohorts"), "the country is empty: there is no cohort");
            let help = "add `cohorts: {\"customers\": (arrivals: Poisson(rate: \"1 /s\"))}`";
            self.note(problem.label("nobody comes").help(help));
        }
    }

    /// People of each region, for quotas said as a share of the accounts.
    fn count_accounts(&mut self, cohorts: &raw::Table<raw::Cohort>) {
        self.accounts = vec![0.0; self.names.of(Noun::Region).len()];
        for (_, cohort) in &cohorts.0 {
            let region = cohort
                .region
                .as_ref()
                .and_then(|word| self.names.position(Noun::Region, word));
            if let (Some(region), Some(raw::Scalar::Number(people))) = (region, &cohort.people) {
                self.accounts[region as usize] += people;
            }
        }
    }
}
