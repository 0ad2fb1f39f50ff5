//! `preau lesson`: guided lessons, their goals checked by the simulation.

use super::given::invalid;
use super::{Ended, FAILED, INVALID, Stop, USAGE, say, say_parts};
use crate::experiment::RunRow;
use crate::lesson::{Attempt, Judgement, Kind, Lesson, Refusal, Text, catalogue, taught};
use crate::output::table;
use crate::scenario::{file_text, nearest, suggest, wrapped};
use crate::web::{Lang, words};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::path::Path;

/// Width of paragraphs.
const WIDTH: usize = 96;

#[derive(Args)]
pub(super) struct LessonArgs {
    /// Name of a lesson, or a file of your own [default: list them]
    name: Option<String>,
    /// Set a lever and run, for example --set services.ent-occ.station.cores=1000, or by its name: --set cores=1000
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Policies that are on, and run; for example --policy smoothing or --policy quota+defence
    #[arg(long, value_name = "NAMES")]
    policy: Option<String>,
    /// Answer the question of the lesson, and run
    #[arg(long, value_name = "ANSWER")]
    answer: Option<String>,
    /// Run the model as it is when the lesson begins
    #[arg(long)]
    run: bool,
    /// Show one hint; they count from 1 and say more and more
    #[arg(long, value_name = "N")]
    hint: Option<usize>,
    /// Show the debrief
    #[arg(long)]
    debrief: bool,
    /// Print the model of the lesson, for `preau run` and its report
    #[arg(long)]
    show_model: bool,
    /// For teachers and tests: run every solution and number that the lesson claims
    #[arg(long, conflicts_with_all = ["sets", "policy", "answer", "run", "hint", "debrief", "show_model"])]
    prove: bool,
    /// Language of the lesson, and of what is wrong with this command; help, and what is wrong with a file, are in English
    /// [default: that of the environment]
    #[arg(long, value_enum)]
    lang: Option<LangArg>,
    /// Print one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum LangArg {
    /// Français
    Fr,
    /// English
    En,
}

pub(super) fn lesson(args: &LessonArgs) -> Ended {
    let lang = match args.lang {
        Some(LangArg::Fr) => Lang::Fr,
        Some(LangArg::En) => Lang::En,
        None => Lang::of_environment(|name| std::env::var(name).ok()),
    };
    let Some(name) = &args.name else {
        return list(args, lang);
    };
    let lesson = read(name, lang)?;
    let shown = Shown {
        lesson: &lesson,
        lang,
        words: words(),
    };
    if args.show_model {
        return say(lesson.base().plain().text.trim_end());
    }
    if args.prove {
        return prove(&shown, args.json);
    }
    if let Some(n) = args.hint {
        return hint(&shown, n, args.json);
    }
    let asked = args.run || !args.sets.is_empty() || args.policy.is_some() || args.answer.is_some();
    if !asked && args.json {
        return say(&lesson.page(lang).to_string());
    }
    if asked {
        attempt(&shown, args)?;
    }
    if args.debrief && !args.json {
        if asked {
            say("")?;
        }
        return say_parts(shown.debrief());
    }
    if asked { Ok(()) } else { say_parts(shown.brief()) }
}

pub(super) fn read(name: &str, lang: Lang) -> Result<Lesson, Stop> {
    let names: Vec<&str> = taught().iter().map(|taught| taught.name).collect();
    if Path::new(name).is_file() {
        let text = file_text(Path::new(name))
            .map_err(|error| Stop::new(INVALID, format!("error: cannot read the lesson {name}: {error}")))?;
        let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
        return Lesson::read(&stem, name, &text).map_err(|problems| invalid(&problems));
    }
    let Some(taught) = taught().iter().find(|taught| taught.name == name) else {
        let words = match (lang, nearest(name, names.iter().copied())) {
            (Lang::En, _) => format!("there is no lesson `{name}`; {}", suggest(name, "lesson", &names)),
            (Lang::Fr, Some(near)) => format!("il n'y a pas de leçon `{name}` ; vouliez-vous dire `{near}` ?"),
            (Lang::Fr, None) => format!("il n'y a pas de leçon `{name}` ; il y a {}", names.join(", ")),
        };
        let all = match lang {
            Lang::En => "`preau lesson` lists them",
            Lang::Fr => "`preau lesson` en donne la liste",
        };
        return Err(wrong(lang, &format!("{words}\n{all}")));
    };
    Lesson::read(taught.name, taught.path, taught.text).map_err(|problems| invalid(&problems))
}

