//! Services and their stations.

use super::names::Noun;
use super::quantity::{
    CORES, DURATION, POSITIVE_COUNT, POSITIVE_DURATION, POSITIVE_HEADS, POSITIVE_RATE, RATIO, SHARE, SIZE, WHOLE_CORES,
    WORK,
};
use super::{At, Checker};
use crate::engine::Distribution;
use crate::scenario::model::{self, HostId, OperatorId, RegionId};
use crate::scenario::raw;

impl Checker<'_> {
    pub(super) fn services(&mut self, raw: &raw::Table<raw::Service>) -> Vec<model::Service> {
        let root = At::ROOT;
        let table = root.key("services");
        let regions = raw.0.iter().map(|(key, service)| {
            let at = table.key(key);
            self.find_maybe(&at.key("region"), Noun::Region, service.region.as_ref())
                .map(RegionId)
        });
        self.service_regions = regions.collect();
        let mut services = Vec::new();
        for (i, (key, raw)) in raw.0.iter().enumerate() {
            let at = table.key(key);
            let region = self.service_regions[i];
            services.push(model::Service {
                key: key.clone(),
                name: raw.name.clone().unwrap_or_else(|| key.clone()),
                operator: self
                    .find_maybe(&at.key("operator"), Noun::Operator, raw.operator.as_ref())
                    .map(OperatorId),
                host: self
                    .find_maybe(&at.key("host"), Noun::Host, raw.host.as_ref())
                    .map(HostId),
                hosts: self.tenancies(&at, raw),
                region,
                station: self.station(
                    &at.key("station"),
                    raw.station.as_ref().unwrap_or(&raw::Station::default()),
                ),
                quota: raw
                    .quota
                    .as_ref()
                    .map(|quota| self.quota(&at.key("quota"), quota, region)),
                limiter: raw
                    .limiter
                    .as_ref()
                    .map(|bucket| self.bucket(&at.key("limiter"), bucket)),
                exchange: self.exchange(
                    &at.key("exchange"),
                    raw.exchange.as_ref().unwrap_or(&raw::Exchange::default()),
                ),
                session: raw
                    .session
                    .as_ref()
                    .map(|session| self.session(&at.key("session"), session)),
                fallback: raw.fallback.unwrap_or(false),
                grid: self.grid(&at.key("grid"), raw),
            });
        }
        let endless = services.iter().zip(0..).filter(|(s, _)| !s.station.cores.is_finite());
        self.endless = endless.map(|(_, position)| position).collect();
        services
    }

    /// The programme of every day of the run, in its zone.
    fn grid(&mut self, list: &At, raw: &raw::Service) -> Vec<model::Programme> {
        if !raw.grid.is_empty() && raw.fallback != Some(true) {
            let problem = self.wrong(list, "only a service with `fallback: true` has a grid");
            let help = "a programme is chosen by people who gave another door up; closing a door is a ServiceOutage";
            self.note(problem.label("not a fallback").help(help));
        }
        let mut grid = Vec::new();
        for (i, raw) in raw.grid.iter().enumerate() {
            let at = list.index(i);
            let who = self.who(&at.key("who"), raw.who.as_ref());
            let hours = self.hours_each_day(&at, raw.from.as_ref(), raw.until.as_ref());
            grid.extend(hours.into_iter().map(|(from, until)| model::Programme {
                from,
                until,
                who: who.clone(),
            }));
        }
        grid
    }

    /// The hosts of a service that stands on several.
    fn tenancies(&mut self, at: &At, raw: &raw::Service) -> Vec<(HostId, f64)> {
        let list = at.key("hosts");
        if raw.hosts.is_empty() {
            return Vec::new();
        }
        if raw.host.is_some() {
            let problem = self.wrong(&list, "a service stands on one `host` or on several `hosts`");
            self.note(problem.label("both are given").help("leave one of them out"));
        }
        let mut tenancies: Vec<(HostId, f64)> = Vec::new();
        for (i, raw) in raw.hosts.iter().enumerate() {
            let at = list.index(i);
            let host = HostId(self.find_needed(&at.key("host"), Noun::Host, raw.host.as_ref()));
            if raw.host.is_some() && tenancies.iter().any(|(other, _)| *other == host) {
                let problem = self.wrong(&at.key("host"), "this host is named twice");
                self.note(problem.label("named before").help("add the shares up"));
            }
            tenancies.push((host, self.need(&at.key("share"), raw.share.as_ref(), &SHARE)));
        }
        let shares: Vec<f64> = tenancies.iter().map(|(_, share)| *share).collect();
        self.whole(&list, "the shares of the hosts", shares);
        tenancies
    }

    fn station(&mut self, at: &At, raw: &raw::Station) -> model::StationSpec {
        let threads = self
            .maybe(&at.key("threads"), raw.threads.as_ref(), &POSITIVE_HEADS)
            .map(|count| count as u32);
        let backlog = self.heads(&at.key("backlog"), raw.backlog.as_ref());
        if backlog.is_some() && raw.threads.is_none() {
            let problem = self.wrong(&at.key("backlog"), "a backlog without `threads` never fills");
            let help = "give `threads`, the most logins in service at once, or leave `backlog` out";
            self.note(problem.label("nobody waits here").help(help));
        }
        // Cores that break down do so one by one: there is no half of one.
        let of_cores = if raw.breakdown.is_some() { &WHOLE_CORES } else { &CORES };
        // Cores that cannot be are not cores without end: one mistake is told once.
        let without = if raw.cores.is_some() { 1.0 } else { f64::INFINITY };
        let cores = self.or(&at.key("cores"), raw.cores.as_ref(), of_cores, without);
        let work = match &raw.work {
            Some(work) => self.law(&at.key("work"), work),
            None => Distribution::Deterministic { value: 0.0 },
        };
        if raw.cores.is_some() && raw.work.is_none() {
            let example = "Exponential(mean: \"250 ms\")";
            self.missing(
                &at.key("work"),
                "the work of one login, a distribution of times on one core",
                example,
            );
        }
        if raw.breakdown.is_some() && raw.cores.is_none() {
            let problem = self.wrong(
                &at.key("breakdown"),
                "a station without `cores` has none that could break down",
            );
            self.note(problem.help("give `cores`"));
        }
        model::StationSpec {
            cores,
            threads,
            backlog,
            work,
            efficiency: self.efficiency(&at.key("efficiency"), raw.efficiency.as_ref()),
            wasted_work: raw.wasted_work.unwrap_or(true),
            discipline: match raw.discipline {
                None | Some(raw::Discipline::Fifo) => model::Discipline::Fifo,
                Some(raw::Discipline::Priority) => model::Discipline::Priority,
                Some(raw::Discipline::PreemptiveResume) => model::Discipline::PreemptiveResume,
            },
            initial: self.heads(&at.key("initial"), raw.initial.as_ref()).unwrap_or(0),
            breakdown: raw.breakdown.as_ref().map(|raw| {
                let at = at.key("breakdown");
                model::Breakdown {
                    mean_up: self.need(&at.key("mean_up"), raw.mean_up.as_ref(), &POSITIVE_DURATION),
                    mean_repair: self.need(&at.key("mean_repair"), raw.mean_repair.as_ref(), &POSITIVE_DURATION),
                }
            }),
        }
    }

    fn efficiency(&mut self, at: &At, raw: Option<&raw::Efficiency>) -> model::Efficiency {
        let law = match raw {
            None | Some(raw::Efficiency::Perfect) => model::Efficiency::Perfect,
            Some(raw::Efficiency::AtStart { sigma }) => model::Efficiency::AtStart {
                sigma: self.need(&at.key("sigma"), sigma.as_ref(), &RATIO),
            },
            Some(raw::Efficiency::Usl {
                sigma,
                kappa,
                per_capacity,
            }) => model::Efficiency::Usl {
                sigma: self.need(&at.key("sigma"), sigma.as_ref(), &RATIO),
                kappa: self.need(&at.key("kappa"), kappa.as_ref(), &RATIO),
                per_capacity: per_capacity.unwrap_or(false),
            },
        };
        self.efficiency_of_any_size(at, &law);
        law
    }

    pub(super) fn bucket(&mut self, at: &At, raw: &raw::Bucket) -> model::BucketSpec {
        model::BucketSpec {
            rate: self.need(&at.key("rate"), raw.rate.as_ref(), &POSITIVE_RATE),
            burst: self.or(&at.key("burst"), raw.burst.as_ref(), &POSITIVE_HEADS, 1.0),
            random_refill: raw.random_refill.unwrap_or(false),
        }
    }

    fn exchange(&mut self, at: &At, raw: &raw::Exchange) -> model::Exchange {
        model::Exchange {
            packets: self.or(&at.key("packets"), raw.packets.as_ref(), &RATIO, 20.0),
            tries: self
                .maybe(&at.key("tries"), raw.tries.as_ref(), &POSITIVE_COUNT)
                .map_or(3, |count| count as u32),
            page_bits: self.or(&at.key("page_size"), raw.page_size.as_ref(), &SIZE, 0.0),
        }
    }

    fn session(&mut self, at: &At, raw: &raw::Session) -> model::SessionSpec {
        let good = self.or(&at.key("latency_good"), raw.latency_good.as_ref(), &DURATION, 3.0);
        let bad = self.or(&at.key("latency_bad"), raw.latency_bad.as_ref(), &DURATION, 10.0);
        if bad <= good {
            let field = if raw.latency_bad.is_some() {
                "latency_bad"
            } else {
                "latency_good"
            };
            let title = format!("learning ends at a latency of {bad} s and is whole up to {good} s");
            let problem = self
                .wrong(&at.key(field), title)
                .label("`latency_bad` must be above `latency_good`");
            self.note(problem);
        }
        model::SessionSpec {
            think: self.or(&at.key("think"), raw.think.as_ref(), &POSITIVE_DURATION, 30.0),
            page_work: self.or(&at.key("page_work"), raw.page_work.as_ref(), &WORK, 0.0),
            latency_good: good,
            latency_bad: bad,
            value: self.or(&at.key("value"), raw.value.as_ref(), &SHARE, 1.0),
            live: raw.live.unwrap_or(false),
        }
    }
}
