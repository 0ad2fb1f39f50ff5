//! The local application: a server for this machine alone, and the page in which levers are moved.
//!
//! This folder may know the scenario, the experiment, the lessons and the page's components; it simulates through them and
//! draws with them.
//! It reads model files that were named when it was started, and writes only where results are saved, when somebody asks for it.
//! `guard` says who may ask; `lever` is the registry of levers; `settings` reads an address and turns it into a model;
//! `school` does so for an attempt of a guided lesson, and `lessons` answers for them.

mod assets;
mod catalogue;
mod guard;
mod lessons;
mod lever;
mod listen;
mod live;
mod make;
mod offer;
mod routes;
mod runs;
mod school;
mod settings;

pub use catalogue::{Catalogue, Offered};
pub use lever::{Form, KINDS, Kind, Lever, Now, Part};
pub use live::{Books, Phase, Row, Told};
pub use make::{Failure, Finished, make};
pub use offer::Look;
pub use runs::{Runner, Watch};
pub use school::{Opened, Taken};
pub use settings::{LONGEST, MOST_REPLICATIONS, MOST_VISITS, Ready, Settings, Value, Wrong};

use crate::web::Lang;
use guard::Guard;
use routes::{Desk, routes};
use runs::Runs;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the end of runs is waited for when the server ends.
const GRACE: Duration = Duration::from_secs(3);

/// Answers that are worked on at once. Each holds a document of some megabytes in memory for a second or less; further ones wait.
const ASIDE: usize = 16;

/// How a server is started.
pub struct Options {
    /// Its port; 0: a free one.
    pub port: u16,
    /// Runs at once.
    pub runs: usize,
    /// In which language the page opens.
    pub lang: Lang,
    /// Where runs are saved.
    pub out: PathBuf,
    /// Model files to offer beside those of the program.
    pub models: Vec<PathBuf>,
    /// Makes the runs.
    pub runner: Arc<Runner>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            port: 0,
            runs: 2,
            lang: Lang::En,
            out: PathBuf::from(crate::output::folder::DEFAULT_PARENT),
            models: Vec::new(),
            runner: Arc::new(make),
        }
    }
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A model file cannot be offered.
    #[error("{0}")]
    Model(String),
    /// The port is taken, or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; give another --port, or none")]
    Port {
        /// Which.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The system says no.
    #[error("the server cannot run: {0}")]
    System(String),
}

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    desk: Arc<Desk>,
}

impl Server {
    /// Listens on 127.0.0.1, and nowhere else.
    ///
    /// # Errors
    /// When a model is not valid, or the port is taken.
    pub fn bind(options: Options) -> Result<Server, ServeError> {
        let catalogue = Catalogue::new(&options.models).map_err(ServeError::Model)?;
        let port = options.port;
        let listen = || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listen().map_err(|source| ServeError::Port { port, source })?;
        let guard = Guard::new(address.port()).map_err(ServeError::System)?;
        let desk = Arc::new(Desk {
            catalogue,
            school: school::School::default(),
            runs: Arc::new(Runs::new(options.runner, options.runs)),
            guard: Arc::new(guard),
            lang: options.lang,
            out: options.out,
        });
        Ok(Server {
            listener,
            address,
            desk,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Answers until Ctrl-C.
    ///
    /// # Errors
    /// When the system gives no sockets or signals.
    pub fn run(self) -> Result<(), ServeError> {
        self.run_until(async {
            // Without signals it runs until it is killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    /// Answers until something else has happened. Runs under way are then cancelled.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub fn run_until(self, over: impl Future<Output = ()>) -> Result<(), ServeError> {
        let system = |error: io::Error| ServeError::System(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(ASIDE)
            .build()
            .map_err(system)?;
        let runs = self.desk.runs.clone();
        let serve = async {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            let answers = std::pin::pin!(listen::answer(listener, routes(self.desk)));
            let over = std::pin::pin!(over);
            // Open event streams do not hold the end up.
            futures_util::future::select(answers, over).await;
            Ok(())
        };
        let ended = runtime.block_on(serve).map_err(system);
        runs.cancel_all();
        let asked = Instant::now();
        while runs.is_busy() && asked.elapsed() < GRACE {
            std::thread::sleep(Duration::from_millis(20));
        }
        runtime.shutdown_timeout(Duration::from_millis(200));
        ended
    }
}