/// What is wrong with a command line, in the language of the lesson.
fn wrong(lang: Lang, words: &str) -> Stop {
    Stop::new(USAGE, format!("{}{words}", begins(lang)))
}

/// How an error begins.
fn begins(lang: Lang) -> &'static str {
    match lang {
        Lang::Fr => "erreur : ",
        Lang::En => "error: ",
    }
}

fn list(args: &LessonArgs, lang: Lang) -> Ended {
    let all = catalogue(lang);
    if args.json {
        return say(&all.to_string());
    }
    let words = words();
    let word = |key: &str| words[key][lang.code()].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let head = ["lesson.name", "lesson.title", "lesson.takes"].map(word);
    let rows = all.as_array().into_iter().flatten();
    let rows = rows.map(|one| {
        [
            text(&one["name"]),
            text(&one["title"]),
            format!("{} min", one["minutes"]),
        ]
    });
    let rows: Vec<[String; 3]> = std::iter::once(head).chain(rows).collect();
    let widest = |i: usize| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let (names, titles) = (widest(0), widest(1));
    let lines = rows
        .iter()
        .map(|[name, title, takes]| format!("{name:<names$}  {title:<titles$}  {takes}"));
    say_parts(vec![lines.collect::<Vec<_>>().join("\n"), word("lesson.how")])
}

/// A lesson in a language.
struct Shown<'a> {
    lesson: &'a Lesson,
    lang: Lang,
    words: std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>>,
}

