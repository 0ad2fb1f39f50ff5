//! Counted floods against birth and death processes, whose stationary laws and passage times are known exactly.

use super::super::*;
use super::*;
use crate::engine::{Distribution, Purpose, Streams};

fn spec(cores: f64, threads: u32, backlog: u32, efficiency: Efficiency) -> StationSpec {
    StationSpec {
        cores,
        threads: Some(threads),
        backlog: Some(backlog),
        work: Distribution::Exponential { mean: 1.0 },
        efficiency,
        wasted_work: true,
        discipline: Discipline::Fifo,
        initial: 0,
        breakdown: None,
    }
}

fn usl(sigma: f64, kappa: f64) -> Efficiency {
    Efficiency::Usl {
        sigma,
        kappa,
        per_capacity: false,
    }
}

fn draw(seed: u64) -> Draw {
    Streams::new(seed, 0).sequence(Purpose::Flood, 1)
}

fn counting(spec: &StationSpec, seed: u64) -> Station {
    let mut station = Station::new(spec, None);
    station.count_floods(draw(seed));
    station
}

/// A flood of work 1 s in a station by the universal scalability law, as a birth and death process.
struct Exact {
    rate: f64,
    sigma: f64,
    kappa: f64,
    cores: f64,
    threads: usize,
}

impl Exact {
    fn deaths(&self, n: usize) -> f64 {
        let x = n as f64;
        let served = n.min(self.threads) as f64;
        let u = if served <= 1.0 {
            1.0
        } else {
            1.0 / (1.0 + self.sigma * (served - 1.0) + self.kappa * served * (served - 1.0))
        };
        served.min(self.cores).min(x) * u
    }

    /// `π(n) ∝ λⁿ/Π φ(i)` with at most `most` there (Cohen 1979).
    fn law(&self, most: usize) -> Vec<f64> {
        let mut logs = vec![0.0];
        for n in 1..=most {
            logs.push(logs[n - 1] + libm::log(self.rate / self.deaths(n)));
        }
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|l| libm::exp(l - top)).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|w| w / sum).collect()
    }

    /// Mean time from none to `target`: `E[n → n+1] = 1/λ + φ(n)/λ·E[n−1 → n]`.
    fn passage(&self, target: usize) -> f64 {
        let (mut up, mut sum) = (0.0, 0.0);
        for n in 0..target {
            up = 1.0 / self.rate + self.deaths(n) / self.rate * up;
            sum += up;
        }
        sum
    }

    fn spec(&self, backlog: u32) -> StationSpec {
        spec(self.cores, self.threads as u32, backlog, usl(self.sigma, self.kappa))
    }
}

fn z(values: &[f64], exact: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    (mean - exact) / libm::sqrt(variance / n)
}

fn number(station: &Station) -> f64 {
    let (served, waiting) = station.flood_counts();
    (served + waiting) as f64
}

/// Time averages of `f` of the number there over batches of `length` s, after one that is not counted.
fn averages<const N: usize>(
    station: &mut Station,
    batches: usize,
    length: f64,
    f: impl Fn(f64) -> [f64; N],
) -> [Vec<f64>; N] {
    let mut sums: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    let mut now = Time::ZERO;
    for batch in 0..=batches {
        let end = Time::from_secs(length * (batch + 1) as f64);
        let mut sum = [0.0; N];
        while now < end {
            let next = station.next_completion().unwrap_or(end).min(end);
            let width = (next - now).as_secs();
            let before = f(number(station));
            let single = station.leap.single;
            now = next;
            if now < end {
                station.complete(now);
            }
            // Until a single arrival or departure the number is what it was. Of a leap only the ends are known, so their mean
            // stands for it; steps are longer here and shorter there.
            let after = if single { before } else { f(number(station)) };
            for (sum, (before, after)) in sum.iter_mut().zip(before.into_iter().zip(after)) {
                *sum += 0.5 * (before + after) * width;
            }
        }
        for (sums, sum) in sums.iter_mut().zip(sum).filter(|_| batch > 0) {
            sums.push(sum / length);
        }
    }
    sums
}

