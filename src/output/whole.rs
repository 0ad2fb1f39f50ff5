//! A file that is whole or not there: written under a hidden name beside its place, renamed at the end.
//!
//! Its program holds a lock on it while it lives, and the system takes the lock from the dead: the next that writes the same file
//! clears what a killed one left.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Behind the name of a file that is being written, and before the number of the program that writes it.
const PARTIAL: &str = ".partial-";

/// A file that is being written. Dropped without [`Whole::finish`], it leaves nothing.
#[derive(Debug)]
pub struct Whole {
    /// Locked.
    file: File,
    partial: PathBuf,
    target: PathBuf,
}

impl Whole {
    /// Begins a file that will be at `target`, and clears what killed programs left of earlier ones.
    ///
    /// # Errors
    /// When the path names no file, a folder is there, or the disk says no.
    pub fn begin(target: &Path) -> io::Result<Whole> {
        let name = target
            .file_name()
            .ok_or_else(|| io::Error::other("it cannot name a file; give another name"))?;
        if target.is_dir() {
            return Err(io::Error::other("it is a folder; name the file within"));
        }
        clear_the_dead(target, name);
        let mut number = 0;
        loop {
            let mut hidden = hidden(name);
            hidden.push(format!("{}-{number}", process::id()));
            let partial = target.with_file_name(hidden);
            number += 1;
            match File::create_new(&partial) {
                Ok(file) => {
                    tolerant(file.lock())?;
                    // Another program may have taken it for a dead one's before it was locked.
                    if partial.exists() {
                        let target = target.to_owned();
                        return Ok(Whole { file, partial, target });
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the file its name once it is on the disk.
    ///
    /// # Errors
    /// When the disk says no; what was at its place is there still.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.partial, &self.target)
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // After `finish` nothing has this name.
        let _ = fs::remove_file(&self.partial);
    }
}

/// Puts a file in its place as a whole: readers see the old one or the new one.
///
/// ```
/// let dir = tempfile::tempdir().unwrap();
/// let place = dir.path().join("page.html");
/// preau::output::whole::replace(&place, b"<p>").unwrap();
/// assert_eq!(std::fs::read(&place).unwrap(), b"<p>");
/// ```
///
/// # Errors
/// As [`Whole::begin`] and [`Whole::finish`].
pub fn replace(target: &Path, content: &[u8]) -> io::Result<()> {
    let mut whole = Whole::begin(target)?;
    whole.write_all(content)?;
    whole.finish()
}

fn hidden(name: &OsStr) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(PARTIAL);
    hidden
}

/// What cannot be cleared is left: it is in nobody's way.
fn clear_the_dead(target: &Path, name: &OsStr) {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return;
    };
    let hidden = hidden(name);
    for entry in entries.flatten() {
        let own = entry.file_name();
        let rest = own.as_encoded_bytes().strip_prefix(hidden.as_encoded_bytes());
        let numbered = |rest: &[u8]| rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        if rest.is_some_and(numbered)
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Some network disks know no locks: then what a killed program left stays.
fn tolerant(locked: io::Result<()>) -> io::Result<()> {
    match locked {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dead_left_is_cleared_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("a.trace");
        let kept = [".a.trace.partial-notes", ".b.trace.partial-1-0", "a.trace.partial-1-0"];
        for name in kept.iter().chain(&[".a.trace.partial-1-0", ".a.trace.partial-77"]) {
            fs::write(dir.path().join(name), "half").unwrap();
        }
        let mut living = Whole::begin(&place).unwrap();
        living.write_all(b"first").unwrap();
        // A second one at the same time takes nothing from the first.
        replace(&place, b"second").unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"second");
        living.finish().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"first");
        let entries = fs::read_dir(dir.path()).unwrap();
        let mut left: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, [kept[0], kept[1], "a.trace", kept[2]]);
        drop(Whole::begin(&place).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
        assert!(replace(dir.path(), b"").is_err());
    }
}
