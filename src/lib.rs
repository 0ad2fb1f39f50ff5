//! Préau: a discrete-event simulator of France's national distance-learning infrastructure.
//!
//! A *préau* is the covered yard where French pupils wait for the door to open. The library answers who knocks, at
//! which door, who waits, who gets in, who gives up, and what another quota, smoothing, capacity or defence would
//! have changed on 6 April 2021. The program `preau` is a thin command line over it.
//!
//! # A first run
//!
//! A model is a text; a run is a function of (model, seed, replication, policies), bit for bit. Two thousand pupils
//! come within ten minutes to a gate that lets 300 in at a time:
//!
//! ```
//! use preau::measure::kpi::Scope;
//! use preau::experiment::{Plan, default_arms, replicate};
//! use preau::scenario::{Source, load};
//!
//! let text = r#"(
//!     clock: (start: "2021-04-06T07:30", end: "2021-04-06T10:00"),
//!     services: {"ent": (
//!         station: (cores: 40, threads: 160, backlog: 320, work: Exponential(mean: "1.5 s")),
//!         session: (think: "45 s", page_work: "250 ms", latency_good: "2 s", latency_bad: "20 s"),
//!         quota: (max_sessions: 300, order: Reject, seat: Sliding(idle: "5 min")),
//!     )},
//!     habits: {"pupil": (
//!         retries: [(share: "100 %", delay: Exponential(mean: "45 s"))],
//!         patience: Lognormal(median: "35 min", p90: "2 h"),
//!     )},
//!     cohorts: {"college": (
//!         level: college, people: 2000, habit: "pupil", routes: [(share: "100 %", route: "ent")],
//!         arrivals: Crowd([(share: "100 %", at: "08:00", spread: Normal(mean: "0 s", sd: "4 min"))]),
//!         duration: Deterministic("10 min"),
//!     )},
//!     routes: {"ent": (steps: ["ent"])},
//!     policies: {"wider": (acts: [(at: "07:45", act: ScaleQuota(services: ["*"], factor: 3))])},
//! )"#;
//! let source = Source::Text { name: "first.ron".into(), text: text.into() };
//! let scenario = load(&source, &[]).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
//!
//! // Three replications of two arms, the model as it is and with its one policy: the same people in both.
//! let plan = Plan { arms: default_arms(&scenario), ..Plan::new(&scenario, 1, 3) };
//! let runs = replicate(&plan, &|_| ()).unwrap();
//! let lost = |arm: usize| runs.rows[arm].iter().map(|row| row.value(Scope::Total, "hours_lost").unwrap()).sum::<f64>();
//! assert!(lost(1) < lost(0));
//! ```
//!
//! # Which room holds what
//!
//! Each folder's first file says what the folder may know. The last four, and of `scenario` the
//! [`model`](scenario::model), are in `kernel/src`: a crate of their own, which is compiled for speed and whose modules this
//! library gives out as its own; so is `text/src`, on which `scenario` stands. Arrows run one way:
//!
//! ```text
//! cli → experiment → world → { queueing, measure, scenario } → engine
//!   ↘ lesson → experiment, scenario, measure
//!   ↘ output, web (read results only)
//!   ↘ serve (through experiment, lesson and web)
//! ```
//!
//! | folder | holds | main types |
//! |---|---|---|
//! | [`cli`] | one file a verb; decides nothing | [`main`](cli::main) |
//! | `serve` | the local application: a server for this machine, the registry of its levers, live runs (feature `serve`) | `Server`, `Settings`, `Lever` |
//! | [`web`] | the report: one document of a result folder and the page that draws it | [`document`](web::document()), [`page`](web::page()) |
//! | [`output`] | CSV, JSON, terminal tables, the result folder | [`ResultFolder`](output::ResultFolder), [`Manifest`](output::Manifest) |
//! | [`lesson`] | guided lessons: what may be set, what has to be reached, what the model says of it | [`Lesson`](lesson::Lesson), [`taught`](lesson::taught) |
//! | [`experiment`] | replications, paired comparisons, their statistics and warnings; textbook queues against exact values | [`Plan`](experiment::Plan), [`replicate`](experiment::replicate()), [`compare`](experiment::compare()) |
//! | [`scenario`] | the model as files say it and as the simulator needs it, with diagnostics | [`load`](scenario::load), [`Scenario`](scenario::model::Scenario) |
//! | [`world`] | the running country: visits, knocks, sessions, incidents, policies | [`run`](world::run()), [`Observer`](world::Observer) |
//! | [`measure`] | counts, waits, series, invariants, the registry of KPIs | [`Outcome`](measure::Outcome), [`kpi`](measure::kpi) |
//! | [`queueing`] | the queues as passive state machines: station, room, orbit, token bucket, link | [`Station`](queueing::Station), [`Room`](queueing::Room), [`Pool`](queueing::Pool) |
//! | [`engine`] | clock, event list, timers, random streams, distributions, fingerprint | [`EventList`](engine::EventList), [`Streams`](engine::Streams), [`Distribution`](engine::Distribution) |
//!
//! The arrow from `queueing` and `measure` to `scenario` is to its [`model`](scenario::model) only: a queue is built
//! from its validated settings.
//!
//! # What to change where
//!
//! Files of `engine`, `queueing`, `measure`, `world` and `scenario/model` are below `kernel/src`, all others below `src`.
//!
//! | to change | go to |
//! |---|---|
//! | how a quota, its seats, limits or order work | `queueing/room.rs`; who asks it and when: `at_gate`, `take_seat`, `free_seat`, `serve_room` in `world/knock.rs` |
//! | what a quota may say in a file | `scenario/raw/quota.rs` (the words), `scenario/check/quota.rs` (their meaning), `scenario/reference/` (their explanation) |
//! | what grows with the size of the country | the dimension of the field in `scenario/check/quantity.rs`, its line in `scenario/reference/size.rs`; the multiplication is in `scenario/check/size.rs` |
//! | the order of the checks at a door | `stopped_before_the_gate` in `world/knock.rs` |
//! | how fast servers work, what a flood takes | `queueing/processor.rs` (the equation), `queueing/station.rs` (virtual time), `queueing/station/attack.rs` (a flood as a fluid), `queueing/station/leap.rs` (as counts) |
//! | retries | `queueing/orbit.rs` (the mathematics), `world/orbit.rs` (who waits where) |
//! | what people do when they give up | `give_up` in `world/visit.rs` |
//! | who comes when | `world/stream.rs` |
//! | sessions, learning time, what happens at their end | `world/session.rs` |
//! | an incident or a policy act | `scenario/raw/incident.rs`, `scenario/raw/policy.rs`, then `world/agenda.rs` |
//! | the order of events of the same instant | `class` in `world/state.rs`, and `docs/events.md` with it |
//! | a KPI | `measure/kpi/registry.rs`; code, CSV and `docs/kpis.md` follow |
//! | what is told of a person | a deed in `world/deed.rs`, told where it happens; its words in `output/story/` |
//! | what the report shows | `web/document.rs` (what is read), `web/page/` (the components), `web/page/words.json` (every label, French and English) |
//! | a lesson | its file in `lessons/`, its line in `lesson/library.rs`; `preau lesson NAME --prove` prints its numbers |
//! | a lesson inside the local application | `serve/school.rs` (runs of it), `serve/lessons.rs` (addresses), `serve/page/lessons.js` and `web/page/lesson.js` (its room) |
//! | a lever of the local application | `serve/lever.rs` (the registry), `serve/offer.rs` (what a model has of it), `serve/settings.rs` (what it changes), its words in `web/page/words.json` |
//! | an option of the command line | the verb's file in `cli/` |
//!
//! A change that moves any number needs a line in `CHANGELOG.md`; one that moves draws needs
//! `PREAU_BLESS=1 cargo test --test golden_draws` too.
//!
//! # What is supported, and what is not
//!
//! Supported: the whole country at full size on one day, person by person; gates and waiting rooms (first come first
//! served by bucket, lottery, priority with ageing, refusal), seats that expire, admission limits, token buckets;
//! limited processor sharing with falling efficiency; retries, patience, time-outs, fallbacks; floods, losses of hosts,
//! outages, slowdowns, surges; levers of quota, smoothing, capacity and defence (`docs/levers.md`); crisis cells as queues of
//! tickets; virtual classes that need a teacher, households that share a device, several days in a row; a referee in which
//! every request is an event; paired comparison with intervals, sweeps, sensitivity, optimisation, attribution and calibration;
//! textbook queues as scenarios; a page for every result; a local application to move the levers in.
//!
//! `docs/limitations.md` says what a number of this program does
//! not mean; `docs/model.md` gives every formula with its source.
//!
//! # Contents
//!
//! - Run something: [`scenario::load`], [`world::run()`], [`experiment::replicate()`].
//! - Ask a question of many runs: [`experiment::study::Study`], [`experiment::sweep`].
//! - Watch a run from inside: [`world::Observer`]; follow one person: [`output::story::Follower`].
//! - Read results: [`measure::Outcome`], [`measure::kpi`], [`experiment::RunRow`], [`experiment::Summary`].
//! - Write results: [`output::files::write`].
//! - Use a queue by itself: [`queueing::Station`], [`queueing::Room`], [`queueing::Pool`], [`queueing::solve`].
//! - Draw reproducibly: [`engine::Streams`], [`engine::Purpose`], [`engine::SortedUniforms`].

pub mod cli;
pub mod experiment;
pub mod lesson;
pub mod output;
pub mod scenario;
#[cfg(feature = "serve")]
pub mod serve;
pub mod web;

#[doc(inline)]
pub use preau_kernel::{engine, measure, queueing, world};

/// Written once, for the tests of both crates.
#[cfg(test)]
#[path = "../kernel/src/measure/made_up.rs"]
pub mod made_up;
