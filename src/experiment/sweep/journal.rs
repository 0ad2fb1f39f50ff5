//! The journal: every run that was made, in a file that only grows.
//!
//! Each record is one line with a checksum, written at once and flushed to the disk before the next run is counted as
//! made. A program that dies at any instant can only leave a torn last record, which is cut off when the journal is opened
//! again; anything wrong before whole records is damage, and an error.

use super::{Name, Record, Start};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A record in the middle is damaged.
    #[error(
        "{}:{line}: record {line} of the journal (byte {byte}) is damaged, and whole records follow it\n\
         copy the file somewhere safe; cutting it before this line keeps the runs up to there", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which record, from 1.
        line: usize,
        /// Where it begins.
        byte: u64,
    },
    /// The file is no journal.
    #[error("{} is no journal of a sweep; give another --out", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full. What was written before is safe.
    #[error(
        "the disk is full: {runs} runs are safe in {}; free some space and give the same command again to go on", path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
        /// How many runs it holds.
        runs: usize,
    },
    /// The disk says no.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Where a run stands in the file.
#[derive(Clone, Copy, Debug)]
struct Entry {
    byte: u64,
    /// Which of the starts it belongs to.
    start: u32,
    failed: bool,
}

/// Where lines are added: a file, or something that fails as a file can.
pub(super) trait Store: Send + Sync {
    /// Adds bytes at the end and brings them to the disk.
    fn add(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts what stands behind so many bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Store for File {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::End(0))?;
        self.sync_data()
    }
}

/// An open journal. In memory is where each run stands, some dozen bytes a run, and nothing of the runs themselves.
pub struct Journal {
    path: PathBuf,
    store: Box<dyn Store>,
    reader: BufReader<File>,
    /// Bytes of whole records.
    length: u64,
    starts: Vec<Start>,
    index: HashMap<Name, Entry>,
    failed: usize,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {} runs", self.path.display(), self.index.len())
    }
}

/// A journal and what was found when it was opened.
#[derive(Debug)]
pub struct Opened {
    /// The journal.
    pub journal: Journal,
    /// Bytes of a torn last record that were cut off; 0 for none.
    pub torn: u64,
}

impl Journal {
    /// Opens a journal to add to it, or makes an empty one; a torn last record is cut off.
    ///
    /// # Errors
    /// When it is damaged, no journal, or the disk says no.
    pub fn open(path: &Path) -> Result<Opened, JournalError> {
        let failed = |what| move |source| io_error(what, path, source);
        let new = !path.exists();
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let mut file = open.map_err(failed("open"))?;
        if new && let Some(folder) = path.parent() {
            // The name of a new file is on the disk only when its folder is.
            sync_folder(folder).map_err(failed("open"))?;
        }
        let mut journal = Journal::scan(path)?;
        let whole = file.metadata().map_err(failed("read"))?.len();
        let torn = whole - journal.length;
        if torn > 0 {
            file.cut(journal.length).map_err(failed("cut a torn record off"))?;
        }
        file.seek(SeekFrom::End(0)).map_err(failed("open"))?;
        journal.store = Box::new(file);
        Ok(Opened { journal, torn })
    }

    /// Opens a journal to read it; nothing can be added.
    ///
    /// # Errors
    /// When it is damaged, no journal, or the disk says no.
    pub fn read(path: &Path) -> Result<Journal, JournalError> {
        Journal::scan(path)
    }

    /// Reads all records once and keeps where they are.
    fn scan(path: &Path) -> Result<Journal, JournalError> {
        let failed = |source| io_error("read", path, source);
        let file = File::open(path).map_err(failed)?;
        let mut journal = Journal {
            path: path.to_owned(),
            store: Box::new(Closed),
            reader: BufReader::new(file.try_clone().map_err(failed)?),
            length: 0,
            starts: Vec::new(),
            index: HashMap::new(),
            failed: 0,
        };
        let mut lines = BufReader::new(file);
        let (mut byte, mut number, mut line) = (0, 0, Vec::new());
        // The first record that is not whole.
        let mut bad: Option<(usize, u64)> = None;
        loop {
            line.clear();
            let read = lines
                .by_ref()
                .take(LONGEST)
                .read_until(b'\n', &mut line)
                .map_err(failed)?;
            if read == 0 {
                break;
            }
            number += 1;
            let record = line.strip_suffix(b"\n").and_then(Record::parse);
            match (record, bad) {
                (Some(_), Some((line, byte))) => {
                    return Err(JournalError::Damaged {
                        path: path.to_owned(),
                        line,
                        byte,
                    });
                }
                (Some(record), None) => {
                    journal.take(&record, byte);
                    journal.length = byte + read as u64;
                }
                (None, None) => bad = Some((number, byte)),
                (None, Some(_)) => {}
            }
            byte += read as u64;
        }
        if byte > 0 && journal.starts.is_empty() && !begins_as_one(path) {
            return Err(JournalError::NotAJournal { path: path.to_owned() });
        }
        Ok(journal)
    }