/// Mean and quartiles of the number there.
fn is_stationary(exact: &Exact, backlog: u32, batches: usize, length: f64, most_steps: f64) {
    let law = exact.law(exact.threads + backlog as usize);
    let mean: f64 = law.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
    let quartile = |share: f64| {
        let mut below = 0.0;
        law.iter().position(|p| {
            below += p;
            below >= share
        })
    };
    let at = [0.25, 0.5, 0.75].map(|share| quartile(share).unwrap_or(0));
    let mut station = counting(&exact.spec(backlog), 5);
    station.set_counted_flood(Time::ZERO, exact.rate, 1.0);
    let seen = averages(&mut station, batches, length, |n| {
        let below = |i: usize| f64::from(u8::from(n <= at[i] as f64));
        [n, below(0), below(1), below(2)]
    });
    let below = |i: usize| law[..=at[i]].iter().sum::<f64>();
    let exacts = [mean, below(0), below(1), below(2)];
    for (values, exact) in seen.iter().zip(exacts) {
        let found = values.iter().sum::<f64>() / values.len() as f64;
        assert!(
            z(values, exact).abs() < 4.0,
            "{found}, exact {exact}, z {}",
            z(values, exact)
        );
    }
    let steps = station.flood_steps() as f64 / (length * (batches + 1) as f64);
    assert!(steps < most_steps, "{steps} steps a second");
}

#[test]
fn few_requests_have_the_stationary_law_of_a_birth_and_death_process() {
    // Rows of the table of exact results: λ = 12, K = 120: E[N] = 19.1329781.
    let exact = Exact {
        rate: 12.0,
        sigma: 0.02,
        kappa: 0.0005,
        cores: f64::INFINITY,
        threads: 120,
    };
    let mean: f64 = exact.law(120).iter().enumerate().map(|(n, p)| n as f64 * p).sum();
    assert!((mean - 19.132_978_1).abs() < 1e-6);
    is_stationary(&exact, 0, 40, 1000.0, 30.0);
}

#[test]
fn one_processor_that_is_shared_with_falling_efficiency() {
    // M/M/1-PS with u(n); five threads and a backlog.
    let exact = Exact {
        rate: 0.6,
        sigma: 0.05,
        kappa: 0.0,
        cores: 1.0,
        threads: 5,
    };
    is_stationary(&exact, 20, 40, 10_000.0, 1.5);
}

#[test]
fn many_requests_have_it_in_far_fewer_steps() {
    // 100 times as many: 2400 come and go a second.
    let exact = Exact {
        rate: 1200.0,
        sigma: 0.0002,
        kappa: 5e-8,
        cores: f64::INFINITY,
        threads: 12_000,
    };
    is_stationary(&exact, 0, 60, 400.0, 12.0);
}

#[test]
fn many_requests_at_shared_cores_that_are_nearly_busy() {
    // M/M/c/K, with c = 1000 at a load of 0.99 and a backlog that is full at times.
    let exact = Exact {
        rate: 990.0,
        sigma: 0.0,
        kappa: 0.0,
        cores: 1000.0,
        threads: 1000,
    };
    is_stationary(&exact, 60, 40, 1000.0, 60.0);
}

fn escapes(exact: &Exact, target: u64, runs: u64) -> (Vec<f64>, f64) {
    let mut steps = 0;
    let one = |run: u64| {
        let mut station = counting(&exact.spec(0), 1000 + run);
        station.set_counted_flood(Time::ZERO, exact.rate, 1.0);
        while let Some(next) = station.next_completion() {
            station.complete(next);
            if station.flood_counts().0 >= target {
                steps += station.flood_steps();
                return next.as_secs();
            }
        }
        f64::INFINITY
    };
    let times: Vec<f64> = (0..runs).map(one).collect();
    let all: f64 = times.iter().sum();
    (times, steps as f64 / all)
}

#[test]
fn a_station_tips_over_after_the_time_of_theory_and_a_fluid_never_does() {
    let exact = Exact {
        rate: 15.0,
        sigma: 0.02,
        kappa: 0.0005,
        cores: f64::INFINITY,
        threads: 300,
    };
    // "USL PS collapse time", λ = 15: 107.1614925 s from none to 64, beyond the tipping point at 63.4.
    assert!((exact.passage(64) - 107.161_492_5).abs() < 1e-6);
    let (times, _) = escapes(&exact, 64, 2000);
    let score = z(&times, exact.passage(64));
    // Two-sided at 1e-4.
    assert!(score.abs() < 3.89, "{score}");

    let mut fluid = Station::new(&exact.spec(0), None);
    fluid.set_flood(Time::ZERO, exact.rate, exact.rate, 0.0, true);
    assert_eq!(fluid.next_completion(), None);
    fluid.advance(Time::from_secs(1e6));
    // The lower root of USL(n) = 15 is 30.89723384, for ever.
    assert!((fluid.speed().in_progress - 30.897_233_84).abs() < 1e-4);
}

