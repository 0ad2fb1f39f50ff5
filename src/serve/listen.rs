//! Connections: each answered on its own, none kept for a client that says nothing.
//!
//! Whoever is slow to say what is wanted holds a socket and nothing else, and that for [`PATIENCE`] only; of sockets there are
//! [`MOST`], so that no crowd of clients takes all files that this program may open.

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How long the head of a request may take to come, from the end of the answer before.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections at once. A page has six; further ones wait to be accepted.
const MOST: usize = 256;
/// What is waited after the system gave no socket, as for want of files.
const PAUSE: Duration = Duration::from_millis(200);

/// Answers all connections, for ever.
pub async fn answer(listener: TcpListener, routes: Router) {
    let places = Arc::new(Semaphore::new(MOST));
    // It is never closed.
    while let Ok(place) = places.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let routes = routes.clone();
                tokio::spawn(async move {
                    converse(stream, routes).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// One connection. What breaks it is the client's affair.
async fn converse(stream: TcpStream, routes: Router) {
    let mut server = Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let service = TowerToHyperService::new(routes);
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}
