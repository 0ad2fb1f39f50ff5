//! The files of the page: those in this list, and no others.

use crate::web::{Lang, MODULES, STYLE, bundle};
use serde_json::json;

/// The components that only the local application has.
const OWN: [(&str, &str); 7] = [
    ("ask.js", include_str!("page/ask.js")),
    ("lesson.js", include_str!("../web/page/lesson.js")),
    ("lessons.js", include_str!("page/lessons.js")),
    ("levers.js", include_str!("page/levers.js")),
    ("live.js", include_str!("page/live.js")),
    ("result.js", include_str!("page/result.js")),
    ("serve.js", include_str!("page/serve.js")),
];
const FRAME: &str = include_str!("page/index.html");
const OWN_STYLE: &str = include_str!("page/serve.css");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// A file by its name: its type and its text.
pub fn asset(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "style.css" => return Some((CSS, STYLE)),
        "serve.css" => return Some((CSS, OWN_STYLE)),
        _ => {}
    }
    let scripts = MODULES.iter().chain(&OWN);
    scripts
        .into_iter()
        .find(|(own, _)| *own == name)
        .map(|(_, text)| (SCRIPT, *text))
}

/// The page itself.
pub fn index(lang: Lang, token: &str, models: serde_json::Value) -> String {
    let data = bundle(Some(lang), json!({ "report": null, "models": models }));
    let parts = [("{lang}", lang.code()), ("{token}", token), ("{data}", data.as_str())];
    let mut text = String::with_capacity(data.len() + FRAME.len());
    let mut rest = FRAME;
    for (hole, part) in parts {
        if let Some((before, after)) = rest.split_once(hole) {
            text.push_str(before);
            text.push_str(part);
            rest = after;
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_page_stands_in_line() {
        let page = index(Lang::En, "secret", json!([]));
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="));
        assert_eq!(page.matches("<script").count(), 2, "the data and one module");
        assert!(page.contains("<script type=\"module\" src=\"/page/serve.js\">"));
        for (file, text) in OWN {
            assert!(!text.contains("style:") && !text.contains("innerHTML"), "{file}");
        }
    }

    #[test]
    fn every_label_of_the_page_is_in_the_table() {
        let words = crate::web::words();
        assert!(crate::web::labels(&OWN) > 30);
        for kind in super::super::lever::KINDS {
            for key in [format!("lever.{}", kind.key), format!("lever.{}.help", kind.key)] {
                assert!(words.contains_key(&key), "{key}");
            }
        }
    }
}
