//! The result folder: whole or not there at all.
//!
//! A result is written into a hidden sibling of its place and renamed when complete, so that a program
//! killed at any instant leaves either the old result, or the new one, or none. What dead programs leave
//! is cleared by the next that writes beside it: each holds a lock on its own sibling while it lives, and the
//! system takes the lock from the dead.

use super::Manifest;
use super::manifest::Identity;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Where results go unless told.
pub const DEFAULT_PARENT: &str = "notebooks-out";
/// The file without which a folder is no result.
pub const MANIFEST: &str = "manifest.json";
/// The runs of a sweep, which are in no result folder but may come to lie in one.
pub const JOURNAL: &str = "journal";
/// Hidden siblings: being written, being replaced, and the lock under which they are made and cleared.
const PARTIAL: &str = ".preau-partial.";
const REPLACED: &str = ".preau-replaced.";
const LOCK: &str = ".preau-lock";
/// More letters of the command of a result in the way are not shown.
const LONGEST_COMMAND: usize = 80;
/// Added to the name of a sibling for its own lock.
const LOCK_END: &str = ".lock";

/// Why a result cannot be put in its place.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is another result.
    #[error("{} holds a result {difference}, made by `{command}`; give --force to replace it, or another --out", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
        /// What is not the same.
        difference: &'static str,
        /// What made it, shortened.
        command: String,
    },
    /// There is something that is no result; not even force replaces it.
    #[error("{} exists and holds no result of preau; give another --out", path.display())]
    NotAResult {
        /// Where.
        path: PathBuf,
    },
    /// There are the runs of a sweep; not even force replaces them.
    #[error("{} holds the journal of a sweep, which nothing replaces; give another --out", path.display())]
    Runs {
        /// Where.
        path: PathBuf,
    },
    /// The path has no last part that could name a folder.
    #[error("'{}' cannot name a result folder; give another --out", path.display())]
    BadName {
        /// Where.
        path: PathBuf,
    },
    /// Where a folder should be there is something else.
    #[error("{} exists and is no folder; give another --out", path.display())]
    NoFolder {
        /// Where.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> FolderError + '_ {
    move |source| FolderError::Io {
        path: path.to_owned(),
        source,
    }
}

/// A result that is being written. Dropped without [`ResultFolder::finish`], it leaves nothing.
#[derive(Debug)]
pub struct ResultFolder {
    target: PathBuf,
    partial: PathBuf,
    identity: Identity,
    force: bool,
    /// Held while this program lives.
    _alive: File,
}

impl ResultFolder {
    /// `notebooks-out/<name>`.
    pub fn default_path(name: &str) -> PathBuf {
        Path::new(DEFAULT_PARENT).join(name)
    }

    /// Prepares to write a result at `target`, and clears what dead programs left beside it. To be called
    /// before the runs, so that a result in the way is told before they are made.
    ///
    /// # Errors
    /// When there is another result and no `force`, or anything else than a result; or when the disk says no.
    pub fn begin(target: &Path, identity: Identity, force: bool) -> Result<ResultFolder, FolderError> {
        let name = target.file_name().ok_or_else(|| FolderError::BadName {
            path: target.to_owned(),
        })?;
        let parent = parent(target);
        fs::create_dir_all(parent).map_err(|source| no_parent(parent, source))?;
        let _lock = lock_parent(parent)?;
        clear_the_dead(parent).map_err(io_error(parent))?;
        may_replace(target, &identity, force)?;
        let (partial, alive) = open_partial(parent, name).map_err(io_error(parent))?;
        Ok(ResultFolder {
            target: target.to_owned(),
            partial,
            identity,
            force,
            _alive: alive,
        })
    }

