//! Joining the journals of shards.

use super::{Journal, JournalError, Made, Name, Record, Start};
use std::path::{Path, PathBuf};

/// Why journals cannot be joined. The target is as before then, or holds some whole runs more.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// There is nothing in a journal.
    #[error("{} holds no sweep", path.display())]
    Empty {
        /// Which.
        path: PathBuf,
    },
    /// Two journals are not about the same.
    #[error("{} holds runs {difference} than {}; only shares of one sweep can be joined", path.display(), first.display())]
    Mismatch {
        /// The one.
        path: PathBuf,
        /// The other.
        first: PathBuf,
        /// What is not the same.
        difference: &'static str,
    },
    /// Two journals say different things of one run.
    #[error(
        "{} has other numbers for run {name} ({point}, replication {replication}) than the journals before it; \
         the programs that made them do not agree", path.display()
    )]
    Contradiction {
        /// Where.
        path: PathBuf,
        /// Which run.
        name: Name,
        /// Its point.
        point: String,
        /// Its replication.
        replication: u64,
    },
    /// A journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// So many runs are brought to the disk at once.
const BATCH: usize = 256;

/// Adds the runs of all sources to a journal, each once; gives what they are about.
///
/// # Errors
/// When they are not shares of one sweep, contradict each other, or the disk says no.
pub fn merge(sources: &[PathBuf], target: &mut Journal) -> Result<Start, MergeError> {
    let mut opened = Vec::new();
    for path in sources {
        opened.push((path.as_path(), Journal::read(path)?));
    }
    let start = agreed(&opened)?;
    if let Some(first) = target.first()
        && let Some(difference) = first.difference(&start)
    {
        return Err(mismatch(target.path(), opened[0].0, difference));
    }
    target.start(&start)?;
    for (path, source) in &mut opened {
        // In a fixed order, so that the same sources give the same journal.
        let mut names: Vec<Name> = source.names().collect();
        names.sort_unstable();
        let mut batch = Vec::new();
        for name in names {
            let Some((record, columns)) = source.get(name)? else {
                continue;
            };
            let Some(record) = in_columns(record, columns, &start.columns) else {
                continue;
            };
            if !target.holds(name, &start.columns) || target.is_failed(name) && matches!(record, Record::Run(_)) {
                batch.push(record);
            } else {
                agree(path, name, &record, target, &start.columns)?;
            }
            if batch.len() == BATCH {
                target.add_all(&batch)?;
                batch.clear();
            }
        }
        target.add_all(&batch)?;
    }
    Ok(start)
}

/// What all are about, without the share.
fn agreed(opened: &[(&Path, Journal)]) -> Result<Start, MergeError> {
    let mut agreed: Option<(&Path, &Start)> = None;
    for (path, journal) in opened {
        let start = journal.last().ok_or_else(|| MergeError::Empty {
            path: path.to_path_buf(),
        })?;
        let Some((first, known)) = agreed else {
            agreed = Some((path, start));
            continue;
        };
        let shares = |start: &Start| start.shard.map(|(_, n)| n);
        let difference = known.other_question(start);
        let difference = difference.or((shares(known) != shares(start)).then_some("of another number of shares"));
        if let Some(difference) = difference {
            return Err(mismatch(path, first, difference));
        }
    }
    let (_, start) = agreed.ok_or_else(|| MergeError::Empty { path: PathBuf::new() })?;
    Ok(Start {
        shard: None,
        ..start.clone()
    })
}

fn mismatch(path: &Path, first: &Path, difference: &'static str) -> MergeError {
    MergeError::Mismatch {
        path: path.to_owned(),
        first: first.to_owned(),
        difference,
    }
}

/// A record with its values in the order of some columns; none when it lacks one.
fn in_columns(record: Record, own: &[String], wanted: &[String]) -> Option<Record> {
    let Record::Run(made) = record else { return Some(record) };
    if own == wanted {
        return Some(Record::Run(made));
    }
    let places: Option<Vec<usize>> = wanted
        .iter()
        .map(|name| own.iter().position(|column| column == name))
        .collect();
    let numbers = made.numbers();
    let values = Made::join(places?.into_iter().map(|i| numbers.get(i).copied().flatten()));
    Some(Record::Run(Made { values, ..made }))
}

/// The same run must have the same numbers wherever it was made.
fn agree(path: &Path, name: Name, record: &Record, target: &mut Journal, wanted: &[String]) -> Result<(), MergeError> {
    let Some((known, columns)) = target.get(name)? else {
        return Ok(());
    };
    match (in_columns(known, columns, wanted), record) {
        (Some(Record::Run(known)), Record::Run(own))
            if known.values != own.values || known.fingerprint != own.fingerprint =>
        {
            Err(MergeError::Contradiction {
                path: path.to_owned(),
                name,
                point: own.point.clone(),
                replication: own.replication,
            })
        }
        _ => Ok(()),
    }
}
