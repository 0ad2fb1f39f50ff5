//! Results in their folders: whole, or not there at all.

use super::*;
use crate::experiment::Arm;
use crate::made_up;
use crate::world::Orbit;

fn identity(seed: u64) -> Identity {
    Identity::new(&made_up::scenario(1), seed, 0..5, Orbit::Auto, &[Arm::base()])
}

fn manifest(seed: u64) -> Manifest {
    Manifest {
        program: "preau".into(),
        format: 1,
        identity: identity(seed),
        name: "made-up".into(),
        title: String::new(),
        size: 1.0,
        command: vec!["preau".into(), "run".into()],
        created: String::new(),
        threads: 2,
        seconds: 0.5,
        model: "(made up)".into(),
        sweep: None,
    }
}

fn write(target: &Path, seed: u64, text: &str, force: bool) -> Result<PathBuf, FolderError> {
    let folder = ResultFolder::begin(target, identity(seed), force)?;
    folder.write("a.txt", |out| out.write_all(text.as_bytes()))?;
    folder.finish(&manifest(seed))
}

fn names(parent: &Path) -> Vec<String> {
    let entries = fs::read_dir(parent)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.filter(|n| n != LOCK).collect();
    names.sort();
    names
}

#[test]
fn a_result_appears_as_a_whole() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("deep/monday");
    let folder = ResultFolder::begin(&target, identity(1), false).unwrap();
    folder.write("a.txt", |out| out.write_all(b"half")).unwrap();
    assert!(!target.exists());
    folder.finish(&manifest(1)).unwrap();
    assert_eq!(names(&target), ["a.txt", MANIFEST]);
    assert_eq!(names(target.parent().unwrap()), ["monday"]);
    let read: Manifest = serde_json::from_str(&fs::read_to_string(target.join(MANIFEST)).unwrap()).unwrap();
    assert_eq!(read, manifest(1));
}

#[test]
fn the_same_run_replaces_itself_and_another_needs_force() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("monday");
    write(&target, 1, "first", false).unwrap();
    write(&target, 1, "again", false).unwrap();
    assert_eq!(fs::read_to_string(target.join("a.txt")).unwrap(), "again");
    let error = write(&target, 2, "other", false).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "holds a result of another seed, made by `preau run`; give --force to replace it, or another --out"
        ),
        "{error}"
    );
    write(&target, 2, "other", true).unwrap();
    assert_eq!(fs::read_to_string(target.join("a.txt")).unwrap(), "other");
    assert_eq!(names(parent.path()), ["monday"]);
}

#[test]
fn what_somebody_put_beside_the_same_result_stays() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("monday");
    write(&target, 1, "first", false).unwrap();
    fs::write(target.join("notes.txt"), "mine").unwrap();
    write(&target, 1, "again", false).unwrap();
    assert_eq!(names(&target), ["a.txt", MANIFEST, "notes.txt"]);
    // As if killed when the new result was in place and the old one not yet cleared.
    let aside = parent.path().join(format!("{REPLACED}monday"));
    fs::create_dir(&aside).unwrap();
    fs::copy(target.join(MANIFEST), aside.join(MANIFEST)).unwrap();
    fs::write(aside.join("more.txt"), "mine too").unwrap();
    drop(ResultFolder::begin(&parent.path().join("tuesday"), identity(1), false).unwrap());
    assert_eq!(names(&target), ["a.txt", MANIFEST, "more.txt", "notes.txt"]);
    // Of another result it would be no part.
    write(&target, 2, "other", true).unwrap();
    assert_eq!(names(&target), ["a.txt", MANIFEST]);
}

#[test]
fn runs_of_a_sweep_are_never_replaced() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("monday");
    write(&target, 1, "first", false).unwrap();
    fs::write(target.join(JOURNAL), "hours of runs").unwrap();
    for force in [false, true] {
        let error = write(&target, 1, "again", force).unwrap_err();
        assert!(matches!(error, FolderError::Runs { .. }), "{error}");
    }
    assert_eq!(fs::read_to_string(target.join("a.txt")).unwrap(), "first");
}