#[test]
fn it_does_so_in_leaps_too() {
    // Ten times as large, nearer to the top of the curve.
    let exact = Exact {
        rate: 152.414,
        sigma: 0.002,
        kappa: 5e-6,
        cores: f64::INFINITY,
        threads: 3000,
    };
    // From 800 it does not come back: the tipping point is at 551.
    let (times, steps) = escapes(&exact, 800, 2000);
    let score = z(&times, exact.passage(800));
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    assert!(score.abs() < 3.89, "{score}: {mean}, exact {}", exact.passage(800));
    assert!(steps < 20.0, "{steps} steps a second for 300 requests that come and go");
}

/// People who come to a station with a counted flood: mean wait for a thread, mean time there and the share refused, by
/// batches.
fn visited(station: &mut Station, rate: f64, work: f64, batches: usize, length: f64) -> [Vec<f64>; 3] {
    let mut draw = Streams::new(9, 0).sequence(Purpose::Other, 7);
    let mut out: [Vec<f64>; 3] = std::array::from_fn(|_| Vec::new());
    let mut next_visit = draw.exponential() / rate;
    for batch in 0..=batches {
        let end = length * (batch + 1) as f64;
        let (mut waits, mut stays, mut done, mut full, mut tries) = (0.0, 0.0, 0.0, 0.0, 0.0);
        while next_visit < end {
            let at = Time::from_secs(next_visit);
            while let Some(next) = station.next_completion().filter(|t| *t <= at) {
                if let Some(d) = station.complete(next) {
                    waits += d.waited.as_secs();
                    stays += d.sojourn.as_secs();
                    done += 1.0;
                }
            }
            let asked = work * draw.exponential();
            tries += 1.0;
            full += f64::from(u8::from(station.offer(at, 1, 0, asked) == Offer::Full));
            next_visit += draw.exponential() / rate;
        }
        if batch > 0 {
            out[0].push(waits / done);
            out[1].push(stays / done);
            out[2].push(full / tries);
        }
    }
    out
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn people_wait_among_a_flood_in_order_of_arrival_below_saturation() {
    // M/M/100 with 60 % people and 30 % flood: Wq = 0.0216940 s by Erlang's C.
    let mut station = counting(&spec(100.0, 100, 100_000, Efficiency::Perfect), 3);
    station.set_counted_flood(Time::ZERO, 30.0, 1.0);
    let [waits, stays, _] = visited(&mut station, 60.0, 1.0, 40, 400.0);
    assert!(z(&waits, 0.021_694).abs() < 4.0, "{}", mean(&waits));
    assert!(z(&stays, 1.021_694).abs() < 4.0, "{}", mean(&stays));
}

#[test]
fn people_find_a_place_as_often_as_there_is_one() {
    // Ten threads, 50 places; 150 requests of a flood and 10 people a second, all of 0.1 s: M/M/10/60 at a load of 1.6, with
    // 100 served of 160. The share refused is π(60).
    let exact = Exact {
        rate: 16.0,
        sigma: 0.0,
        kappa: 0.0,
        cores: 10.0,
        threads: 10,
    };
    let law = exact.law(60);
    let wait: f64 = (10..60).map(|n| law[n] * (n - 9) as f64 / 100.0).sum::<f64>() / (1.0 - law[60]);
    let mut station = counting(&spec(10.0, 10, 50, Efficiency::Perfect), 3);
    station.set_counted_flood(Time::ZERO, 150.0, 0.1);
    let [waits, _, full] = visited(&mut station, 10.0, 0.1, 40, 100.0);
    assert!(z(&waits, wait).abs() < 4.0, "{} {wait}", mean(&waits));
    assert!(z(&full, law[60]).abs() < 4.0, "{} {}", mean(&full), law[60]);
}

#[test]
fn they_do_under_a_flood_that_leaps() {
    // A thousand times as many of the flood, and as much shorter: a place is free a sixteenth of the time.
    let mut station = counting(&spec(100.0, 100, 50, Efficiency::Perfect), 3);
    station.set_counted_flood(Time::ZERO, 159_990.0, 0.01);
    let [waits, _, full] = visited(&mut station, 10.0, 0.01, 40, 100.0);
    // 10 000 served of 160 000 a second, so 15/16 in vain; who gets in waits behind 49 on average 15/16 of a place less.
    assert!(z(&full, 0.9375).abs() < 4.0, "{}", mean(&full));
    let exact = Exact {
        rate: 1600.0,
        sigma: 0.0,
        kappa: 0.0,
        cores: 100.0,
        threads: 100,
    };
    let law = exact.law(150);
    let wait: f64 = (100..150).map(|n| law[n] * (n - 99) as f64 / 10_000.0).sum::<f64>() / (1.0 - law[150]);
    assert!(z(&waits, wait).abs() < 4.0, "{} {wait}", mean(&waits));
    // Without people a full station costs a step a second.
    let steps = station.flood_steps() as f64;
    assert!(steps < 40_000.0 * 2.0, "{steps}");
}

#[test]
fn a_million_requests_a_second_for_an_hour_are_thousands_of_steps() {
    let per_capacity = |cores: f64, rate: f64, work: f64| {
        let law = Efficiency::Usl {
            sigma: 0.05,
            kappa: 0.01,
            per_capacity: true,
        };
        let mut station = counting(&spec(cores, 4 * cores as u32, 8 * cores as u32, law), 1);
        station.set_counted_flood(Time::ZERO, rate, work);
        while let Some(next) = station.next_completion().filter(|t| *t < Time::from_secs(3600.0)) {
            station.complete(next);
        }
        station
    };
    // Half of the cores; nearly all; twice as many as there are; and long requests.
    for (cores, work, busy) in [
        (2000.0, 0.001, 1000.0),
        (1100.0, 0.001, 1000.0),
        (500.0, 0.001, 500.0),
        (200_000.0, 0.1, 100_000.0),
    ] {
        let station = per_capacity(cores, 1e6, work);
        let steps = station.flood_steps();
        assert!(steps < 40_000, "{cores} cores: {steps}");
        assert!(
            station.speed().busy > 0.3 * busy,
            "{cores} cores: {}",
            station.speed().busy
        );
    }
}

#[test]
fn the_same_draws_give_the_same_counts_and_no_flood_draws_nothing() {
    let exact = spec(20.0, 40, 40, usl(0.01, 0.0001));
    let run = |seed: u64| {
        let mut station = counting(&exact, seed);
        station.set_counted_flood(Time::ZERO, 18.0, 1.0);
        let mut told = Vec::new();
        for _ in 0..2000 {
            let Some(next) = station.next_completion() else { break };
            station.complete(next);
            told.push((next, station.flood_counts()));
        }
        told
    };
    assert_eq!(run(4), run(4));
    assert_ne!(run(4), run(5));
    let mut quiet = counting(&exact, 4);
    quiet.set_counted_flood(Time::ZERO, 0.0, 0.0);
    assert_eq!((quiet.next_completion(), quiet.flood_steps()), (None, 0));
    assert_eq!(quiet.leap.draw, Some(draw(4)));
}

#[test]
fn what_is_left_of_a_flood_is_served_and_then_it_is_over() {
    let mut station = counting(&spec(2.0, 2, 8, Efficiency::Perfect), 2);
    station.set_counted_flood(Time::ZERO, 50.0, 1.0);
    let until = |station: &mut Station, end: f64| {
        while let Some(next) = station.next_completion().filter(|t| *t < Time::from_secs(end)) {
            station.complete(next);
        }
    };
    until(&mut station, 10.0);
    assert_eq!(station.flood_counts().0, 2);
    assert!(station.has_counts());
    station.set_counted_flood(Time::from_secs(10.0), 0.0, 0.0);
    let left = station.flood_counts();
    assert!(left.1 > 0);
    until(&mut station, 200.0);
    assert_eq!(station.flood_counts(), (0, 0));
    assert!(!station.has_counts());
    // An outage throws everything out at once.
    station.set_counted_flood(Time::from_secs(200.0), 50.0, 1.0);
    until(&mut station, 210.0);
    station.drop_all(Time::from_secs(210.0));
    assert_eq!(station.flood_counts(), (0, 0));
}

#[test]
fn work_settled_at_the_start_slows_flood_and_people_alike() {
    // Infinite servers with work 1 + 0.01·n: where efficiency is settled at the start the mean number is no more than that of
    // the balance n = λ(1 + σn) = λ/(1 − λσ) plus its noise.
    let mut station = counting(
        &spec(f64::INFINITY, u32::MAX, 0, Efficiency::AtStart { sigma: 0.01 }),
        6,
    );
    station.set_counted_flood(Time::ZERO, 40.0, 1.0);
    let [numbers] = averages(&mut station, 30, 400.0, |n| [n]);
    // λ(1 + σ(E n + 1)) by Little's law: a newcomer finds E n (PASTA) and counts itself.
    let exact = 40.0 * 1.01 / (1.0 - 0.4);
    assert!(z(&numbers, exact).abs() < 4.0, "{} {exact}", mean(&numbers));
}

/// People and a flood for `end` s at a station that starts empty: mean time there and share refused of people, and how many
/// of the flood are in service at the end. `counted`, or each of its requests offered.
fn episode(spec: &StationSpec, people: f64, flood: f64, end: f64, seed: u64, counted: bool) -> [f64; 3] {
    let mut draw = Streams::new(seed, 0).sequence(Purpose::Other, 7);
    let mut station = Station::new(spec, None);
    if counted {
        station.count_floods(Streams::new(seed, 0).sequence(Purpose::Flood, 1));
        station.set_counted_flood(Time::ZERO, flood, 1.0);
    }
    let all = people + if counted { 0.0 } else { flood };
    let (mut now, mut stays, mut done, mut full, mut tries, mut inside) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    loop {
        now += draw.exponential() / all;
        let at = Time::from_secs(now.min(end));
        while let Some(next) = station.next_completion().filter(|t| *t <= at) {
            match station.complete(next) {
                Some(d) if d.owner == ATTACKER => inside -= 1.0,
                Some(d) => {
                    stays += d.sojourn.as_secs();
                    done += 1.0;
                }
                None => {}
            }
        }
        if now >= end {
            let (served, waiting) = station.flood_counts();
            return [stays / done, full / tries, inside + (served + waiting) as f64];
        }
        let attacks = draw.uniform() * all >= people;
        let work = draw.exponential();
        let owner = if attacks { ATTACKER } else { 1 };
        let refused = station.offer(at, owner, 0, work) == Offer::Full;
        if attacks {
            inside += f64::from(u8::from(!refused));
        } else {
            tries += 1.0;
            full += f64::from(u8::from(refused));
        }
    }
}

#[test]
fn counts_are_as_requests_one_by_one() {
    let falling = Efficiency::Usl {
        sigma: 0.1,
        kappa: 0.3,
        per_capacity: true,
    };
    // Stations that tip over within the episode in a part of the runs, small (an event a request) and large (leaps); one
    // that keeps the slowness of the start; one in order of arrival, with more to do than it can.
    for (spec, people, flood) in [
        (spec(10.0, 40, 20, falling), 4.5, 4.5),
        (spec(300.0, 1200, 600, falling), 10.0, 285.0),
        (
            spec(f64::INFINITY, 400, 50, Efficiency::AtStart { sigma: 0.01 }),
            10.0,
            70.0,
        ),
        (spec(200.0, 200, 300, Efficiency::Perfect), 10.0, 210.0),
    ] {
        let runs = |counted: bool, from: u64| -> [Vec<f64>; 3] {
            let all: Vec<_> = (from..from + 200)
                .map(|seed| episode(&spec, people, flood, 60.0, seed, counted))
                .collect();
            std::array::from_fn(|i| all.iter().map(|one| one[i]).collect())
        };
        let (counts, single) = (runs(true, 1), runs(false, 1001));
        for (i, (a, b)) in counts.iter().zip(&single).enumerate() {
            let error = |v: &[f64]| {
                let m = mean(v);
                v.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (v.len() * (v.len() - 1)) as f64
            };
            let score = (mean(a) - mean(b)) / libm::sqrt(error(a) + error(b)).max(1e-9);
            println!("{} cores, {i}: {} {} {score}", spec.cores, mean(a), mean(b));
            assert!(
                score.abs() < 4.0,
                "{} cores, {i}: {} {} {score}",
                spec.cores,
                mean(a),
                mean(b)
            );
        }
    }
}
