//! A server of the local application over a real socket, and a client that sends what it is told.
#![allow(dead_code)]

use preau::serve::{Failure, Finished, Options, Ready, Server, Watch};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// A run that is over at once.
pub const QUICK: &str = "model=theory/mm1";

/// A server that answers until the test ends.
pub struct Served {
    pub address: SocketAddr,
    pub token: String,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

pub fn served(options: Options) -> Served {
    let server = Server::bind(options).unwrap();
    let address = server.address();
    std::thread::spawn(move || server.run_until(std::future::pending()));
    let mut served = Served {
        address,
        token: String::new(),
    };
    let page = served.get("/").body;
    let token = page.split("name=\"preau-token\" content=\"").nth(1).unwrap();
    served.token = token.split('"').next().unwrap().to_owned();
    served
}

pub fn with_runner(runner: impl Fn(&Ready, &Watch) -> Result<Finished, Failure> + Send + Sync + 'static) -> Options {
    Options {
        runner: Arc::new(runner),
        ..Options::default()
    }
}

impl Served {
    /// Sends bytes as they are; reads until the server closes.
    pub fn raw(&self, text: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that has refused may close before it has read everything.
        let _ = stream.write_all(text.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let head = head.to_lowercase();
        let body = if head.contains("transfer-encoding: chunked") {
            unchunked(body)
        } else {
            body.to_owned()
        };
        Answer { status, head, body }
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.get_as(path, &self.host())
    }

    pub fn get_as(&self, path: &str, host: &str) -> Answer {
        self.raw(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ))
    }

    pub fn post_with(&self, path: &str, body: &str, headers: &str) -> Answer {
        let (host, length) = (self.host(), body.len());
        self.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        ))
    }

    /// As a page of the server does.
    pub fn post(&self, path: &str, body: &str) -> Answer {
        let headers = format!("Origin: http://{}\r\nX-Preau-Token: {}\r\n", self.host(), self.token);
        self.post_with(path, body, &headers)
    }

    pub fn begin(&self, settings: &str) -> String {
        let answer = self.post("/runs", settings);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// What is told of a run until it ends.
    pub fn told(&self, id: &str) -> Vec<Value> {
        let answer = self.get(&format!("/runs/{id}/events"));
        assert!(
            answer.head.contains("content-type: text/event-stream"),
            "{}",
            answer.head
        );
        let data = answer.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap()).collect()
    }

    pub fn end_of(&self, id: &str) -> Value {
        self.told(id).pop().unwrap()
    }
}

fn unchunked(mut body: &str) -> String {
    let mut out = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || rest.len() < size {
            break;
        }
        out.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    out
}
