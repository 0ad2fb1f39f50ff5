//! What the server answers about lessons.

use super::make::Finished;
use super::routes::{
    Body, Desk, Here, about, aside, no_settings, not_finished, ron, said, started, unknown, well, wrong,
};
use super::school::{Opened, StartError, Taken, answer_of, lang_of};
use crate::lesson::catalogue;
use crate::web::Lang;
use crate::world::visits_expected;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;
use std::sync::Arc;

/// Their addresses.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/lessons", get(all))
        .route("/lessons/{name}", get(one))
        .route("/lessons/{name}/model.ron", get(model_ron))
        .route("/lessons/{name}/runs", post(begin))
        .route("/runs/{id}/judged", get(judged))
}

fn lang(desk: &Desk, query: &str) -> Lang {
    lang_of(query).unwrap_or(desk.lang)
}

fn unprocessable(problems: &[String]) -> Response {
    wrong(StatusCode::UNPROCESSABLE_ENTITY, problems)
}

/// Answers about a lesson on another thread; of a name that no lesson has, that there is none.
async fn of(
    desk: Arc<Desk>,
    name: String,
    answer: impl FnOnce(&Desk, &Arc<Opened>) -> Response + Send + 'static,
) -> Response {
    aside(move || match desk.school.opened(&name) {
        Ok(opened) => answer(&desk, &opened),
        Err(problem) => wrong(StatusCode::NOT_FOUND, &[problem]),
    })
    .await
}

/// The list.
async fn all(State(desk): Here, RawQuery(query): RawQuery) -> Response {
    let lang = lang(&desk, &query.unwrap_or_default());
    aside(move || well(&catalogue(lang))).await
}

/// Everything that is shown of a lesson, and what the page needs to draw its runs.
async fn one(State(desk): Here, Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    of(desk, name, move |desk, opened| {
        let lesson = &opened.lesson;
        let scenario = lesson.base().plain();
        let mut object = lesson.page(lang(desk, &query.unwrap_or_default()));
        object["about"] = about(scenario);
        object["about"]["seconds"] = json!(
            desk.runs
                .seconds(visits_expected(scenario) * lesson.replications as f64)
        );
        well(&object)
    })
    .await
}

/// The model of what a student set, as a file.
async fn model_ron(State(desk): Here, Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    of(desk, name, move |desk, opened| {
        let query = query.unwrap_or_default();
        match opened.ready(&query, lang(desk, &query)) {
            Ok(ready) => ron(&ready),
            Err(problems) => unprocessable(&problems),
        }
    })
    .await
}

/// Begins a run of what a student set.
async fn begin(State(desk): Here, Path(name): Path<String>, body: Body) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return no_settings(&rejection),
    };
    of(desk, name, move |desk, opened| {
        match opened.ready(&body, lang(desk, &body)) {
            Ok(ready) => started(desk, ready),
            Err(problems) => unprocessable(&problems),
        }
    })
    .await
}

/// Which goals a run of a lesson reached.
async fn judged(State(desk): Here, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some(run) = desk.runs.get(&id) else {
        return unknown();
    };
    aside(move || {
        let query = query.unwrap_or_default();
        let Some(finished) = run.finished() else {
            return not_finished();
        };
        match &finished.ready.lesson {
            Some(taken) => judgement(&desk, &finished, taken, &query),
            None => wrong(
                StatusCode::NOT_FOUND,
                &["this run is of no lesson: it has no goals".to_owned()],
            ),
        }
    })
    .await
}

fn judgement(desk: &Desk, finished: &Finished, taken: &Taken, query: &str) -> Response {
    let (opened, attempt) = (&taken.opened, &taken.attempt);
    let rows = &finished.runs.rows[0];
    opened.keep(attempt, rows);
    // Of a lesson that asks nothing an answer is passed over.
    let question = opened.lesson.question.as_ref();
    let answer = question.and_then(|question| Some((question, answer_of(query)?)));
    let Some((question, answer)) = answer else {
        return well(&opened.lesson.judge(attempt, rows, None, None).json(lang(desk, query)));
    };
    if !question.answers.iter().any(|known| known.key == answer) {
        let known: Vec<&str> = question.answers.iter().map(|known| known.key.as_str()).collect();
        return unprocessable(&[format!("answer={answer}: expected one of {}", known.join(", "))]);
    }
    match opened.start(&desk.runs) {
        Ok(start) => {
            let judgement = opened.lesson.judge(attempt, rows, Some(&start), Some(&answer));
            well(&judgement.json(lang(desk, query)))
        }
        Err(error @ StartError::Busy(_)) => wrong(StatusCode::TOO_MANY_REQUESTS, &[error.to_string()]),
        Err(error) => said(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({ "problems": [error.to_string()] }),
        ),
    }
}
