//! Finished runs, kept beside a result until it is whole: what was stopped goes on where it was.
//!
//! A line a run, with its checksum in front, added and forced to the disk when the run ends. Whatever an instant of death
//! leaves of the last line is cut off by the next program. The first line says of what the runs are; of anything else they
//! are thrown away.

use super::manifest::hash;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A list of finished runs.
#[derive(Debug)]
pub struct Finished {
    file: File,
    path: PathBuf,
}

impl Finished {
    /// Opens or makes the list at a path for runs of `what`; gives the lines of those that are finished.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn open(path: &Path, what: &str) -> io::Result<(Finished, Vec<String>)> {
        if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let (mut lines, mut whole) = (Vec::new(), 0);
        let mut reader = BufReader::new(&file);
        loop {
            let mut line = Vec::new();
            let read = reader.read_until(b'\n', &mut line)?;
            match std::str::from_utf8(&line).ok().and_then(checked) {
                Some(content) if read > 0 => lines.push(content.to_owned()),
                _ => break,
            }
            whole += read as u64;
        }
        let head = hash(what);
        let same = lines.first() == Some(&head);
        if !same {
            (lines, whole) = (vec![head], 0);
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        let mut finished = Finished {
            file,
            path: path.to_owned(),
        };
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
    pub fn add(&mut self, content: &str) -> io::Result<()> {
        self.file
            .write_all(format!("{} {content}\n", hash(content)).as_bytes())?;
        self.file.sync_data()
    }

    /// Where the list is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the list away: the result is whole.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn remove(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
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
        let (mut list, none) = Finished::open(&path, "model a").unwrap();
        assert!(none.is_empty());
        for line in ["one", "two 2", "three"] {
            list.add(line).unwrap();
        }
        drop(list);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut list, found) = Finished::open(&path, "model a").unwrap();
            assert!(["one", "two 2", "three"].starts_with(&found.iter().map(String::as_str).collect::<Vec<_>>()));
            list.add("four").unwrap();
            drop(list);
            let (_, after) = Finished::open(&path, "model a").unwrap();
            assert_eq!(after.len(), found.len() + 1);
            assert_eq!(after.last().unwrap(), "four");
        }
        assert_eq!(Finished::open(&path, "model a").unwrap().1.len(), 4);
        assert!(Finished::open(&path, "model b").unwrap().1.is_empty());
        assert!(Finished::open(&path, "model a").unwrap().1.is_empty());
    }

    #[test]
    fn a_line_that_was_changed_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs");
        let (mut list, _) = Finished::open(&path, "a").unwrap();
        list.add("value 1").unwrap();
        list.add("value 2").unwrap();
        drop(list);
        let text = std::fs::read_to_string(&path).unwrap().replace("value 1", "value 7");
        std::fs::write(&path, text).unwrap();
        assert!(Finished::open(&path, "a").unwrap().1.is_empty());
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
