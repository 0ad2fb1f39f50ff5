//! A program that was built without the local application says so: `cargo test --no-default-features --test no_serve`.
#![cfg(not(feature = "serve"))]

use std::process::Command;

#[test]
fn it_says_which_feature_is_missing() {
    let output = Command::new(env!("CARGO_BIN_EXE_preau"))
        .args(["serve", "--no-open"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("without the feature `serve`") && said.contains("--features serve"),
        "{said}"
    );
}
