//! The socket in the data folder by which the command line speaks to a running server: one line of JSON, one back.
//!
//! Only the server's own user may open it, so whoever does is an operator. Source: decisions, Operation.

use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustix::fs::{Mode, fchmod};
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

use super::{Answer, Request, perform};
use crate::App;

/// Its name in the data folder.
const NAME: &str = "admin.sock";
/// Longest request, in bytes.
const MAX_REQUEST_BYTES: u64 = 64 * 1024;
/// How long a client may take to send its request, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many clients at once; the next are sent away.
const MAX_CLIENTS: usize = 16;
/// How long accepting pauses when the machine has no room for another connection.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest path that fits into an address on every system.
const MAX_PATH_BYTES: usize = 100;

/// The name of the tasks that serve one client each.
pub(crate) const TASK: &str = "admin";

/// What is sent back.
pub(super) type Outcome = Result<Answer, String>;

/// The server's end; the file goes with it.
pub struct Endpoint {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // Who comes too late for it finds nobody there, which is as good.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Endpoint {
    /// Listens in the data folder, which must be ours: what a former server left there is removed.
    ///
    /// # Errors
    /// Where the folder's file system has no room or knows no sockets.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // Before it has a name, so that nobody can come in between.
        fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
        at(folder, |path| socket.bind(&SockAddr::unix(path)?))?;
        socket.listen(128)?;
        socket.set_nonblocking(true)?;
        let listener = UnixListener::from_std(std::os::unix::net::UnixListener::from(socket))?;
        Ok(Self { listener, path })
    }
}

/// Connects to the server of a data folder.
///
/// # Errors
/// Where none listens there.
pub(super) async fn connect(folder: &Path) -> io::Result<UnixStream> {
    let stream = at(folder, std::os::unix::net::UnixStream::connect)?;
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

/// Does something with the socket's path. An address holds some hundred bytes of it: a longer one is reached through
/// the open folder.
fn at<T>(folder: &Path, act: impl FnOnce(PathBuf) -> io::Result<T>) -> io::Result<T> {
    let path = folder.join(NAME);
    if path.as_os_str().len() <= MAX_PATH_BYTES {
        return act(path);
    }
    let open = File::open(folder)?;
    act(PathBuf::from(format!("/proc/self/fd/{}/{NAME}", open.as_raw_fd())))
}

/// Serves clients for ever.
pub async fn serve(app: Arc<App>, endpoint: Endpoint) {
    loop {
        match endpoint.listener.accept().await {
            Ok((stream, _)) if app.tasks.count(TASK) < MAX_CLIENTS => {
                app.tasks.spawn(TASK, one(app.clone(), stream));
            }
            Ok(_) => tracing::warn!("too many commands at once: one was sent away"),
            Err(error) => {
                tracing::warn!(%error, "a command could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn one(app: Arc<App>, stream: UnixStream) {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read.take(MAX_REQUEST_BYTES));
    let Ok(Ok(1..)) = tokio::time::timeout(PATIENCE, read.read_line(&mut line)).await else { return };
    let outcome: Outcome = match serde_json::from_str::<Request>(&line) {
        Ok(request) => perform(&app, request).await.map_err(|error| format!("{error:#}")),
        Err(_) => Err("the running server does not know this command: it is of another version".to_owned()),
    };
    let mut answer = serde_json::to_string(&outcome).expect("an answer serialises");
    answer.push('\n');
    // Whether the answer is taken is the client's affair: it has been done.
    drop(tokio::time::timeout(PATIENCE, write.write_all(answer.as_bytes())).await);
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    async fn reached(folder: &Path) {
        let endpoint = Endpoint::open(folder).expect("it listens");
        let mode = std::fs::metadata(folder.join(NAME)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (client, server) = tokio::join!(connect(folder), endpoint.listener.accept());
        assert!(client.is_ok() && server.is_ok());
        drop(endpoint);
        assert!(!folder.join(NAME).exists());
        assert!(connect(folder).await.is_err());
    }

    #[tokio::test]
    async fn only_its_owner_may_open_it_and_it_goes_with_the_server() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(NAME), "left over").expect("written");
        reached(folder.path()).await;
    }

    #[tokio::test]
    async fn a_folder_whose_path_fits_no_address_has_one_all_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a".repeat(120)).join("b".repeat(120));
        std::fs::create_dir_all(&deep).expect("made");
        reached(&deep).await;
    }
}
