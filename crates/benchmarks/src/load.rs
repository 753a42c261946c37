//! A load generator that costs little: raw HTTP/1.1 over kept-alive loopback connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many answers a second `request` gets over `connections` connections, in one stretch of `time`.
///
/// Every answer must begin with `status`, for example `HTTP/1.1 402`.
///
/// # Errors
///
/// When a connection fails, or an answer is not what it should be.
pub async fn rate(
    server: SocketAddr,
    request: &[u8],
    status: &'static str,
    connections: usize,
    time: Duration,
) -> io::Result<f64> {
    let over = Arc::new(AtomicBool::new(false));
    let answers = Arc::new(AtomicU64::new(0));
    let request: Arc<[u8]> = request.into();
    let start = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (over, answers, request) = (
                Arc::clone(&over),
                Arc::clone(&answers),
                Arc::clone(&request),
            );
            tokio::spawn(async move {
                let mut connection = Connection::open(server).await?;
                while !over.load(Ordering::Relaxed) {
                    connection.expect(&request, status).await?;
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, io::Error>(())
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.map_err(io::Error::other)??;
    }
    let seconds = start.elapsed().as_secs_f64();
    let answers = u32::try_from(answers.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
    Ok(rate_of(answers, seconds))
}

/// How many answers a second many different requests get, each list of them over a connection of its own.
///
/// # Errors
///
/// As for [`rate`].
pub async fn rate_of_all(
    server: SocketAddr,
    requests: Vec<Vec<Vec<u8>>>,
    status: &'static str,
) -> io::Result<f64> {
    let count = requests.iter().map(Vec::len).sum::<usize>();
    let start = Instant::now();
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|requests| {
            tokio::spawn(async move {
                let mut connection = Connection::open(server).await?;
                for request in requests {
                    connection.expect(&request, status).await?;
                }
                Ok::<_, io::Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await.map_err(io::Error::other)??;
    }
    let answers = u32::try_from(count).unwrap_or(u32::MAX);
    Ok(rate_of(answers, start.elapsed().as_secs_f64()))
}

/// The middle one of several measurements.
#[must_use]
pub fn median(mut measurements: Vec<f64>) -> f64 {
    measurements.sort_by(f64::total_cmp);
    measurements
        .get(measurements.len() / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

#[expect(clippy::float_arithmetic, reason = "a rate is a quotient")]
fn rate_of(answers: u32, seconds: f64) -> f64 {
    f64::from(answers) / seconds
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request, whose answer must begin so.
    async fn expect(&mut self, request: &[u8], status: &str) -> io::Result<()> {
        let answer = self.exchange(request).await?;
        if answer.starts_with(status.as_bytes()) {
            return Ok(());
        }
        let answer = String::from_utf8_lossy(answer);
        Err(io::Error::other(format!("expected {status}, got {answer}")))
    }

    /// Sends a request and reads exactly one answer.
    async fn exchange(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if answer_length(&self.buffer) == Some(self.buffer.len()) {
                return Ok(&self.buffer);
            }
        }
    }
}

/// The length of head and body together, once the head is complete.
fn answer_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(bytes.get(..head)?).ok()?;
    let body: usize = text
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())?;
    head.checked_add(4)?.checked_add(body)
}
