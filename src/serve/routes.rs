//! What the server answers.

use super::assets::{asset, index};
use super::catalogue::{Catalogue, Offered};
use super::guard::Guard;
use super::live::{Books, COLUMNS, Phase, Told};
use super::make::{against, save};
use super::runs::{BeginError, Run, Runs};
use super::school::School;
use super::settings::{LONGEST, MOST_REPLICATIONS, Ready, Settings, Wrong};
use crate::scenario::model::Scenario;
use crate::web::Lang;
use crate::world::visits_expected;
use axum::Router;
use axum::extract::rejection::StringRejection;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// A run that answers while somebody looks on takes so long, s; a slower machine takes three times as long.
const PATIENCE: f64 = 3.0;
/// Sizes that are proposed, largest first.
const SIZES: [f64; 8] = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005];

/// What all answers stand on.
pub struct Desk {
    /// The models.
    pub catalogue: Catalogue,
    /// The lessons.
    pub school: School,
    /// The runs.
    pub runs: Arc<Runs>,
    /// Names and secret.
    pub guard: Arc<Guard>,
    /// In which language the page opens.
    pub lang: Lang,
    /// Where runs are saved.
    pub out: PathBuf,
}

pub(super) type Here = State<Arc<Desk>>;

/// All addresses.
pub fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(front))
        .route("/page/{name}", get(file))
        .route("/model", get(model))
        .route("/model.ron", get(model_ron))
        .route("/runs", post(begin))
        .route("/runs/{id}/events", get(events))
        .route("/runs/{id}/result", get(result))
        .route("/runs/{id}/compare/{before}", get(compared))
        .route("/runs/{id}/cancel", post(cancel))
        .route("/runs/{id}/save", post(keep))
        .merge(super::lessons::routes())
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(axum::middleware::from_fn_with_state(
            desk.guard.clone(),
            super::guard::guard,
        ))
        .with_state(desk)
}

pub(super) fn said(status: StatusCode, object: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], object.to_string()).into_response()
}

pub(super) fn well(object: &Value) -> Response {
    said(StatusCode::OK, object)
}

pub(super) fn wrong(status: StatusCode, problems: &[String]) -> Response {
    said(status, &json!({ "problems": problems }))
}

pub(super) fn unknown() -> Response {
    let words = "there is no such run: a server keeps the last few, and forgets them when it ends";
    wrong(StatusCode::NOT_FOUND, &[words.to_owned()])
}

/// Does what takes a while on another thread, so that the server goes on answering.
pub(super) async fn aside(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        let words = "this answer failed; it is a defect of the program".to_owned();
        wrong(StatusCode::INTERNAL_SERVER_ERROR, &[words])
    })
}

async fn front(State(desk): Here) -> Response {
    let text = index(desk.lang, desk.guard.token(), desk.catalogue.json());
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

async fn file(Path(name): Path<String>) -> Response {
    match asset(&name) {
        Some((kind, text)) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such file").into_response(),
    }
}

/// A model with its levers, and what settings come to.
async fn model(State(desk): Here, RawQuery(query): RawQuery) -> Response {
    aside(move || match described(&desk, &query.unwrap_or_default()) {
        Ok(object) => well(&object),
        Err(Wrong(problems)) => wrong(StatusCode::UNPROCESSABLE_ENTITY, &problems),
    })
    .await
}

fn described(desk: &Desk, query: &str) -> Result<Value, Wrong> {
    let (settings, offered) = Settings::parse(query, &desk.catalogue)?;
    let plain = offered.plain();
    let people: u64 = plain.cohorts.iter().map(|cohort| u64::from(cohort.people)).sum();
    let ready = settings.ready(&offered)?;
    let visits = |ready: &Ready| visits_expected(&ready.scenario) * ready.settings.replications as f64;
    let whole = visits_expected(plain) / plain.size.factor;
    let sizes = SIZES.map(|size| json!([size, desk.runs.seconds(whole * size)]));
    let suggested = SIZES
        .into_iter()
        .find(|size| desk.runs.seconds(whole * size) <= PATIENCE);
    let mut object = about(plain);
    let more = json!({
        "settings": ready.settings.query(),
        "model": ready.settings.model,
        "people": people as f64 / plain.size.factor,
        "levers": offered.levers.iter().map(super::lever::Lever::json).collect::<Vec<_>>(),
        "seconds": desk.runs.seconds(visits(&ready)),
        "sizes": sizes,
        "suggested": suggested.unwrap_or(SIZES[SIZES.len() - 1]),
        "most_replications": MOST_REPLICATIONS,
        "command": ready.command("model.ron"),
        "changes": ready.change.sets,
    });
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    Ok(object)
}

/// What the page needs to know of a model to draw a run while it simulates.
pub(super) fn about(scenario: &Scenario) -> Value {
    json!({
        "title": scenario.title,
        "regions": scenario.regions.len(),
        "services": scenario.services.iter().map(|s| json!({ "key": s.key, "name": s.name })).collect::<Vec<_>>(),
        "columns": COLUMNS,
        "bin": scenario.clock.bin.as_secs(),
        "clock": crate::web::clock(&scenario.clock),
    })
}

fn asked(desk: &Desk, query: &str) -> Result<Ready, Wrong> {
    let (settings, offered): (Settings, Arc<Offered>) = Settings::parse(query, &desk.catalogue)?;
    settings.ready(&offered)
}

/// The model of settings as a file.
async fn model_ron(State(desk): Here, RawQuery(query): RawQuery) -> Response {
    aside(move || match asked(&desk, &query.unwrap_or_default()) {
        Ok(ready) => ron(&ready),
        Err(Wrong(problems)) => wrong(StatusCode::UNPROCESSABLE_ENTITY, &problems),
    })
    .await
}

/// A model as a file.
pub(super) fn ron(ready: &Ready) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"model.ron\""),
    ];
    (headers, ready.ron()).into_response()
}

