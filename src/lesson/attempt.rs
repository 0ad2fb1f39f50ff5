//! An attempt: what a student set, held against what the lesson allows, and its runs.

use super::lever::{Kind, OFF, ON, Refusal};
use super::{Fixed, Lesson};
use crate::experiment::switch::Change;
use crate::experiment::{Arm, Plan, RunRow, replicate};
use crate::scenario::Document;
use crate::scenario::model::{PolicyId, Scenario};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is to be run, and what was moved for it.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The model.
    pub scenario: Arc<Scenario>,
    /// Policies that are on.
    pub policies: Vec<PolicyId>,
    /// What is laid over the model as the lesson begins.
    pub change: Change,
    /// Levers (positions) that do not stand as they did, each with its settings by field.
    pub moves: BTreeMap<usize, Vec<(String, String)>>,
}

impl Lesson {
    /// The model as the lesson begins.
    pub fn untouched(&self) -> Attempt {
        Attempt {
            scenario: self.base.plain().clone(),
            policies: self.base.with(&self.always).map(|(_, on)| on).unwrap_or_default(),
            change: self.always.clone(),
            moves: BTreeMap::new(),
        }
    }

    /// Lays what a student asks for over the model: `path=value` or `lever=value`, and names of policies.
    ///
    /// # Errors
    /// Everything that is not allowed, each with the reason.
    pub fn attempt(&self, sets: &[String], policies: &[String]) -> Result<Attempt, Vec<Refusal>> {
        let mut change = Change::default();
        let mut refused = Vec::new();
        let mut settings: BTreeMap<usize, Vec<(String, String)>> = BTreeMap::new();
        let switched = policies.iter().map(|key| (key.clone(), self.policy(key)));
        let asked = sets.iter().map(|set| (set.clone(), self.set(set))).chain(switched);
        for (_, found) in asked {
            match found {
                Err(refusal) => refused.push(refusal),
                Ok((lever, fields, setting)) => {
                    let of = settings.entry(lever).or_default();
                    for field in fields {
                        of.retain(|(earlier, _)| *earlier != field);
                        of.push((field, setting.clone()));
                    }
                }
            }
        }
        settings.retain(|lever, fields| {
            fields.retain(|(_, setting)| *setting != self.levers[*lever].start);
            !fields.is_empty()
        });
        for (lever, fields) in &settings {
            let lever = &self.levers[*lever];
            for (field, setting) in fields {
                match &lever.kind {
                    Kind::Policy(key) if setting == ON => change.policies.push(key.clone()),
                    // A policy that is on from the start is left out below.
                    Kind::Policy(_) => {}
                    _ => change.sets.extend(lever.sets(std::slice::from_ref(field), setting)),
                }
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let off = |key: &String| {
            settings.iter().any(|(lever, fields)| {
                self.levers[*lever].kind == Kind::Policy(key.clone()) && fields.iter().any(|(_, to)| to == OFF)
            })
        };
        let always = self.always.policies.iter().filter(|key| !off(key)).cloned();
        change.policies.extend(always);
        match self.base.with(&change) {
            Ok((scenario, policies)) => Ok(Attempt {
                scenario,
                policies,
                change,
                moves: settings,
            }),
            Err(problems) => Err(problems
                .0
                .iter()
                .map(|problem| {
                    let words = format!("{}. {}", problem.message(), problem.advice().join("; "));
                    let fr = format!("le modèle n'accepte pas ce réglage : {words}");
                    Refusal::new(
                        problem.found(),
                        fr,
                        format!("the model does not take this setting: {words}"),
                    )
                })
                .collect()),
        }
    }

    /// The lever of an override, its fields and the setting.
    fn set(&self, set: &str) -> Result<(usize, Vec<String>, String), Refusal> {
        let Some((left, right)) = set.split_once('=') else {
            let fr = "un réglage s'écrit CHEMIN=VALEUR".to_owned();
            return Err(Refusal::new(set, fr, "a setting is PATH=VALUE".to_owned()));
        };
        let typed = left.trim();
        let about = |refusal: Refusal| refusal.about(set);
        if let Some(i) = self.levers.iter().position(|lever| lever.key == typed) {
            let lever = &self.levers[i];
            let setting = lever.canonical(right).map_err(about)?;
            let fields = match &lever.kind {
                Kind::Policy(key) => vec![key.clone()],
                _ => lever.paths().to_vec(),
            };
            return Ok((i, fields, setting));
        }
        let fields = self.fields(typed);
        let owner = |field: &String| self.levers.iter().position(|lever| lever.paths().contains(field));
        let owners: Option<Vec<usize>> = fields.iter().map(owner).collect();
        match owners.as_deref() {
            Some([first, rest @ ..]) if rest.iter().all(|other| other == first) => {
                let setting = self.levers[*first].canonical(right).map_err(about)?;
                Ok((*first, fields, setting))
            }
            _ => Err(self.untouchable(set, typed)),
        }
    }

    /// The fields of the model that a typed path means.
    fn fields(&self, typed: &str) -> Vec<String> {
        let plain = self.base.plain();
        let document = Document::parse(&plain.name, &plain.text);
        document.map_or_else(|_| Vec::new(), |document| document.paths(typed).unwrap_or_default())
    }

    fn policy(&self, key: &str) -> Result<(usize, Vec<String>, String), Refusal> {
        let is = |kind: &Kind| matches!(kind, Kind::Policy(own) if own == key);
        match self.levers.iter().position(|lever| is(&lever.kind)) {
            Some(i) => Ok((i, vec![key.to_owned()], ON.to_owned())),
            None => Err(self.untouchable(key, key)),
        }
    }

    fn untouchable(&self, asked: &str, path: &str) -> Refusal {
        let inside = |fixed: &&Fixed| path == fixed.path || path.starts_with(&format!("{}.", fixed.path));
        let why = self.fixed.iter().find(inside).map(|fixed| &fixed.why);
        let reason = |lang, or: &str| why.map_or(or.to_owned(), |why| self.fill(why, lang));
        let keys: Vec<&str> = self.levers.iter().map(|lever| lever.key.as_str()).collect();
        let keys = keys.join(", ");
        let fr = reason(crate::web::Lang::Fr, "ce n'est pas un levier de cette leçon.");
        let en = reason(crate::web::Lang::En, "this is no lever of the lesson.");
        Refusal::new(
            asked,
            format!("{fr} Les leviers sont : {keys}"),
            format!("{en} The levers are: {keys}"),
        )
    }

    /// Makes the runs of an attempt; `stop` ends them early.
    ///
    /// # Errors
    /// Why there are none.
    pub fn run(&self, attempt: &Attempt, stop: Option<&AtomicBool>) -> Result<Vec<RunRow>, String> {
        let plan = Plan {
            arms: vec![Arm::new("lesson", attempt.policies.clone())],
            keep_first: false,
            stop,
            ..Plan::new(&attempt.scenario, self.seed, self.replications)
        };
        let mut runs = replicate(&plan, &|_| ()).map_err(|error| error.to_string())?;
        Ok(runs.rows.swap_remove(0))
    }
}
