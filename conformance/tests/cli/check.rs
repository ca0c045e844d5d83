//! `herenow check`, usage, and completions.

use std::net::TcpListener;

use anyhow::Result;
use herenow_testkit::{Server, ServerOptions, run};

use crate::support::{failed, herenow, printed};

#[tokio::test]
async fn a_configuration_that_would_start_is_said_to_and_nothing_is_made() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let lines = printed(&run(folder.path(), &["check", "--listen", "127.0.0.1:0"]).await?)?;
    assert!(lines.len() > 5 && lines.iter().all(|line| line.starts_with("ok  ")), "{lines:?}");
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
    Ok(())
}

#[tokio::test]
async fn everything_that_is_in_the_way_is_named_and_the_exit_code_says_so() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    std::fs::write(folder.path().join("short"), "too short")?;
    std::fs::write(folder.path().join("herenow.toml"), "secret_file = \"short\"\n")?;
    let output = run(folder.path(), &["check", "--listen", &address]).await?;
    let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    assert_eq!(output.status.code(), Some(1), "{stdout}{stderr}");
    let bad: Vec<_> = stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(bad.len() == 2 && bad[0].contains("too short") && bad[1].contains(&address), "{stdout}");
    assert!(stderr.starts_with("herenow: ") && stderr.contains("2 reasons"), "{stderr}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_runs_is_named_and_no_failure() -> Result<()> {
    let server = Server::start(ServerOptions::new()).await?;
    let lines = printed(&herenow(&server, &["check", "--listen", &server.address().to_string()]).await?)?;
    let notes: Vec<_> = lines.iter().filter(|line| line.starts_with("note")).collect();
    assert!(notes[0].contains(&format!("process {}", server.pid())), "{lines:?}");
    assert!(notes[1].contains(&server.address().to_string()), "{lines:?}");
    Ok(())
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_is_refused_by_name() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("herenow.toml"), "listn = \"127.0.0.1:0\"\n")?;
    failed(&run(folder.path(), &["check"]).await?, 1, &["listn", "listen"])
}

#[tokio::test]
async fn wrong_usage_is_told_by_code_2() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for arguments in [&["key", "create"][..], &["project"], &["user", "list"], &["completions", "dos"], &["nothing"]] {
        failed(&run(folder.path(), arguments).await?, 2, &["--help"])?;
    }
    failed(&run(folder.path(), &["project", "list", "--data", ":memory:"]).await?, 1, &[":memory:", "--data"])
}

#[tokio::test]
async fn every_shell_gets_its_completions() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (shell, word) in
        [("bash", "complete -F _herenow"), ("zsh", "#compdef herenow"), ("fish", "complete -c herenow")]
    {
        let lines = printed(&run(folder.path(), &["completions", shell]).await?)?;
        assert!(lines.iter().any(|line| line.contains(word)), "{shell}");
    }
    Ok(())
}