impl Shown<'_> {
    fn word<'k>(&'k self, key: &'k str) -> &'k str {
        let texts = self.words.get(key);
        texts
            .and_then(|texts| texts.get(self.lang.code()))
            .map_or(key, String::as_str)
    }

    fn text(&self, text: &Text) -> String {
        wrapped(&self.lesson.fill(text, self.lang), WIDTH, "")
    }

    fn list(&self, texts: &[Text]) -> String {
        let line = |text: &Text| wrapped(&format!("- {}", self.lesson.fill(text, self.lang)), WIDTH, "  ");
        texts.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn headed(&self, key: &str, body: &str) -> String {
        format!("{}\n{body}", self.word(key).to_uppercase())
    }

    fn brief(&self) -> Vec<String> {
        let lesson = self.lesson;
        let title = lesson.fill(&lesson.title, self.lang);
        let mut parts = vec![format!("{title} ({} min)", lesson.minutes)];
        parts.extend(lesson.brief.iter().map(|text| self.text(text)));
        parts.push(self.headed("lesson.part", &self.text(&lesson.part)));
        parts.extend(self.sources());
        if let Some(question) = &lesson.question {
            let mut lines = vec![self.text(&question.text)];
            let answers = question.answers.iter();
            lines.extend(answers.map(|a| format!("  --answer {:<10} {}", a.key, lesson.fill(&a.name, self.lang))));
            parts.push(self.headed("lesson.question", &lines.join("\n")));
        }
        parts.push(self.headed("lesson.goals", &self.goals()));
        parts.push(self.headed("lesson.levers", &self.levers()));
        let how = self.word("lesson.try").replace("{name}", &lesson.name);
        let how = how.replace("{hints}", &lesson.hints.len().to_string());
        parts.push(wrapped(&how, WIDTH, ""));
        parts
    }

    fn goals(&self) -> String {
        let colon = if self.lang == Lang::Fr { " :" } else { ":" };
        let line = |goal: &crate::lesson::Goal| {
            let name = self.lesson.fill(&goal.name, self.lang);
            wrapped(
                &format!("- {name}{colon} {}", goal.limit(self.lesson, self.lang)),
                WIDTH,
                "  ",
            )
        };
        self.lesson.goals.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn levers(&self) -> String {
        let mut lines = Vec::new();
        for lever in &self.lesson.levers {
            let flag = match &lever.kind {
                Kind::Policy(key) => format!("--policy {key}"),
                _ => format!("--set {}=…", lever.key),
            };
            let name = self.lesson.fill(&lever.name, self.lang);
            let range = self
                .word("lesson.range")
                .replace("{start}", &lever.shown(&lever.start, self.lang));
            lines.push(format!("  {flag:<24} {name}"));
            lines.push(format!(
                "  {:<24} {}",
                "",
                range.replace("{range}", &lever.describe(self.lang))
            ));
            if let [only] = lever.paths() {
                lines.push(format!("  {:<24} {only}", ""));
            }
        }
        lines.join("\n")
    }

    fn debrief(&self) -> Vec<String> {
        let mut parts = vec![
            self.headed("lesson.timeline", &self.list(&self.lesson.timeline)),
            self.headed("lesson.control", &self.list(&self.lesson.control)),
            self.headed("lesson.causes", &self.list(&self.lesson.causes)),
        ];
        parts.extend(self.sources());
        parts
    }

    /// What the letters behind facts stand for.
    fn sources(&self) -> Option<String> {
        let sources = self.lesson.sources(self.lang);
        (!sources.is_empty()).then(|| self.headed("lesson.sources", &wrapped(&sources, WIDTH, "")))
    }

    fn judged(&self, judgement: &Judgement) -> String {
        let mut lines = Vec::new();
        for goal in &judgement.goals {
            let mark = match goal.reached {
                Some(true) => self.word("lesson.reached"),
                Some(false) => self.word("lesson.missed"),
                None => self.word("lesson.open"),
            };
            lines.push(wrapped(
                &format!("{mark:<11} {}", goal.words(self.lang)),
                WIDTH,
                "            ",
            ));
        }
        let all = if judgement.reached {
            "lesson.done"
        } else {
            "lesson.not_yet"
        };
        let all = self.word(all).replace("{name}", &self.lesson.name);
        format!("{}\n\n{all}", lines.join("\n"))
    }

    /// What was moved, and the table of a run.
    fn run(&self, attempt: &Attempt, rows: &[RunRow]) -> Vec<String> {
        let moved = attempt.moves.iter().map(|(lever, fields)| {
            let lever = &self.lesson.levers[*lever];
            let settings: Vec<&str> = fields.iter().map(|(_, to)| to.as_str()).collect();
            let same = settings.iter().all(|to| *to == settings[0]) && fields.len() == lever.paths().len().max(1);
            let to = if same {
                format!("{} = {}", lever.key, lever.shown(settings[0], self.lang))
            } else {
                let each = fields
                    .iter()
                    .map(|(field, to)| format!("{field} = {}", lever.shown(to, self.lang)));
                each.collect::<Vec<_>>().join(", ")
            };
            format!("{to} ({})", lever.shown(&lever.start, self.lang))
        });
        let moved: Vec<String> = moved.collect();
        let moved = if moved.is_empty() {
            self.word("lesson.nothing_moved").to_owned()
        } else {
            wrapped(
                &self.word("lesson.moved").replace("{list}", &moved.join("; ")),
                WIDTH,
                "",
            )
        };
        vec![moved, self.table(attempt, rows)]
    }

    fn table(&self, attempt: &Attempt, rows: &[RunRow]) -> String {
        let lesson = self.lesson;
        let mut head = vec![String::new()];
        head.extend(lesson.look.iter().map(|scope| match scope {
            crate::measure::kpi::Scope::Total => self.word("lesson.all").to_owned(),
            _ => scope.title(&attempt.scenario).replace(", ", ",\n"),
        }));
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let lines = lesson.show.iter().map(|kpi| {
            let mut line = vec![self.word(&format!("kpi.{}", kpi.name)).to_owned()];
            let cells = lesson.look.iter();
            line.extend(cells.map(|scope| lesson.cell(kpi, *scope, rows, self.lang)));
            line
        });
        table::plain(&head, lines.collect())
    }
}

fn hint(shown: &Shown<'_>, n: usize, json: bool) -> Ended {
    let hints = &shown.lesson.hints;
    let Some(text) = n.checked_sub(1).and_then(|i| hints.get(i)) else {
        let words = match shown.lang {
            Lang::Fr => format!("il n'y a pas d'indice {n} : la leçon a les indices 1 à {}", hints.len()),
            Lang::En => format!("there is no hint {n}: the lesson has hints 1 to {}", hints.len()),
        };
        return Err(wrong(shown.lang, &words));
    };
    if json {
        return say(&json!({"hint": n, "of": hints.len(), "text": shown.lesson.fill(text, shown.lang)}).to_string());
    }
    say(&format!("{n}/{}  {}", hints.len(), shown.text(text)))
}

fn refused(lang: Lang, refusals: &[Refusal]) -> Stop {
    let colon = if lang == Lang::Fr { " :" } else { ":" };
    let line = |refusal: &Refusal| format!("{}`{}`{colon} {}", begins(lang), refusal.asked, refusal.words(lang));
    let lines: Vec<String> = refusals
        .iter()
        .map(|refusal| wrapped(&line(refusal), WIDTH, "  "))
        .collect();
    Stop::new(USAGE, lines.join("\n"))
}

fn attempt(shown: &Shown<'_>, args: &LessonArgs) -> Ended {
    let lesson = shown.lesson;
    let policies: Vec<String> = match args.policy.as_deref() {
        None | Some("base") => Vec::new(),
        Some(typed) => typed.split('+').map(|key| key.trim().to_owned()).collect(),
    };
    if let Some(answer) = &args.answer {
        let answers = lesson.question.iter().flat_map(|question| &question.answers);
        let known: Vec<&str> = answers.map(|answer| answer.key.as_str()).collect();
        if !known.contains(&answer.as_str()) {
            let words = match (shown.lang, known.is_empty()) {
                (Lang::Fr, true) => format!("pas de réponse `{answer}` : cette leçon ne pose pas de question"),
                (Lang::En, true) => format!("there is no answer `{answer}`; this lesson asks no question"),
                (Lang::Fr, false) => format!(
                    "il n'y a pas de réponse `{answer}` ; les réponses sont {}",
                    known.join(", ")
                ),
                (Lang::En, false) => format!("there is no answer `{answer}`; answers are {}", known.join(", ")),
            };
            return Err(wrong(shown.lang, &words));
        }
    }
    let attempt = lesson
        .attempt(&args.sets, &policies)
        .map_err(|refusals| refused(shown.lang, &refusals))?;
    let failed = |error: String| Stop::new(FAILED, format!("{}{error}", begins(shown.lang)));
    let rows = lesson.run(&attempt, None).map_err(failed)?;
    let start = match &args.answer {
        None => None,
        Some(_) if attempt.moves.is_empty() => Some(rows.clone()),
        Some(_) => Some(lesson.start().map_err(failed)?),
    };
    let judgement = lesson.judge(&attempt, &rows, start.as_deref(), args.answer.as_deref());
    if args.json {
        let mut object = judgement.json(shown.lang);
        object["name"] = json!(lesson.name);
        object["table"] = lesson.table(&rows);
        if args.debrief {
            object["debrief"] = lesson.page(shown.lang)["debrief"].clone();
        }
        return say(&object.to_string());
    }
    let mut parts = shown.run(&attempt, &rows);
    parts.push(shown.judged(&judgement));
    say_parts(parts)
}

fn prove(shown: &Shown<'_>, json: bool) -> Ended {
    let proof = shown
        .lesson
        .prove()
        .map_err(|error| Stop::new(FAILED, format!("error: {error}")))?;
    if json {
        say(&proof.json().to_string())?;
    } else {
        let mut parts = Vec::new();
        for tried in &proof.tries {
            let mark = if tried.holds() { "as claimed" } else { "NOT AS CLAIMED" };
            let goals = tried.judgement.goals.iter();
            let goals: Vec<String> = goals.map(|goal| format!("  {}", goal.words(shown.lang))).collect();
            parts.push(format!(
                "{}: {mark}, {:.1} s of processor time\n{}",
                tried.name,
                tried.seconds,
                goals.join("\n")
            ));
        }
        let numbers = proof.numbers.iter().map(|number| {
            let mark = if number.holds() { "" } else { "NOT AS STORED" };
            let found = number.found.map_or("none".to_owned(), |v| v.to_string());
            vec![
                number.name.clone(),
                number.stored.to_string(),
                found,
                number.printed[1][0].clone(),
                mark.to_owned(),
            ]
        });
        parts.push(table::plain(
            &["number", "stored", "found", "printed", ""],
            numbers.collect(),
        ));
        let answers = proof.answers.iter().map(|(key, value)| {
            let right = if proof.right.as_ref() == Some(key) {
                " (right)"
            } else {
                ""
            };
            format!(
                "answer {key}: {}{right}",
                value.map_or("none".to_owned(), |v| v.to_string())
            )
        });
        parts.push(answers.collect::<Vec<_>>().join("\n"));
        say_parts(parts)?;
    }
    if proof.holds() {
        Ok(())
    } else {
        Err(Stop::new(
            FAILED,
            "error: the lesson claims what the model does not say",
        ))
    }
}
