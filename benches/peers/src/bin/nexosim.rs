//! The workloads in nexosim 1.0, on one thread: one model that schedules its own inputs.

use clap::Parser;
use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::{EventSource, QuerySource};
use nexosim::simulation::{Mailbox, SimInit, SimulationError};
use nexosim::time::MonotonicTime;
use preau_peers::agenda::Agenda;
use preau_peers::choice::{Choice, Named};
use preau_peers::mmc::Mmc;
use preau_peers::report;
use preau_peers::storm::Storm;
use preau_peers::workload::{Done, Workload};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;
use std::time::Duration;

/// Runs a workload in nexosim.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    choice: Choice,
}

/// The model. Its state is the workload, which is not saved and restored and so lives in the model's environment.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
struct Player<W>(PhantomData<fn() -> W>);

#[Model(type Env = W)]
impl<W: Workload> Player<W> {
    async fn begin(&mut self, _: (), cx: &Context<Self>, workload: &mut W) {
        workload.begin(&mut Calendar(cx));
    }

    #[nexosim(schedulable)]
    async fn happen(&mut self, event: W::Event, cx: &Context<Self>, workload: &mut W) {
        let now = cx.time().duration_since(MonotonicTime::EPOCH).as_secs_f64();
        workload.happen(now, event, &mut Calendar(cx));
    }

    async fn done(&mut self, _: (), _: &Context<Self>, workload: &mut W) -> Done {
        workload.done()
    }
}

/// The model before it is built.
struct Start<W>(W);

impl<W: Workload> ProtoModel for Start<W> {
    type Model = Player<W>;

    fn build(self, _: &mut BuildContext<Self>) -> (Player<W>, W) {
        (Player(PhantomData), self.0)
    }
}

/// Schedules inputs of the model.
struct Calendar<'a, W: Workload>(&'a Context<Player<W>>);

impl<W: Workload> Agenda<W::Event> for Calendar<'_, W> {
    fn after(&mut self, delay: f64, event: W::Event) {
        // The present instant is refused.
        let delay = Duration::from_secs_f64(delay).max(Duration::from_nanos(1));
        let scheduled = self.0.schedule_event(delay, schedulable!(Player::<W>::happen), event);
        scheduled.expect("a delay leads to later");
    }

    fn at(&mut self, time: f64, event: W::Event) {
        let time = MonotonicTime::EPOCH + Duration::from_secs_f64(time);
        let time = time.max(self.0.time() + Duration::from_nanos(1));
        let scheduled = self.0.schedule_event(time, schedulable!(Player::<W>::happen), event);
        scheduled.expect("a later instant");
    }
}

fn run<W: Workload>(workload: W) -> Result<Done, SimulationError> {
    let mailbox = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    let begin = EventSource::new()
        .connect(Player::<W>::begin, &mailbox)
        .register(&mut bench);
    let done = QuerySource::new()
        .connect(Player::<W>::done, &mailbox)
        .register(&mut bench);
    let bench = bench.add_model(Start(workload), mailbox, "workload");
    let mut simulation = bench.init(MonotonicTime::EPOCH)?;
    simulation.process_event(&begin, ())?;
    simulation.run()?;
    Ok(simulation.process_query(&done, ())?)
}

fn main() -> Result<(), SimulationError> {
    let Choice { workload, size, seed } = Args::parse().choice;
    let (name, done) = match workload {
        Named::W1 => (Mmc::NAME, run(Mmc::new(size, seed))?),
        Named::W2 => (Storm::NAME, run(Storm::new(size, seed))?),
    };
    report::print("nexosim 1.0.0", name, size, report::cpu_seconds(), &done);
    Ok(())
}
