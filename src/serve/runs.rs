//! Runs: begun, watched, cancelled, kept for a while. A run that panics is a failed run, not the end of the server.

use super::live::{Books, Phase, Told};
use super::make::{Failure, Finished};
use super::settings::Ready;
use crate::engine::Time;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Finished runs that are kept: the oldest goes first.
const KEPT: usize = 8;
/// Seconds a visit takes until a run of this server has said better: the day of 6 April at size 0.05 (2.2 million visits)
/// took 1.8 s on a machine of two cores.
const PER_VISIT: f64 = 8e-7;
/// Seconds that any run takes: a tenth to begin, the rest to make the document.
const OVERHEAD: f64 = 0.3;
const BEGINNING: f64 = 0.1;
/// Runs of fewer visits say little about the pace of large ones.
const TELLING: f64 = 3e5;
/// A run at which nobody has looked for so long makes room for another: its page is gone.
const FORGOTTEN: Duration = Duration::from_secs(5);
/// Least time between two words on how far a run is.
const EVERY: Duration = Duration::from_millis(100);

/// Makes the replications of a run. A server is given one, so that a test can give another.
pub type Runner = dyn Fn(&Ready, &Watch) -> Result<Finished, Failure> + Send + Sync;

/// Through which a run is told of and halted.
pub struct Watch {
    halt: AtomicBool,
    began: Instant,
    estimate: f64,
    tell: watch::Sender<Told>,
    told: Mutex<Instant>,
    looked: Mutex<Instant>,
}

impl Watch {
    fn new(ready: &Ready, estimate: f64) -> Watch {
        let told = Told {
            phase: Phase::Running,
            simulated: 0.0,
            end: ready.scenario.clock.end.as_secs(),
            wall: 0.0,
            left: estimate,
            done: 0,
            replications: ready.settings.replications,
            books: Arc::default(),
        };
        let now = Instant::now();
        Watch {
            halt: AtomicBool::new(false),
            began: now,
            estimate,
            tell: watch::Sender::new(told),
            told: Mutex::new(now),
            looked: Mutex::new(now),
        }
    }

    /// Set to halt the run.
    pub fn halt(&self) -> &AtomicBool {
        &self.halt
    }

    /// The first replication has come so far; answers whether to stop.
    pub fn at(&self, now: Time) -> bool {
        let mut told = lock(&self.told);
        if told.elapsed() >= EVERY {
            *told = Instant::now();
            // Whoever goes away now looked until now.
            self.is_forgotten();
            self.tell.send_modify(|all| {
                all.simulated = now.as_secs();
                self.look_ahead(all);
            });
        }
        self.halt.load(Ordering::Relaxed)
    }

    /// The books of the first replication.
    pub fn books(&self, books: Books) {
        self.tell.send_modify(|all| all.books = Arc::new(books));
    }

    /// So many replications are done.
    pub fn done(&self, done: u64) {
        self.tell.send_modify(|all| {
            all.done = done;
            self.look_ahead(all);
        });
    }

    /// Somebody looks.
    fn look(&self) {
        *lock(&self.looked) = Instant::now();
    }

    /// Whether nobody looks, and nobody has for a while.
    fn is_forgotten(&self) -> bool {
        if self.tell.receiver_count() > 0 {
            self.look();
        }
        lock(&self.looked).elapsed() >= FORGOTTEN
    }

    fn end(&self, phase: Phase) {
        self.tell.send_modify(|all| {
            all.wall = self.began.elapsed().as_secs_f64();
            all.left = 0.0;
            all.phase = phase;
        });
    }

    /// How long it will still take: at first what was estimated, more and more what was seen.
    fn look_ahead(&self, all: &mut Told) {
        all.wall = self.began.elapsed().as_secs_f64();
        let first = if all.done == 0 { all.simulated / all.end } else { 0.0 };
        let share = ((all.done as f64 + first) / all.replications as f64).clamp(0.0, 1.0);
        all.left = (1.0 - share) * ((1.0 - share) * self.estimate + all.wall);
    }
}

/// A run.
pub struct Run {
    /// Its name in addresses: nobody can guess it.
    pub id: String,
    /// What was asked, as a query.
    pub query: String,
    watch: Watch,
    finished: Mutex<Option<Arc<Finished>>>,
}

impl Run {
    /// What is told of it, now and from now on.
    pub fn told(&self) -> watch::Receiver<Told> {
        self.watch.tell.subscribe()
    }

    /// Its result, once it is there.
    pub fn finished(&self) -> Option<Arc<Finished>> {
        lock(&self.finished).clone()
    }

    /// Stops it soon.
    pub fn cancel(&self) {
        self.watch.halt.store(true, Ordering::Relaxed);
    }

    fn is_running(&self) -> bool {
        self.watch.tell.borrow().phase == Phase::Running
    }

    /// Whether it runs on without having been told to stop.
    fn goes_on(&self) -> bool {
        self.is_running() && !self.watch.halt.load(Ordering::Relaxed)
    }