    /// Where the files are until the result is in its place.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// Opens a file of the result for writing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self, file: &str) -> Result<BufWriter<File>, FolderError> {
        // Told under the name that it is to have: nobody knows the hidden one.
        let failed = |source| io_error(&self.target.join(file))(source);
        Ok(BufWriter::new(File::create(self.partial.join(file)).map_err(failed)?))
    }

    /// Writes a file of the result by a function of `output::csv` or the like.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write<E: Into<io::Error>>(
        &self,
        file: &str,
        content: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
    ) -> Result<(), FolderError> {
        let path = self.target.join(file);
        let mut out = self.create(file)?;
        content(&mut out)
            .map_err(Into::into)
            .and_then(|()| out.flush())
            .map_err(io_error(&path))
    }

    /// Writes the manifest and puts the result in its place, as a whole. Gives the place.
    ///
    /// # Errors
    /// When something else was put there meanwhile, or the disk says no; nothing is changed then.
    pub fn finish(self, manifest: &Manifest) -> Result<PathBuf, FolderError> {
        self.write(MANIFEST, |out| serde_json::to_writer_pretty(&mut *out, manifest))?;
        let parent = parent(&self.target);
        let _lock = lock_parent(parent)?;
        may_replace(&self.target, &self.identity, self.force)?;
        put_in_place(&self.partial, &self.target).map_err(io_error(&self.target))?;
        Ok(self.target.clone())
    }
}

impl super::Shelf for ResultFolder {
    fn put(
        &self,
        file: &str,
        content: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<(), FolderError> {
        self.write(file, |out| content(out))
    }
}

impl Drop for ResultFolder {
    fn drop(&mut self) {
        // After `finish` the folder is no longer there and only the lock file is removed. What cannot be
        // removed now is cleared by the next program.
        let _ = fs::remove_dir_all(&self.partial);
        let _ = fs::remove_file(lock_of(&self.partial));
    }
}

/// Why there is no folder to write into: of what lies in the way the first that is no folder is named.
fn no_parent(parent: &Path, source: io::Error) -> FolderError {
    let mut above: Vec<&Path> = parent.ancestors().collect();
    above.reverse();
    match above.into_iter().find(|path| path.exists() && !path.is_dir()) {
        Some(path) => FolderError::NoFolder { path: path.to_owned() },
        None => io_error(parent)(source),
    }
}

fn parent(target: &Path) -> &Path {
    target
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Taken for instants: while siblings are made, cleared and renamed.
fn lock_parent(parent: &Path) -> Result<File, FolderError> {
    let path = parent.join(LOCK);
    let lock = || {
        let file = File::create(&path)?;
        tolerant(file.lock())?;
        Ok(file)
    };
    lock().map_err(io_error(&path))
}

/// Some network disks know no locks: then one program at a time is the user's own care.
fn tolerant(locked: io::Result<()>) -> io::Result<()> {
    locked.or_else(|e| {
        if e.kind() == io::ErrorKind::Unsupported {
            Ok(())
        } else {
            Err(e)
        }
    })
}

fn lock_of(partial: &Path) -> PathBuf {
    let mut name = partial.as_os_str().to_owned();
    name.push(LOCK_END);
    name.into()
}

fn prefixed(prefix: &str, name: &std::ffi::OsStr) -> OsString {
    let mut whole = OsString::from(prefix);
    whole.push(name);
    whole
}

/// Makes a new sibling and its lock. Under the parent's lock.
fn open_partial(parent: &Path, name: &std::ffi::OsStr) -> io::Result<(PathBuf, File)> {
    let mut number = 0;
    loop {
        let mut unique = prefixed(PARTIAL, name);
        unique.push(format!(".{}-{number}", process::id()));
        let partial = parent.join(unique);
        match fs::create_dir(&partial) {
            Ok(()) => {
                let alive = File::create(lock_of(&partial))?;
                tolerant(alive.lock())?;
                return Ok((partial, alive));
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(e) => return Err(e),
        }
    }
}

/// Removes siblings whose programs are dead and undoes interrupted replacements. Under the parent's lock.
fn clear_the_dead(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if let Some(original) = name.strip_prefix(REPLACED) {
            restore(&entry.path(), &parent.join(original))?;
        } else if name.starts_with(PARTIAL) {
            clear_if_dead(&parent.join(name.trim_end_matches(LOCK_END)))?;
        }
    }
    Ok(())
}

/// Of a dead program there may be both, the folder alone or the lock file alone.
fn clear_if_dead(partial: &Path) -> io::Result<()> {
    if is_dead(partial)? {
        ignore_missing(fs::remove_dir_all(partial))?;
        ignore_missing(fs::remove_file(lock_of(partial)))?;
    }
    Ok(())
}

fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|e| {
        if e.kind() == io::ErrorKind::NotFound {
            Ok(())
        } else {
            Err(e)
        }
    })
}

