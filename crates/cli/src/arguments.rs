//! The command line.

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use herenow_loadgen::BenchArgs;
use herenow_server::config::Flags;

use crate::{
    manage::{KeyCommand, ProjectCommand, UserCommand},
    watch::WatchArgs,
};

/// A presence server: who is here right now, and every change of it, live.
#[derive(Debug, Parser)]
#[command(name = "herenow", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server; needs nothing else.
    Serve(Settings),
    /// Projects, of a running server or a stopped one.
    #[command(subcommand)]
    Project(ProjectCommand),
    /// API keys of a project, of a running server or a stopped one.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Users of a project, of a running server or a stopped one.
    #[command(subcommand)]
    User(UserCommand),
    /// Who is here, live in the terminal; of a running server, with an API key.
    Watch(WatchArgs),
    /// Say what `serve` would do, without doing it.
    Check(Settings),
    /// Ask a running server whether it takes writes; exits 0 where it does.
    Health(Settings),
    /// Print what makes a shell complete these commands.
    Completions {
        /// For which shell.
        shell: Shell,
    },
    /// Write a manual page for each command into a folder.
    #[command(hide = true)]
    Man {
        /// The folder, which must exist.
        folder: std::path::PathBuf,
    },
    /// Measure a server against the limits of the machine.
    #[command(subcommand)]
    Bench(BenchArgs),
}

/// Settings; each beats its environment variable, which beats the file.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The configuration file [default: ./herenow.toml where it exists].
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    /// Address of the API; port 0 picks a free one [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Folder for everything that must last; `:memory:` keeps nothing [default: ./herenow-data].
    #[arg(long, value_name = "FOLDER")]
    data: Option<String>,
    /// Where accounts live, such as sqlite://PATH [default: in the data folder].
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Redis or Valkey, for many nodes.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Where metrics and health answer; empty: nowhere.
    #[arg(long, value_name = "ADDRESS:PORT")]
    ops_listen: Option<String>,
    /// Filter of the log [default: info].
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// When a presence write is acknowledged: process, disk or memory [default: process].
    #[arg(long, value_name = "WHEN")]
    durability: Option<String>,
    /// How long a presence outlives a lost connection [default: 5s].
    #[arg(long, value_name = "DURATION")]
    disconnect_grace: Option<String>,
    /// Where the world reaches the server, such as https://presence.example.com.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Limit no rates.
    #[arg(long)]
    no_rate_limits: bool,
}

impl Settings {
    /// What was given, by the names of the file's keys.
    pub(crate) fn flags(&self) -> Flags {
        let given = [
            ("config", &self.config),
            ("listen", &self.listen),
            ("data", &self.data),
            ("database", &self.database),
            ("redis", &self.redis),
            ("ops_listen", &self.ops_listen),
            ("log", &self.log),
            ("durability", &self.durability),
            ("disconnect_grace", &self.disconnect_grace),
            ("public_url", &self.public_url),
        ];
        let mut flags: Flags = given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
        if self.no_rate_limits {
            flags.insert("rate_limits", "off".to_owned());
        }
        flags
    }
}
