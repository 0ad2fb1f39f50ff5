//! What each service of a model would be asked for if nobody ever had to wait: the fluid that capacities are tuned against.
//!
//! Prints, for each service, the peak of sessions, the peak of demand in cores with its hour, the cores installed and
//! their ratio. Below 1 the service must fail at its peak; `docs/validation.md` says how the ratios were chosen.
//!
//! ```sh
//! cargo run --release --example offered_load                  # the embedded model
//! cargo run --release --example offered_load -- mine.ron      # a file
//! ```

use preau::engine::Distribution;
use preau::output::number::{clock_time, whole};
use preau::scenario::model::{Cohort, Route, Scenario, ServiceId, Source as Arrivals};
use preau::scenario::{Source, load};

/// Width of a step of the fluid, s.
const STEP: f64 = 60.0;
/// Points by which the instants of a wave, and the durations of its visits, are represented.
const INSTANTS: usize = 500;
const DURATIONS: usize = 50;

/// One service's logins begun in each step, and sessions open at each.
struct Fluid {
    logins: Vec<f64>,
    changes: Vec<f64>,
}

fn main() {
    let source = match std::env::args().nth(1) {
        Some(path) => Source::File(path.into()),
        None => Source::Builtin("2021-04-06".into()),
    };
    let scenario = match load(&source, &[]) {
        Ok(scenario) => scenario,
        Err(problems) => {
            eprintln!("{}", problems.render(false));
            std::process::exit(3);
        }
    };
    let steps = (scenario.clock.end.as_secs() / STEP) as usize + 1;
    let empty = || Fluid {
        logins: vec![0.0; steps],
        changes: vec![0.0; steps],
    };
    let mut fluids: Vec<Fluid> = scenario.services.iter().map(|_| empty()).collect();
    for cohort in &scenario.cohorts {
        for (share, route) in &cohort.routes {
            let people = f64::from(cohort.people) * cohort.connects * share;
            pour(&scenario, cohort, &scenario.routes[route.index()], people, &mut fluids);
        }
    }
    println!("service             peak sessions  peak at  demand, cores  cores  ratio");
    for (service, fluid) in scenario.services.iter().zip(&fluids) {
        let (work, session) = (service.station.work.mean(), service.session);
        let page = session.map_or(0.0, |s| s.page_work / (s.think + s.page_work));
        let (mut open, mut most, mut peak, mut at) = (0.0, 0.0_f64, 0.0, 0);
        for step in 0..steps {
            open += fluid.changes[step];
            most = most.max(open);
            let demand = fluid.logins[step] / STEP * work + open * page;
            if demand > peak {
                (peak, at) = (demand, step);
            }
        }
        println!(
            "{:<19} {:>13}  {:>7}  {:>13}  {:>5}  {:>5.2}",
            service.key,
            whole(if session.is_some() { most } else { 0.0 }),
            clock_time(&scenario.clock, at as f64 * STEP),
            whole(peak),
            whole(service.station.cores),
            service.station.cores / peak
        );
    }
}

/// Adds the visits of `people` who take one route.
fn pour(scenario: &Scenario, cohort: &Cohort, route: &Route, people: f64, fluids: &mut [Fluid]) {
    let Arrivals::Crowd(waves) = &cohort.source else {
        return; // Only crowds have a day.
    };
    let durations = points(&cohort.duration, DURATIONS);
    let mut doors = vec![(route.start, people)];
    while let Some((door, people)) = doors.pop() {
        doors.extend(onward(route, door).map(|(next, share)| (next, people * share)));
        let (fluid, sits) = (
            &mut fluids[door.index()],
            scenario.services[door.index()].session.is_some(),
        );
        for wave in waves {
            let each = people * wave.share / INSTANTS as f64;
            for offset in points(&wave.spread, INSTANTS) {
                let begin = wave.at.as_secs() + offset;
                add(&mut fluid.logins, begin, each);
                if !sits {
                    continue;
                }
                add(&mut fluid.changes, begin, each);
                for duration in &durations {
                    add(&mut fluid.changes, begin + duration, -each / DURATIONS as f64);
                }
            }
        }
    }
}

fn onward(route: &Route, door: ServiceId) -> impl Iterator<Item = (ServiceId, f64)> {
    let of_door = route.onward.iter().filter(move |(from, _)| *from == door);
    of_door.flat_map(|(_, to)| to.iter().copied())
}

/// The middles of `n` equally likely parts of a law.
fn points(law: &Distribution, n: usize) -> Vec<f64> {
    let middle = |i| law.quantile((i as f64 + 0.5) / n as f64).unwrap_or_else(|| law.mean());
    (0..n).map(middle).collect()
}

fn add(steps: &mut [f64], at: f64, amount: f64) {
    if let Some(step) = steps.get_mut((at.max(0.0) / STEP) as usize) {
        *step += amount;
    }
}
