//! What the tests of the command line share.

use std::process::{Output, Stdio};

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Server, binary, run};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

/// Runs `herenow ARGUMENTS` on a server's data folder.
pub(crate) async fn herenow(server: &Server, arguments: &[&str]) -> Result<Output> {
    let data = server.data_dir().to_str().context("a path in UTF-8")?;
    run(server.data_dir().parent().context("a folder")?, &[arguments, &["--data", data]].concat()).await
}

/// The same, which must succeed; what it printed, line by line.
pub(crate) async fn done(server: &Server, arguments: &[&str]) -> Result<Vec<String>> {
    printed(&herenow(server, arguments).await?)
}

/// What a command that succeeded printed, line by line.
pub(crate) fn printed(output: &Output) -> Result<Vec<String>> {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{}: {stderr}", output.status);
    Ok(stdout.lines().map(str::to_owned).collect())
}

/// The same, which answers with JSON.
pub(crate) async fn json(server: &Server, arguments: &[&str]) -> Result<Value> {
    let lines = done(server, &[arguments, &["--json"]].concat()).await?;
    ensure!(lines.len() == 1, "one line of JSON: {lines:?}");
    Ok(serde_json::from_str(&lines[0])?)
}

/// Runs a command that must fail with one sentence that has these words.
pub(crate) async fn fails(server: &Server, arguments: &[&str], words: &[&str]) -> Result<()> {
    failed(&herenow(server, arguments).await?, 1, words)
}

/// Checks that a command failed with this code and one sentence that has these words.
pub(crate) fn failed(output: &Output, code: i32, words: &[&str]) -> Result<()> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(code), "{}: {stderr}", output.status);
    ensure!(code != 1 || (stderr.starts_with("herenow: ") && stderr.lines().count() == 1), "no sentence: {stderr}");
    ensure!(words.iter().all(|word| stderr.contains(word)), "{words:?} are not all in: {stderr}");
    ensure!(output.stdout.is_empty(), "what failed prints nothing: {}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// Runs a command with this on its standard input.
pub(crate) async fn with_input(server: &Server, arguments: &[&str], input: &str) -> Result<Vec<String>> {
    let mut command = tokio::process::Command::new(binary()?);
    command.args(arguments).arg("--data").arg(server.data_dir()).kill_on_drop(true);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().context("it is piped")?;
    stdin.write_all(input.as_bytes()).await?;
    drop(stdin);
    printed(&child.wait_with_output().await?)
}