/// The settings in a body.
pub(super) type Body = Result<String, StringRejection>;

/// Why a body is no settings.
pub(super) fn no_settings(rejection: &StringRejection) -> Response {
    let status = rejection.status();
    let why = match status {
        StatusCode::PAYLOAD_TOO_LARGE => format!("the settings are too long; {LONGEST} bytes are allowed"),
        _ => "the settings are no UTF-8 text; they are `model=2021-04-06&size=0.02`, as in the address of the page"
            .to_owned(),
    };
    wrong(status, &[why])
}

/// Begins a run of the settings in the body.
async fn begin(State(desk): Here, body: Body) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return no_settings(&rejection),
    };
    aside(move || match asked(&desk, &body) {
        Ok(ready) => started(&desk, ready),
        Err(Wrong(problems)) => wrong(StatusCode::UNPROCESSABLE_ENTITY, &problems),
    })
    .await
}

/// Begins a run, if there is room.
pub(super) fn started(desk: &Desk, ready: Ready) -> Response {
    match desk.runs.begin(ready) {
        Ok(run) => said(StatusCode::CREATED, &json!({ "id": run.id, "settings": run.query })),
        Err(error @ BeginError::Busy(_)) => wrong(StatusCode::TOO_MANY_REQUESTS, &[error.to_string()]),
        Err(error) => wrong(StatusCode::INTERNAL_SERVER_ERROR, &[error.to_string()]),
    }
}

/// What is told of a run, as server-sent events until it ends.
async fn events(State(desk): Here, Path(id): Path<String>) -> Response {
    let Some(run) = desk.runs.get(&id) else {
        return unknown();
    };
    Sse::new(words_of(run.told()))
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn words_of(told: watch::Receiver<Told>) -> impl Stream<Item = Result<Event, Infallible>> {
    // The first word at once, then one at every change.
    let begin = (told, Books::new(), true, false);
    stream::unfold(begin, |(mut told, mut known, first, over)| async move {
        if over || (!first && told.changed().await.is_err()) {
            return None;
        }
        let now = told.borrow_and_update().clone();
        let event = Event::default().event("told").data(now.json(&mut known).to_string());
        Some((Ok(event), (told, known, false, now.phase != Phase::Running)))
    })
}

async fn result(State(desk): Here, Path(id): Path<String>) -> Response {
    let Some(run) = desk.runs.get(&id) else {
        return unknown();
    };
    aside(move || match run.finished() {
        Some(finished) => well(&finished.document),
        None => not_finished(),
    })
    .await
}

pub(super) fn not_finished() -> Response {
    wrong(StatusCode::CONFLICT, &["the run has no result (yet)".to_owned()])
}

async fn compared(State(desk): Here, Path((id, before)): Path<(String, String)>) -> Response {
    let (Some(now), Some(before)) = (desk.runs.get(&id), desk.runs.get(&before)) else {
        return unknown();
    };
    aside(move || {
        let (Some(before), Some(now)) = (before.finished(), now.finished()) else {
            return not_finished();
        };
        match against(&before, &now) {
            Ok(document) => well(&document),
            Err(why) => said(StatusCode::CONFLICT, &json!({ "problems": [why], "why": why })),
        }
    })
    .await
}

async fn cancel(State(desk): Here, Path(id): Path<String>) -> Response {
    let Some(run) = desk.runs.get(&id) else {
        return unknown();
    };
    run.cancel();
    well(&json!({ "cancelled": true }))
}

/// Writes a result into the folder of results, because somebody asked for it.
async fn keep(State(desk): Here, Path(id): Path<String>) -> Response {
    let Some(run): Option<Arc<Run>> = desk.runs.get(&id) else {
        return unknown();
    };
    aside(move || {
        let Some(finished) = run.finished() else {
            return not_finished();
        };
        match save(&finished, &desk.out, desk.lang) {
            Ok(place) => well(&json!({ "place": place.display().to_string() })),
            Err(problem) => wrong(StatusCode::INTERNAL_SERVER_ERROR, &[problem]),
        }
    })
    .await
}
