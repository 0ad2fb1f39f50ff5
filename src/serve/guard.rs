//! Who may ask: only a page of this server, opened under this server's own name.
//!
//! The server listens to this machine alone. That does not keep out pages of other sites in the same browser: they can send
//! requests here, and a name of theirs can be made to lead here (DNS rebinding). So every request must name this server as its
//! host; a request that changes anything must come from a page of this origin and carry the secret that only such a page can
//! read.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The header in which a page sends the secret.
pub const TOKEN: &str = "x-preau-token";

/// Scripts, styles and requests of this origin only; pictures that the page draws itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Sent with every answer.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The names of this server and its secret.
pub struct Guard {
    hosts: [String; 2],
    token: String,
}

impl Guard {
    /// For a server at a port, with a new secret.
    ///
    /// # Errors
    /// When the system gives no random number.
    pub fn new(port: u16) -> Result<Guard, String> {
        Ok(Guard {
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            token: secret()?,
        })
    }

    /// The secret of this start.
    pub fn token(&self) -> &str {
        &self.token
    }

    fn is_own(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }

    /// Why a request is turned away.
    fn refuses(&self, request: &Request) -> Option<(StatusCode, &'static str)> {
        let headers = request.headers();
        let named = [
            one(headers, header::HOST),
            request.uri().authority().map(|authority| authority.as_str()),
        ];
        let mut named = named.into_iter().flatten().peekable();
        if named.peek().is_none() || !named.all(|host| self.is_own(host)) {
            return Some((
                StatusCode::MISDIRECTED_REQUEST,
                "this server answers under its own address only",
            ));
        }
        if [Method::GET, Method::HEAD].contains(request.method()) {
            // A link of another site may open the page; it may not make the server work.
            let from = one(headers, HeaderName::from_static("sec-fetch-site")).unwrap_or("none");
            let fine = ["none", "same-origin"].contains(&from) || request.uri().path() == "/";
            return (!fine).then_some((StatusCode::FORBIDDEN, "only a page of this server may ask for this"));
        }
        let origin = one(headers, header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
        if !origin.is_some_and(|host| self.is_own(host)) {
            return Some((StatusCode::FORBIDDEN, "only a page of this server may ask for this"));
        }
        let sent = one(headers, HeaderName::from_static(TOKEN)).unwrap_or_default();
        if !same(sent, &self.token) {
            return Some((
                StatusCode::FORBIDDEN,
                "the page is of an earlier start of the server: load it again",
            ));
        }
        None
    }
}

/// The value of a header that is there exactly once.
fn one(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether two texts are the same, in a time that does not say where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// 128 random bits as text.
///
/// # Errors
/// When the system gives none.
pub fn secret() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random number: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Lets through what may ask, and adds the headers to every answer.
pub async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response<Body> {
    let mut response = match guard.refuses(&request) {
        Some((status, why)) => (status, why).into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
