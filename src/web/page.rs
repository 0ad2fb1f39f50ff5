//! One HTML file of the document and the components.

use super::lang::{Lang, table};
use serde_json::{Value, json};

/// A component: its file in `page/` and its text, in the order in which they need each other.
pub const MODULES: &[(&str, &str)] = &[
    ("lang.js", include_str!("page/lang.js")),
    ("data.js", include_str!("page/data.js")),
    ("svg.js", include_str!("page/svg.js")),
    ("figure.js", include_str!("page/figure.js")),
    ("verdict.js", include_str!("page/verdict.js")),
    ("lanes.js", include_str!("page/lanes.js")),
    ("timeline.js", include_str!("page/timeline.js")),
    ("waits.js", include_str!("page/waits.js")),
    ("map.js", include_str!("page/map.js")),
    ("tables.js", include_str!("page/tables.js")),
    ("compare.js", include_str!("page/compare.js")),
    ("facts.js", include_str!("page/facts.js")),
    ("causes.js", include_str!("page/causes.js")),
    ("story.js", include_str!("page/story.js")),
    ("study.js", include_str!("page/study.js")),
    ("effects.js", include_str!("page/effects.js")),
    ("heatmap.js", include_str!("page/heatmap.js")),
    ("parallel.js", include_str!("page/parallel.js")),
    ("sensitivity.js", include_str!("page/sensitivity.js")),
    ("box.js", include_str!("page/box.js")),
    ("sweep.js", include_str!("page/sweep.js")),
    ("optimum.js", include_str!("page/optimum.js")),
    ("calibration.js", include_str!("page/calibration.js")),
    ("limits.js", include_str!("page/limits.js")),
    ("app.js", include_str!("page/app.js")),
];
const FRAME: &str = include_str!("page/index.html");
/// The style of the page.
pub const STYLE: &str = include_str!("page/style.css");
/// Outlines of regions; attribution in `page/map.md`.
const MAP: &str = include_str!("page/map.json");
/// Which source named which region as disrupted.
const PRESS: &str = include_str!("page/press.json");

/// The data block of a page: words, map and press, and what is given, as JSON that cannot end its element.
/// Without a language the reader's browser chooses.
pub fn bundle(lang: Option<Lang>, more: Value) -> String {
    let static_value = |text| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut data = json!({
        "lang": lang.map(Lang::code),
        "words": table(),
        "map": static_value(MAP),
        "press": static_value(PRESS),
    });
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    harmless(&data)
}

/// The page of a document, in a language to begin with; without one the reader's browser chooses.
pub fn page(document: &Value, lang: impl Into<Option<Lang>>) -> String {
    let lang: Option<Lang> = lang.into();
    let title = document["made"]["title"].as_str().unwrap_or("Préau");
    let parts = [
        ("{lang}", lang.unwrap_or(Lang::En).code().to_owned()),
        ("{title}", escaped(title)),
        ("{style}", STYLE.to_owned()),
        ("{data}", bundle(lang, json!({ "report": document }))),
        ("{script}", script()),
    ];
    // Piece by piece, so that nothing within a part is taken for a hole.
    let mut text = String::with_capacity(4 << 20);
    let mut rest = FRAME;
    for (hole, part) in &parts {
        if let Some((before, after)) = rest.split_once(hole) {
            text.push_str(before);
            text.push_str(part);
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

/// JSON that cannot end the element it stands in, whatever names it holds.
fn harmless(value: &Value) -> String {
    let text = value.to_string();
    text.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The components as one module: their imports are of each other, so they fall away.
fn script() -> String {
    // Within a function, so that no name of theirs meets one of the browser.
    let mut text = String::from("\"use strict\";\n(() => {\n");
    for (_, module) in MODULES {
        for line in module.lines().filter(|l| !l.starts_with("import ")) {
            text.push_str(line.strip_prefix("export ").unwrap_or(line));
            text.push('\n');
        }
    }
    text.push_str("})();");
    text
}

/// Labels that modules of a page use; each has to be in the table of words.
#[cfg(test)]
pub(crate) fn labels(modules: &[(&str, &str)]) -> usize {
    let words = super::words();
    let mut used = 0;
    for (file, text) in modules {
        for (at, _) in text.match_indices("t(\"") {
            // `split(" ")` is no label.
            if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.') {
                continue;
            }
            let key = text[at + 3..].split('"').next().unwrap_or_default();
            // The beginning of a family: the rest is known at run time only.
            let there = if key.ends_with(['.', '_']) {
                words.keys().any(|word| word.starts_with(key))
            } else {
                words.contains_key(key)
            };
            assert!(there, "{file} says t(\"{key}\")");
            used += 1;
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_name_can_end_the_script() {
        let document = json!({ "made": { "title": "</title></script><script>alert(1)</script> & \u{2028}" } });
        let page = page(&document, Lang::En);
        assert!(!page.contains("<script>alert"));
        assert!(page.contains("&lt;/title&gt;"));
        assert!(page.contains("\\u003c/script>\\u003cscript>alert(1)"));
        assert_eq!(
            page.matches("</script>").count(),
            2,
            "one for the data, one for the components"
        );
    }

    #[test]
    fn the_page_asks_no_network_for_anything() {
        let page = page(&json!({ "made": { "title": "x" } }), Lang::Fr);
        assert!(page.contains("default-src 'none'"));
        for asks in [
            "<link",
            "<img",
            "<iframe",
            "@import",
            "url(",
            "fetch(",
            "XMLHttpRequest",
            "import(",
            "src=",
            "WebSocket",
            "sendBeacon",
        ] {
            assert!(!page.contains(asks), "{asks}");
        }
        let allowed = [
            "http://www.w3.org/",
            "https://creativecommons.org/licenses/by/4.0/",
            "https://mapsvg.com/maps/france-departments",
        ];
        let rest = allowed.iter().fold(page, |page, url| page.replace(url, ""));
        assert!(!rest.contains("http://") && !rest.contains("https://"));
    }

    #[test]
    fn names_of_components_do_not_meet() {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (file, text) in MODULES {
            for line in text.lines() {
                let line = line.strip_prefix("export ").unwrap_or(line);
                let Some((kind, rest)) = line.split_once(' ') else {
                    continue;
                };
                if !["function", "const", "let", "class"].contains(&kind) {
                    continue;
                }
                let name = rest
                    .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
                    .next()
                    .unwrap_or("");
                if let (false, Some(before)) = (name.is_empty(), seen.insert(name, file)) {
                    panic!("{name} is in {before} and in {file}");
                }
            }
        }
    }

    #[test]
    fn components_import_only_what_stands_before_them() {
        for (i, (file, text)) in MODULES.iter().enumerate() {
            for line in text.lines().filter(|l| l.starts_with("import ")) {
                let from = line
                    .split("\"./")
                    .nth(1)
                    .and_then(|l| l.split('"').next())
                    .unwrap_or_default();
                assert!(
                    MODULES[..i].iter().any(|(name, _)| *name == from),
                    "{file} imports {from}"
                );
                assert!(line.ends_with(';'), "{file}: an import is one line");
            }
        }
    }

    #[test]
    fn every_label_that_is_used_is_in_the_table() {
        assert!(labels(MODULES) > 60);
    }
}