    fn take(&mut self, record: &Record, byte: u64) {
        if let Record::Start(start) = record {
            self.starts.push((**start).clone());
        }
        let failed = matches!(record, Record::Failed(_));
        // A name that cannot be read belongs to no run that is ever asked for.
        let (Some(name), Some(last)) = (record.name(), self.starts.len().checked_sub(1)) else {
            return;
        };
        let entry = Entry {
            byte,
            start: last as u32,
            failed,
        };
        self.failed += usize::from(failed);
        if let Some(earlier) = self.index.insert(name, entry) {
            self.failed -= usize::from(earlier.failed);
        }
    }

    /// Adds a record and brings it to the disk.
    ///
    /// # Errors
    /// When the disk is full or says no; the journal is as before then.
    pub fn add(&mut self, record: &Record) -> Result<(), JournalError> {
        self.add_all(std::slice::from_ref(record))
    }

    /// Adds several records at once.
    ///
    /// # Errors
    /// As [`Journal::add`]; none of them is in the journal then.
    pub fn add_all(&mut self, records: &[Record]) -> Result<(), JournalError> {
        let lines: Vec<String> = records.iter().map(Record::line).collect();
        if let Err(source) = self.store.add(lines.concat().as_bytes()) {
            // Whatever came through is cut off now, or as a torn record the next time.
            let _ = self.store.cut(self.length);
            let full = matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
            let path = self.path.clone();
            return Err(if full {
                JournalError::Full {
                    path,
                    runs: self.runs(),
                }
            } else {
                io_error("write", &path, source)
            });
        }
        for (record, line) in records.iter().zip(&lines) {
            self.take(record, self.length);
            self.length += line.len() as u64;
        }
        Ok(())
    }

    /// Notes what is asked from here on, unless that is what was asked last.
    ///
    /// # Errors
    /// As [`Journal::add`].
    pub fn start(&mut self, start: &Start) -> Result<(), JournalError> {
        if self.starts.last() == Some(start) {
            return Ok(());
        }
        self.add(&Record::Start(Box::new(start.clone())))
    }

    /// What was asked first: what runs of all later starts go with.
    pub fn first(&self) -> Option<&Start> {
        self.starts.first()
    }

    /// What was asked last.
    pub fn last(&self) -> Option<&Start> {
        self.starts.last()
    }

    /// How many runs it holds, failed ones included.
    pub fn runs(&self) -> usize {
        self.index.len()
    }

    /// How many of them failed.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Whether it holds a run with all `columns` (a failed one has none and needs none).
    pub fn holds(&self, name: Name, columns: &[String]) -> bool {
        self.index.get(&name).is_some_and(|entry| {
            let start = &self.starts[entry.start as usize];
            entry.failed || start.columns == columns || columns.iter().all(|column| start.columns.contains(column))
        })
    }

    /// Whether it holds a run as a failed one.
    pub fn is_failed(&self, name: Name) -> bool {
        self.index.get(&name).is_some_and(|entry| entry.failed)
    }

    /// Bytes of its records.
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The record of a run, and the names of its values.
    ///
    /// # Errors
    /// When the disk says no, or the record is no longer what it was.
    pub fn get(&mut self, name: Name) -> Result<Option<(Record, &[String])>, JournalError> {
        let Some(entry) = self.index.get(&name).copied() else {
            return Ok(None);
        };
        let mut line = Vec::new();
        let read = self
            .reader
            .seek(SeekFrom::Start(entry.byte))
            .and_then(|_| self.reader.read_until(b'\n', &mut line));
        read.map_err(|source| io_error("read", &self.path, source))?;
        match line.strip_suffix(b"\n").and_then(Record::parse) {
            Some(record) => Ok(Some((record, &self.starts[entry.start as usize].columns))),
            None => Err(io_error(
                "read",
                &self.path,
                io::Error::other("a record has changed since it was opened"),
            )),
        }
    }

    /// Names of all runs, in no order.
    pub fn names(&self) -> impl Iterator<Item = Name> + '_ {
        self.index.keys().copied()
    }

    /// The same with another place to write to.
    #[cfg(test)]
    pub(super) fn onto(mut self, store: Box<dyn Store>) -> Journal {
        self.store = store;
        self
    }
}

/// No record is longer: the greatest holds a model of some hundred kilobytes. Other files may have no line ends at all.
const LONGEST: u64 = 1 << 26;

/// A first record that was torn: a journal all the same.
fn begins_as_one(path: &Path) -> bool {
    let mut head = [0; 18];
    let length = File::open(path).and_then(|mut file| file.read(&mut head)).unwrap_or(0);
    let head = &head[..length];
    let sum = head.iter().take(8).all(u8::is_ascii_hexdigit);
    sum && head.iter().skip(8).zip(b" {\"start\":").all(|(a, b)| a == b)
}

/// A journal that is only read.
struct Closed;

impl Store for Closed {
    fn add(&mut self, _: &[u8]) -> io::Result<()> {
        Err(io::Error::other("it was opened to be read"))
    }

    fn cut(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

fn io_error(what: &'static str, path: &Path, source: io::Error) -> JournalError {
    JournalError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}

/// Folders cannot be opened as files everywhere; where they cannot, the system keeps them itself.
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    match File::open(folder) {
        Ok(folder) => folder.sync_all().or_else(|e| {
            if e.kind() == io::ErrorKind::InvalidInput {
                Ok(())
            } else {
                Err(e)
            }
        }),
        Err(_) if cfg!(windows) => Ok(()),
        Err(e) => Err(e),
    }
}