    /// Makes the run on this thread.
    fn make(&self, ready: &Ready, runner: &Runner) {
        // Nothing of a run outlives it but what it gives back, so nothing half-changed is seen after a panic.
        let ended = catch_unwind(AssertUnwindSafe(|| runner(ready, &self.watch)));
        let phase = match ended {
            Ok(Ok(finished)) => {
                *lock(&self.finished) = Some(Arc::new(finished));
                Phase::Done
            }
            Ok(Err(Failure::Stopped)) => Phase::Cancelled,
            Ok(Err(Failure::Failed(problem))) => Phase::Failed(problem),
            Err(payload) => Phase::Failed(format!(
                "the run panicked ({}); this is a defect of the simulator: please report the settings",
                words(payload.as_ref())
            )),
        };
        self.watch.end(phase);
    }
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// As many run as may.
    #[error("{0} runs are under way, as many as may be at once: cancel one or wait until one ends")]
    Busy(usize),
    /// The system gives no thread, or no random number.
    #[error("the run cannot be started: {0}")]
    System(String),
}

/// All runs of a server.
pub struct Runs {
    runner: Arc<Runner>,
    most: usize,
    all: Mutex<Vec<Arc<Run>>>,
    per_visit: Mutex<f64>,
    /// Places that are taken by what is no run of the list.
    taken: AtomicUsize,
    ending: AtomicBool,
}

impl Runs {
    /// None yet; at most so many at once.
    pub fn new(runner: Arc<Runner>, most: usize) -> Runs {
        Runs {
            runner,
            most,
            all: Mutex::default(),
            per_visit: Mutex::new(PER_VISIT),
            taken: AtomicUsize::new(0),
            ending: AtomicBool::new(false),
        }
    }

    /// Begins one.
    ///
    /// # Errors
    /// When too many run.
    pub fn begin(self: &Arc<Runs>, ready: Ready) -> Result<Arc<Run>, BeginError> {
        let mut all = lock(&self.all);
        self.make_room(&all)?;
        let visits = crate::world::visits_expected(&ready.scenario) * ready.settings.replications as f64;
        let run = Arc::new(Run {
            id: super::guard::secret().map_err(BeginError::System)?,
            query: ready.query(),
            watch: Watch::new(&ready, self.seconds(visits)),
            finished: Mutex::default(),
        });
        let (own, runs) = (run.clone(), self.clone());
        let work = move || {
            own.make(&ready, &*runs.runner);
            if let Some(finished) = own.finished().filter(|_| visits >= TELLING) {
                let took = finished.runs.elapsed.as_secs_f64() - BEGINNING;
                *lock(&runs.per_visit) = (took / visits).max(PER_VISIT / 10.0);
            }
        };
        let thread = std::thread::Builder::new().name("preau-run".to_owned());
        thread
            .spawn(work)
            .map_err(|error| BeginError::System(error.to_string()))?;
        while all.len() >= KEPT
            && let Some(oldest) = all.iter().position(|run| !run.is_running())
        {
            all.remove(oldest);
        }
        all.push(run.clone());
        Ok(run)
    }

    /// As [`Runs::room`]; where there is none, the oldest run at which nobody looks any more is told to stop, and its place is
    /// given away at once: it ends within an instant.
    fn make_room(&self, all: &[Arc<Run>]) -> Result<(), BeginError> {
        let full = match self.room(all) {
            Ok(()) => return Ok(()),
            Err(full) => full,
        };
        let forgotten = all.iter().find(|run| run.goes_on() && run.watch.is_forgotten());
        forgotten.map(|run| run.cancel()).ok_or(full)
    }

    /// Whether one more may run.
    fn room(&self, all: &[Arc<Run>]) -> Result<(), BeginError> {
        let running = all.iter().filter(|run| run.is_running()).count() + self.taken.load(Ordering::SeqCst);
        if running >= self.most {
            return Err(BeginError::Busy(running));
        }
        Ok(())
    }

    /// A place among the runs, for work that takes as long as one; it is given back when it is dropped.
    ///
    /// # Errors
    /// When too many run.
    pub fn place(self: &Arc<Runs>) -> Result<Place, BeginError> {
        let all = lock(&self.all);
        self.make_room(&all)?;
        self.taken.fetch_add(1, Ordering::SeqCst);
        Ok(Place { runs: self.clone() })
    }

    /// The run of a name.
    pub fn get(&self, id: &str) -> Option<Arc<Run>> {
        let run = lock(&self.all).iter().find(|run| run.id == id).cloned()?;
        run.watch.look();
        Some(run)
    }

    /// Stops all of them soon.
    pub fn cancel_all(&self) {
        self.ending.store(true, Ordering::Relaxed);
        for run in lock(&self.all).iter() {
            run.cancel();
        }
    }

    /// Whether one is under way.
    pub fn is_busy(&self) -> bool {
        self.taken.load(Ordering::SeqCst) > 0 || lock(&self.all).iter().any(|run| run.is_running())
    }

    /// About how long a run of so many visits takes, s: at the pace of the last one.
    pub fn seconds(&self, visits: f64) -> f64 {
        OVERHEAD + visits * *lock(&self.per_visit)
    }
}

/// A place among the runs.
pub struct Place {
    runs: Arc<Runs>,
}

impl Place {
    /// Set when the server ends.
    pub fn ending(&self) -> &AtomicBool {
        &self.runs.ending
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.runs.taken.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A panic leaves nothing half-done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".to_owned())
}