#[test]
fn what_is_no_result_is_never_replaced() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("thesis.tex"), "years of work").unwrap();
    let error = ResultFolder::begin(parent.path(), identity(1), true).unwrap_err();
    assert!(matches!(error, FolderError::NotAResult { .. }), "{error}");
    assert!(matches!(
        ResultFolder::begin(Path::new("/"), identity(1), true),
        Err(FolderError::BadName { .. })
    ));
    fs::create_dir(parent.path().join("empty")).unwrap();
    write(&parent.path().join("empty"), 1, "fine", false).unwrap();
}

#[test]
fn a_dropped_result_leaves_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let folder = ResultFolder::begin(&parent.path().join("monday"), identity(1), false).unwrap();
    folder.write("a.txt", |out| out.write_all(b"half")).unwrap();
    drop(folder);
    assert!(names(parent.path()).is_empty());
}

#[test]
fn the_dead_are_cleared_and_the_living_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let living = ResultFolder::begin(&parent.path().join("tuesday"), identity(1), false).unwrap();
    let dead = ResultFolder::begin(&parent.path().join("monday"), identity(1), false).unwrap();
    dead.write("a.txt", |out| out.write_all(b"half")).unwrap();
    // As if killed: the system closes its files, nothing else happens.
    let partial = dead.partial.clone();
    let stolen = dead._alive.try_clone().unwrap();
    std::mem::forget(dead);
    stolen.unlock().unwrap();
    write(&parent.path().join("monday"), 1, "whole", false).unwrap();
    assert!(!partial.exists() && !lock_of(&partial).exists());
    assert!(living.partial.exists());
    living.finish(&manifest(1)).unwrap();
    assert_eq!(names(parent.path()), ["monday", "tuesday"]);
}

#[test]
fn killed_between_the_two_renames_the_old_result_comes_back() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("monday");
    write(&target, 1, "old", false).unwrap();
    fs::rename(&target, parent.path().join(format!("{REPLACED}monday"))).unwrap();
    drop(ResultFolder::begin(&parent.path().join("tuesday"), identity(1), false).unwrap());
    assert_eq!(fs::read_to_string(target.join("a.txt")).unwrap(), "old");
    assert_eq!(names(parent.path()), ["monday"]);
}

#[test]
fn two_programs_may_write_side_by_side() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("monday");
    let one = ResultFolder::begin(&target, identity(1), false).unwrap();
    let two = ResultFolder::begin(&target, identity(2), false).unwrap();
    one.finish(&manifest(1)).unwrap();
    assert!(matches!(two.finish(&manifest(2)), Err(FolderError::Exists { .. })));
    assert_eq!(names(parent.path()), ["monday"]);
}

const CHILD: &str = "PREAU_TEST_WRITES_INTO";

/// The program that [`killed_at_any_instant_no_half_result_is_left`] kills: the same test, told to write.
fn write_for_ever(target: &Path) {
    for text in ["one", "two"].iter().cycle() {
        write(target, 1, &text.repeat(1000), false).unwrap();
    }
}

#[test]
fn killed_at_any_instant_no_half_result_is_left() {
    if let Some(target) = std::env::var_os(CHILD) {
        return write_for_ever(Path::new(&target));
    }
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("monday");
    for round in 0..20 {
        let mut child = process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "output::folder::tests::killed_at_any_instant_no_half_result_is_left",
            ])
            .env(CHILD, &target)
            .stdout(process::Stdio::null())
            .stderr(process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_micros(30_000 + 1371 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        // The next program tidies up; then there is a whole result or none.
        drop(ResultFolder::begin(&parent.path().join("tuesday"), identity(1), false).unwrap());
        if target.exists() {
            assert_eq!(names(parent.path()), ["monday"]);
            assert_eq!(names(&target), ["a.txt", MANIFEST]);
            assert_eq!(fs::read_to_string(target.join("a.txt")).unwrap().len(), 3000);
        } else {
            assert!(names(parent.path()).is_empty());
        }
    }
    assert!(target.exists(), "the child never got as far as a result");
}

/// A result has no folders: what lies in one that is replaced is somebody's.
#[test]
fn a_result_within_a_result_outlives_it() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("monday");
    write(&target, 1, "first", false).unwrap();
    write(&target.join("inner"), 7, "inner", false).unwrap();
    write(&target, 2, "other", true).unwrap();
    assert_eq!(fs::read_to_string(target.join("a.txt")).unwrap(), "other");
    assert_eq!(fs::read_to_string(target.join("inner/a.txt")).unwrap(), "inner");
}
