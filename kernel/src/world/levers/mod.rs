//! Levers that watch, capacity that comes later than it is ordered, and limits. The plain ones are in [`super::agenda`].

mod defence;
mod fleet;
mod hosts;
mod limits;
mod watch;

pub(super) use fleet::Fleet;
pub(super) use hosts::{HostState, Takeover};
pub(super) use limits::Address;
pub(super) use watch::{Watch, mean_share};

use super::observer::Ear;
use super::state::World;
use crate::engine::Purpose;
use crate::queueing::AdaptiveLimit;
use crate::scenario::model::{Act, ServiceId};

impl<'s, O: Ear> World<'s, O> {
    /// One lever is pulled; answers at which services something changes at once.
    pub(super) fn pull_lever(&mut self, act: &'s Act) -> &'s [ServiceId] {
        let now = self.now;
        match act {
            Act::Restore { services } => {
                for s in services {
                    self.services[s.index()].station.restore(now);
                }
                services
            }
            Act::PreWarm {
                services,
                factor,
                delivery,
                lasting,
            } => {
                for s in services {
                    let cores = (factor - 1.0) * self.services[s.index()].station.installed();
                    self.order(s.index(), cores, delivery, lasting.map(|l| now + l));
                }
                services
            }
            Act::ConcurrencyLimit { services, limit } => {
                for s in services {
                    let svc = &mut self.services[s.index()];
                    let draw = self.streams.sequence(Purpose::Boot, svc.key);
                    svc.limit = limit.map(|spec| Box::new(AdaptiveLimit::new(spec, now, draw)));
                    let most = svc.limit.as_ref().map(|l| l.limit());
                    svc.station.set_limit(now, most);
                }
                services
            }
            Act::PerClientLimit { services, limit } => {
                for s in services {
                    self.services[s.index()].per_client = *limit;
                }
                services
            }
            _ => {
                self.watch_from(now, act, None);
                &[]
            }
        }
    }
}
