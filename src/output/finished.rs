//! Finished runs, kept beside a result until it is whole: what was stopped goes on where it was.
//!
//! A line a run, with its checksum in front, added and forced to the disk when the run ends. Whatever an instant of death
//! leaves of the last line is cut off by the next program. The first line says of what the runs are; those of anything else are
//! thrown away only when that is asked for. One program at a time works with a list.

use super::manifest::{HASH, hash};
use super::number::count;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// No first line is longer: two hashes.
const LONGEST_HEAD: u64 = 64;

/// A list of finished runs.
#[derive(Debug)]
pub struct Finished {
    /// Locked while this program lives.
    file: File,
    path: PathBuf,
}

/// Why finished runs cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum FinishedError {
    /// Another program adds to the list.
    #[error("another program is at work on {}; wait for it, or give another --out", path.display())]
    Busy {
        /// The list.
        path: PathBuf,
    },
    /// The runs there are of something else.
    #[error(
        "{} holds {} of another file, model or seed, or made with other settings; give --force to throw away what is there, or another --out",
        path.display(),
        count(*runs, "finished run", "finished runs")
    )]
    Other {
        /// The list.
        path: PathBuf,
        /// How many.
        runs: usize,
    },
    /// There is something else.
    #[error("{} is no list of finished runs of preau, which has to lie there; move it away, or give another --out", path.display())]
    NotAList {
        /// Where.
        path: PathBuf,
    },
    /// The disk says no.
    #[error("cannot keep the list of finished runs {}: {source}", path.display())]
    Io {
        /// The list.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Finished {
    /// Opens or makes the list at a path for runs of `what`; gives the lines of those that are finished. Runs of anything else are
    /// thrown away with `force`.
    ///
    /// # Errors
    /// When another program works with it, it holds runs of something else and there is no `force`, it is none, or the disk says no.
    pub fn open(path: &Path, what: &str, force: bool) -> Result<(Finished, Vec<String>), FinishedError> {
        let io = |source| FinishedError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(io)?;
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path);
        let mut finished = Finished {
            file: file.map_err(io)?,
            path: path.to_owned(),
        };
        match finished.file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(FinishedError::Busy { path: path.to_owned() });
            }
            // Some network disks know no locks: then one program at a time is the user's own care.
            Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(e)) => return Err(io(e)),
        }
        let Some((mut lines, mut whole)) = read(&finished.file).map_err(io)? else {
            return Err(FinishedError::NotAList { path: path.to_owned() });
        };
        let head = hash(what);
        let same = lines.first() == Some(&head);
        if !same {
            let runs = lines.len().saturating_sub(1);
            if runs > 0 && !force {
                return Err(FinishedError::Other {
                    path: path.to_owned(),
                    runs,
                });
            }
            (lines, whole) = (vec![head], 0);
        }
        finished.file.set_len(whole).map_err(io)?;
        finished.file.seek(SeekFrom::End(0)).map_err(io)?;
        if !same {
            finished.add(&lines[0])?;
        }
        lines.remove(0);
        Ok((finished, lines))
    }

    /// Adds a run; it is on the disk when this comes back.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn add(&mut self, content: &str) -> Result<(), FinishedError> {
        let line = format!("{} {content}\n", hash(content));
        let added = self.file.write_all(line.as_bytes());
        added
            .and_then(|()| self.file.sync_data())
            .map_err(|source| FinishedError::Io {
                path: self.path.clone(),
                source,
            })
    }

    /// Where the list is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the list away: the result is whole. Where it cannot be, the same command finds all of its runs made.
    pub fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A child that was forked elsewhere at this instant has the file too, until it becomes another program: the lock does not wait for it.