/// An old result that was set aside: put back if the new one never came, else removed.
fn restore(aside: &Path, target: &Path) -> io::Result<()> {
    if target.exists() {
        clear_old(aside, target)
    } else {
        fs::rename(aside, target)
    }
}

fn is_dead(partial: &Path) -> io::Result<bool> {
    match File::open(lock_of(partial)) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            // Without locks nobody knows: leave it.
            Err(TryLockError::Error(_)) => Ok(false),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) => Err(e),
    }
}

/// Whether a result may be put at `target`: nothing is there, or the same result, or any result and `force`.
fn may_replace(target: &Path, identity: &Identity, force: bool) -> Result<(), FolderError> {
    if !target.exists() || is_empty_folder(target) {
        return Ok(());
    }
    if target.join(JOURNAL).exists() {
        return Err(FolderError::Runs {
            path: target.to_owned(),
        });
    }
    let Some(there) = manifest_of(target) else {
        return Err(FolderError::NotAResult {
            path: target.to_owned(),
        });
    };
    match there.identity.difference(identity) {
        Some(difference) if !force => Err(FolderError::Exists {
            path: target.to_owned(),
            difference,
            command: shortened(&there.command),
        }),
        _ => Ok(()),
    }
}

/// The command of a result, for a line of an error: whoever asks where a result came from knows it by its first words.
fn shortened(command: &[String]) -> String {
    let mut words = command.iter();
    let program = words
        .next()
        .map(Path::new)
        .and_then(Path::file_stem)
        .unwrap_or_default();
    let said = words.fold(program.to_string_lossy().into_owned(), |said, word| {
        format!("{said} {word}")
    });
    match said.char_indices().nth(LONGEST_COMMAND) {
        Some((end, _)) => format!("{} …", said[..end].trim_end()),
        None => said,
    }
}

fn manifest_of(folder: &Path) -> Option<Manifest> {
    let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
    serde_json::from_str(&text).ok()
}

/// Whether there is a folder with nothing in it.
pub fn is_empty_folder(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Under the parent's lock. A folder with files cannot be renamed over, so the old one steps aside first;
/// a program killed between the two renames leaves it aside, and [`clear_the_dead`] puts it back.
fn put_in_place(partial: &Path, target: &Path) -> io::Result<()> {
    if !target.exists() || is_empty_folder(target) {
        return fs::rename(partial, target);
    }
    let name = target.file_name().unwrap_or_default();
    let aside = parent(target).join(prefixed(REPLACED, name));
    fs::rename(target, &aside)?;
    if let Err(e) = fs::rename(partial, target) {
        fs::rename(&aside, target)?;
        return Err(e);
    }
    // The new result is in place: what is left of the old one is cleared next time if not now.
    let _ = clear_old(&aside, target);
    Ok(())
}

/// Removes an old result that a new one has replaced. Where both are of the same runs, what only the old one has goes over first:
/// notes that somebody put there, or a file that was asked for then and is as true now. A folder goes over in any case: results have
/// none, so it is somebody's, perhaps another result.
fn clear_old(aside: &Path, target: &Path) -> io::Result<()> {
    let same = match (manifest_of(aside), manifest_of(target)) {
        (Some(old), Some(new)) => old.identity.difference(&new.identity).is_none(),
        _ => false,
    };
    for entry in fs::read_dir(aside)? {
        let entry = entry?;
        let place = target.join(entry.file_name());
        if (same || entry.file_type()?.is_dir()) && !place.exists() {
            fs::rename(entry.path(), place)?;
        }
    }
    fs::remove_dir_all(aside)
}

#[cfg(test)]
mod tests;
