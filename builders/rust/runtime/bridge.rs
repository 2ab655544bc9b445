// Starts the service's own program, user-server, the way the platform wants: with VERCEL_IPC_PATH it listens on a free port
// in front of it, tells that port over the Unix socket, and tells when requests begin and end (section 5.1 of svc's services
// reference). Without, it becomes that program. Needs nothing but Rust's standard library, so that rustc alone makes it.
use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{exit, Child, Command};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PING: &str = "/_vercel/ping";
const INTERNAL: &str = "x-vercel-internal-";
const PATIENCE: Duration = Duration::from_secs(30);
const LARGEST_HEAD: usize = 1 << 20;

static SERVER: AtomicI32 = AtomicI32::new(0);

// Of the system's C library, which the standard library links anyway, these two have no other name in Rust.
extern "C" {
    fn kill(process: i32, signal: i32) -> i32;
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
}

extern "C" fn pass_on(number: i32) {
    let server = SERVER.load(Ordering::SeqCst);
    if server != 0 {
        // May be called in a signal handler.
        unsafe { kill(server, number) };
    }
}

struct Channel(Mutex<UnixStream>);

impl Channel {
    fn tell(&self, kind: &str, payload: &str) {
        let message = format!("{{\"type\":\"{kind}\",\"payload\":{payload}}}\0");
        let mut stream = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // Nobody is left to tell when this fails.
        let _ = stream.write_all(message.as_bytes());
    }

    fn fail(&self, error: &str) -> ! {
        eprintln!("{error}");
        self.tell("unrecoverable-error", &format!("{{\"exitCode\":1,\"message\":{}}}", quoted(error)));
        exit(1)
    }
}

fn main() {
    let program = match env::current_exe() {
        Ok(path) => path.with_file_name("user-server"),
        Err(error) => give_up(&error.to_string()),
    };
    let Some(path) = env::var_os("VERCEL_IPC_PATH") else {
        let error = Command::new(&program).args(env::args_os().skip(1)).exec();
        give_up(&format!("{}: {error}", program.display()));
    };
    serve(program.into_os_string(), path)
}

fn give_up(error: &str) -> ! {
    eprintln!("{error}");
    exit(1)
}

fn serve(program: OsString, ipc: OsString) -> ! {
    let started = Instant::now();
    let channel = match UnixStream::connect(&ipc) {
        Ok(stream) => Arc::new(Channel(Mutex::new(stream))),
        Err(error) => give_up(&error.to_string()),
    };
    let (listener, port, server_port) = match ports() {
        Ok(found) => found,
        Err(error) => channel.fail(&error.to_string()),
    };
    let mut server = match Command::new(program).env("PORT", server_port.to_string()).spawn() {
        Ok(child) => child,
        Err(error) => channel.fail(&error.to_string()),
    };
    SERVER.store(server.id() as i32, Ordering::SeqCst);
    for number in [2, 15] {
        unsafe { signal(number, pass_on) };
    }
    if let Err(error) = until_listening(&mut server, server_port, started) {
        // It may have ended by itself.
        let _ = server.kill();
        channel.fail(&error);
    }
    let accepting = Arc::clone(&channel);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let channel = Arc::clone(&accepting);
            thread::spawn(move || {
                // A client that goes away, or a server that does, ends this connection and no other.
                let _ = pass(client, server_port, &channel);
            });
        }
    });
    let milliseconds = started.elapsed().as_millis();
    channel.tell("server-started", &format!("{{\"initDuration\":{milliseconds},\"httpPort\":{port}}}"));
    match server.wait() {
        Ok(status) => exit(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))),
        Err(error) => channel.fail(&error.to_string()),
    }
}

/// The listener for the platform with its port, and a free port for the server.
fn ports() -> io::Result<(TcpListener, u16, u16)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    Ok((listener, port, other))
}

fn until_listening(server: &mut Child, port: u16, started: Instant) -> Result<(), String> {
    while started.elapsed() < PATIENCE {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(());
        }
        if let Ok(Some(_)) = server.try_wait() {
            return Err("the program ended before it listened on the port in the variable PORT".into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(format!("the program does not listen on the port in the variable PORT after {PATIENCE:?}"))
}

/// One request a connection: the server is asked to close it after its answer, so that everything behind the request's head
/// passes as it is, whatever its form: bodies of any kind, server-sent events, WebSockets.
fn pass(mut client: TcpStream, port: u16, channel: &Channel) -> io::Result<()> {
    let Some((head, rest)) = read_head(&mut client)? else { return Ok(()) };
    // A character a byte, so that every byte comes out again as it went in.
    let head: String = head.into_iter().map(char::from).collect();
    let target = head.split(' ').nth(1).unwrap_or("");
    if target.split('?').next() == Some(PING) {
        return client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK");
    }
    let invocation = header(&head, "x-vercel-internal-invocation-id").unwrap_or("");
    let request = header(&head, "x-vercel-internal-request-id").and_then(|id| id.parse().ok()).unwrap_or(0u64);
    let context = format!("{{\"invocationId\":{},\"requestId\":{request}}}", quoted(invocation));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
    channel.tell("handler-started", &format!("{{\"handlerStartedAt\":{now},\"context\":{context}}}"));
    let bytes: Vec<u8> = passed_on(&head).chars().map(|letter| letter as u8).collect();
    let result = relay(client, port, &bytes, &rest);
    channel.tell("end", &format!("{{\"context\":{context}}}"));
    result
}

fn relay(mut client: TcpStream, port: u16, head: &[u8], rest: &[u8]) -> io::Result<()> {
    let mut server = match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
        Ok(stream) => stream,
        Err(error) => {
            client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
            return Err(error);
        }
    };
    // Small pieces, as of an event stream, go out at once.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    server.write_all(head)?;
    server.write_all(rest)?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        // A client may stop sending and still wait for its answer.
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let answered = io::copy(&mut server, &mut client);
    // Ends the thread above as well.
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
    answered.map(|_| ())
}

/// The head of a request, its empty line included, and what was read beyond it; nothing when the client sent none.
fn read_head(client: &mut TcpStream) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut read = Vec::new();
    let mut piece = [0; 8192];
    while read.len() < LARGEST_HEAD {
        let count = client.read(&mut piece)?;
        if count == 0 {
            return Ok(None);
        }
        // The end may lie across two pieces.
        let from = read.len().saturating_sub(3);
        read.extend_from_slice(&piece[..count]);
        if let Some(at) = read[from..].windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = read.split_off(from + at + 4);
            return Ok(Some((read, rest)));
        }
    }
    client.write_all(b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok(None)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The head without the platform's own headers, and with the wish that the connection is closed after the answer, unless it
/// is to become another protocol's.
fn passed_on(head: &str) -> String {
    let is_upgrade = header(head, "upgrade").is_some();
    let mut lines = head.trim_end_matches("\r\n").split("\r\n");
    let mut passed = format!("{}\r\n", lines.next().unwrap_or(""));
    for line in lines {
        let name = line.split(':').next().unwrap_or("").to_ascii_lowercase();
        let replaced = !is_upgrade && (name == "connection" || name == "keep-alive");
        if !name.starts_with(INTERNAL) && !replaced {
            passed.push_str(line);
            passed.push_str("\r\n");
        }
    }
    if !is_upgrade {
        passed.push_str("Connection: close\r\n");
    }
    passed.push_str("\r\n");
    passed
}

fn quoted(text: &str) -> String {
    let mut json = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                json.push('\\');
                json.push(letter);
            }
            letter if letter < ' ' => {
                // Writing into a string cannot fail.
                let _ = write!(json, "\\u{:04x}", letter as u32);
            }
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
}