impl Drop for Finished {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// The lines that are whole, and their bytes; none where the file is no list.
fn read(file: &File) -> io::Result<Option<(Vec<String>, u64)>> {
    let mut reader = BufReader::new(file);
    let (mut lines, mut whole) = (Vec::new(), 0);
    loop {
        let mut line = Vec::new();
        let read = match lines.is_empty() {
            true => reader.by_ref().take(LONGEST_HEAD).read_until(b'\n', &mut line)?,
            false => reader.read_until(b'\n', &mut line)?,
        };
        match std::str::from_utf8(&line).ok().and_then(checked) {
            Some(content) if read > 0 => lines.push(content.to_owned()),
            _ if lines.is_empty() && !may_be_torn(&line) => return Ok(None),
            _ => return Ok(Some((lines, whole))),
        }
        whole += read as u64;
    }
}

/// Whether this is what an instant of death can leave of a first line.
fn may_be_torn(line: &[u8]) -> bool {
    let begun = line.iter().zip(HASH.as_bytes()).all(|(a, b)| a == b);
    begun && !line.ends_with(b"\n") && (line.len() as u64) < LONGEST_HEAD
}

/// The content of a line whose checksum is right.
fn checked(line: &str) -> Option<&str> {
    let (sum, content) = line.strip_suffix('\n')?.split_once(' ')?;
    (hash(content) == sum).then_some(content)
}

/// Numbers as text that gives back the very same bits.
pub fn bits(values: impl Iterator<Item = Option<f64>>) -> String {
    let one = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{:x}", v.to_bits()));
    values.map(one).collect::<Vec<_>>().join(",")
}

/// The numbers of [`bits`].
pub fn from_bits(text: &str) -> Option<Vec<Option<f64>>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let one = |word: &str| match word {
        "-" => Some(None),
        word => Some(Some(f64::from_bits(u64::from_str_radix(word, 16).ok()?))),
    };
    text.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_cut_at_any_byte_gives_whole_runs_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs");
        let (mut list, none) = Finished::open(&path, "model a", false).unwrap();
        assert!(none.is_empty());
        for line in ["one", "two 2", "three"] {
            list.add(line).unwrap();
        }
        drop(list);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut list, found) = Finished::open(&path, "model a", false).unwrap();
            assert!(["one", "two 2", "three"].starts_with(&found.iter().map(String::as_str).collect::<Vec<_>>()));
            list.add("four").unwrap();
            drop(list);
            let (_, after) = Finished::open(&path, "model a", false).unwrap();
            assert_eq!(after.len(), found.len() + 1);
            assert_eq!(after.last().unwrap(), "four");
        }
        assert_eq!(Finished::open(&path, "model a", false).unwrap().1.len(), 4);
    }

    #[test]
    fn runs_of_something_else_are_thrown_away_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs");
        let open = |what, force| Finished::open(&path, what, force).map(|(_, lines)| lines);
        let (mut list, _) = Finished::open(&path, "model a", false).unwrap();
        list.add("one").unwrap();
        let busy = open("model a", false).unwrap_err().to_string();
        assert!(busy.starts_with("another program is at work on"), "{busy}");
        drop(list);
        let other = open("model b", false).unwrap_err().to_string();
        assert!(other.contains("holds 1 finished run of another"), "{other}");
        assert_eq!(open("model a", false).unwrap(), ["one"], "nothing is lost by asking");
        assert!(open("model b", true).unwrap().is_empty());
        assert!(open("model a", false).unwrap().is_empty(), "of no runs nothing is lost");
    }

    #[test]
    fn a_file_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs");
        for text in [
            "my notes",
            "my notes\n",
            "fnv1a64:\n",
            "fnv",
            "\n",
            &"x".repeat(100),
            &format!("{HASH}{}", "0".repeat(90)),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Finished::open(&path, "a", true).map(|_| ());
            let torn = text == "fnv";
            assert_eq!(error.is_ok(), torn, "{text}");
            if !torn {
                assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
            }
        }
    }

    #[test]
    fn a_line_that_was_changed_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs");
        let (mut list, _) = Finished::open(&path, "a", false).unwrap();
        list.add("value 1").unwrap();
        list.add("value 2").unwrap();
        drop(list);
        let text = std::fs::read_to_string(&path).unwrap().replace("value 1", "value 7");
        std::fs::write(&path, text).unwrap();
        assert!(Finished::open(&path, "a", false).unwrap().1.is_empty());
    }

    #[test]
    fn numbers_come_back_to_the_bit() {
        let values = [Some(0.1 + 0.2), None, Some(-0.0), Some(f64::MAX)];
        let back = from_bits(&bits(values.into_iter())).unwrap();
        assert_eq!(back.len(), 4);
        assert!(
            back.iter()
                .zip(values)
                .all(|(a, b)| a.map(f64::to_bits) == b.map(f64::to_bits))
        );
        assert_eq!(from_bits("xyz"), None);
    }
}
