//! Workers: one thread each with a runtime of its own, its own compiled scripts, and the connections it was given.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use compact_str::{CompactString, format_compact};
use tokio::runtime::{LocalOptions, LocalRuntime};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::spawn_local;
use tokio::time::timeout_at;

use super::background::{Names, OnWorker};
use super::connection;
use super::live::{Live, Shared};
use super::metrics::OperationMetrics;
use super::socket::Accepted;
use super::swap::StartError;
use crate::pipeline::execution::Around;
use crate::pipeline::gateway::{Gateway, Scripting};
use crate::pipeline::load::{Capacity, Load};
use crate::pipeline::redact::Secrets;
use crate::pipeline::systems::{Outside, System};
use crate::script::STACK;
use crate::script::Scripts;

/// Threads of a worker's pool for what would hold it: password checks, large compressed bodies.
const BLOCKING_THREADS: usize = 4;

/// How long after the end of a stop a worker may take to say what it left.
const GRACE: Duration = Duration::from_secs(1);

/// What a worker is told.
#[derive(Debug)]
pub(super) enum Job {
    /// To serve a connection.
    Connection(Accepted),
    /// To compile a generation's scripts, and to say when that is done and whether it could be.
    Prepare(Arc<Live>, oneshot::Sender<bool>),
    /// To forget what belongs to all generations but one, and to hold to its capacity.
    Keep(u64, Capacity, Arc<[System]>),
    /// To end when its connections and background runs have, or at the given time; answers with what was cut off.
    Stop(Instant, oneshot::Sender<Left>),
}

/// What a stop cut off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    /// Connections with a request under way.
    pub connections: usize,
    /// Runs whose answer had gone.
    pub background: usize,
}

/// A worker as others see it.
#[derive(Debug)]
pub(super) struct Handle {
    jobs: mpsc::UnboundedSender<Job>,
    load: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

/// Every worker.
#[derive(Debug)]
pub(super) struct Workers(Vec<Handle>);

impl Workers {
    /// Starts `count` workers.
    pub(super) fn start(count: usize, shared: &Arc<Shared>) -> io::Result<Self> {
        let start = |number| Handle::start(number, count.max(1), Arc::clone(shared));
        (0..count.max(1)).map(start).collect::<io::Result<_>>().map(Self)
    }

    /// Gives a connection to the worker with the fewest.
    pub(super) fn serve(&self, accepted: Accepted) {
        if let Some(worker) = self.0.iter().min_by_key(|worker| worker.load.load(Ordering::Relaxed)) {
            worker.load.fetch_add(1, Ordering::Relaxed);
            // A worker that has ended closes what it is sent.
            let _ = worker.jobs.send(Job::Connection(accepted));
        }
    }

    /// Lets every worker compile a generation's scripts, and waits until all have.
    ///
    /// # Errors
    /// A worker could not, or was busy with something else until `deadline`.
    pub(super) async fn prepare(&self, live: &Arc<Live>, deadline: Instant) -> Result<(), StartError> {
        for done in self.ask(|done| Job::Prepare(Arc::clone(live), done)) {
            match timeout_at(deadline.into(), done).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false) | Err(_)) => return Err(StartError::Worker),
                Err(_) => return Err(StartError::Busy),
            }
        }
        Ok(())
    }

    /// Lets every worker forget all generations but one.
    pub(super) fn keep(&self, gateway: &Gateway) {
        for worker in &self.0 {
            let systems = gateway.systems.as_slice().into();
            let _ = worker.jobs.send(Job::Keep(gateway.generation, gateway.capacity, systems));
        }
    }

    /// Stops every worker once its work is done, or at `deadline`. A worker that does not answer even then is held by
    /// something that never waits; all its connections are cut off.
    pub(super) async fn stop(&self, deadline: Instant) -> Left {
        let mut left = Left::default();
        let asked = self.ask(|done| Job::Stop(deadline, done));
        for (worker, done) in self.0.iter().zip(asked) {
            let of = match timeout_at((deadline + GRACE).into(), done).await {
                Ok(answer) => answer.unwrap_or_default(),
                Err(_) => Left { connections: worker.load.load(Ordering::Relaxed), background: 0 },
            };
            left.connections = left.connections.saturating_add(of.connections);
            left.background = left.background.saturating_add(of.background);
        }
        left
    }

    /// Whether every thread still runs.
    pub(super) fn all_run(&self) -> bool {
        self.0.iter().all(|worker| !worker.thread.is_finished())
    }

    fn ask<T>(&self, job: impl Fn(oneshot::Sender<T>) -> Job) -> Vec<oneshot::Receiver<T>> {
        let ask = |worker: &Handle| {
            let (done, wait) = oneshot::channel();
            let _ = worker.jobs.send(job(done));
            wait
        };
        self.0.iter().map(ask).collect()
    }
}

impl Handle {
    fn start(number: usize, workers: usize, shared: Arc<Shared>) -> io::Result<Self> {
        let (sender, jobs) = mpsc::unbounded_channel();
        let load = Arc::new(AtomicUsize::new(0));
        let prefix = random_prefix()?;
        let own = Arc::clone(&load);
        let (ready, started) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name(format!("worker-{number}")).stack_size(STACK).spawn(
            move || {
                // Tasks that never leave their thread want a runtime that was made on it.
                let (runtime, made) = match runtime() {
                    Ok(runtime) => (Some(runtime), Ok(())),
                    Err(error) => (None, Err(error)),
                };
                let _ = ready.send(made);
                let Some(runtime) = runtime else { return };
                let worker = Rc::new(Worker::new(shared, own, workers, prefix));
                runtime.block_on(work(worker, jobs));
            },
        )?;
        started.recv().map_err(io::Error::other)??;
        Ok(Self { jobs: sender, load, thread })
    }
}

/// What a worker's tasks run on: all of them in one queue, those of connections to servers that are called among them.
fn runtime() -> io::Result<LocalRuntime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build_local(LocalOptions::default())
}

fn random_prefix() -> io::Result<u32> {
    let mut bytes = [0; 4];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(u32::from_ne_bytes(bytes))
}

async fn work(worker: Rc<Worker>, mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        match job {
            Job::Connection(accepted) => {
                let guards = (Tally::enter(&worker.connections), Counts(Arc::clone(&worker.load)));
                let worker = Rc::clone(&worker);
                spawn_local(async move {
                    connection::serve(worker, accepted).await;
                    drop(guards);
                });
            }
            Job::Prepare(live, done) => {
                let compiled = catch_unwind(AssertUnwindSafe(|| worker.around(&live)));
                let _ = done.send(compiled.is_ok());
            }
            Job::Keep(generation, capacity, systems) => {
                worker.keep(generation, capacity);
                worker.outside.keep(&systems);
            }
            Job::Stop(deadline, done) => {
                let _ = done.send(worker.drained(deadline).await);
                break;
            }
        }
    }
}

/// One connection, or one run that nobody waits for, in what others see of a worker.
pub(super) struct Counts(Arc<AtomicUsize>);

impl Counts {
    /// One more.
    pub(super) fn one(load: &Arc<AtomicUsize>) -> Self {
        load.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(load))
    }
}

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A worker as its own requests see it. Never leaves its thread.
#[derive(Debug)]
pub(super) struct Worker {
    /// What all workers share.
    pub(super) shared: Arc<Shared>,
    /// Runs that go on after their answer.
    pub(super) background: Rc<Tally>,
    /// What they are, for whoever asks what a stop has cut off.
    unawaited: Rc<Names>,
    /// What is under way.
    pub(super) in_hand: Rc<Load>,
    connections: Rc<Tally>,
    /// What calls of systems use.
    outside: Rc<Outside>,
    load: Arc<AtomicUsize>,
    /// What executions find around them, by generation: made once for each, so that a request counts no references that
    /// other workers count too.
    around: RefCell<Vec<(u64, Rc<Around>)>>,
    /// The generation that is kept.
    kept: Cell<u64>,
    operations: RefCell<HashMap<Arc<str>, Rc<OperationMetrics>>>,
    workers: usize,
    /// What the ids of its requests begin with.
    prefix: CompactString,
    requests: Cell<u64>,
}

impl Worker {
    fn new(shared: Arc<Shared>, load: Arc<AtomicUsize>, workers: usize, prefix: u32) -> Self {
        let outside = Rc::new(Outside::new(Arc::clone(&shared.systems)));
        Self {
            shared,
            outside,
            background: Rc::default(),
            unawaited: Rc::default(),
            in_hand: Load::new(Capacity::default().share(workers)),
            connections: Rc::default(),
            load,
            around: RefCell::default(),
            kept: Cell::new(0),
            operations: RefCell::default(),
            workers,
            prefix: format_compact!("{prefix:08x}-"),
            requests: Cell::new(0),
        }
    }

    /// A new request id: unique in this process, and almost surely among all.
    pub(super) fn next_id(&self) -> CompactString {
        let number = self.requests.get().wrapping_add(1);
        self.requests.set(number);
        let mut id = self.prefix.clone();
        push_hex(&mut id, number);
        id
    }

    /// What executions of a generation find around them, with this worker's own scripts; made now, and not kept, if a
    /// request of an old generation comes late.
    pub(super) fn around(&self, live: &Arc<Live>) -> Rc<Around> {
        let generation = live.gateway.generation;
        let mut all = self.around.borrow_mut();
        if let Some((_, around)) = all.iter().find(|(number, _)| *number == generation) {
            return Rc::clone(around);
        }
        let around = Rc::new(Around {
            scripts: Rc::new(compile(&live.gateway.scripts)),
            secrets: Secrets::new(&live.gateway.tracing.secrets),
            load: Rc::clone(&self.in_hand),
            background: Rc::new(OnWorker {
                running: Rc::clone(&self.background),
                names: Rc::clone(&self.unawaited),
                load: Arc::clone(&self.load),
                shared: Arc::clone(&self.shared),
                live: Arc::clone(live),
            }),
            caches: Arc::clone(&self.shared.caches),
            outside: Rc::clone(&self.outside),
            stand_ins: None,
        });
        if generation >= self.kept.get() {
            all.push((generation, Rc::clone(&around)));
        }
        around
    }

    /// Forgets all generations but one.
    fn keep(&self, generation: u64, capacity: Capacity) {
        self.in_hand.bound(capacity.share(self.workers));
        self.kept.set(generation);
        self.around.borrow_mut().retain(|(number, _)| *number == generation);
    }

    /// A number below a million, another for each request and evenly spread.
    pub(super) fn draw(&self) -> u32 {
        let mixed = self.requests.get().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        u32::try_from((mixed >> 32) % 1_000_000).unwrap_or_default()
    }

    /// The metrics of an operation.
    pub(super) fn operation(&self, name: &Arc<str>) -> Rc<OperationMetrics> {
        let mut all = self.operations.borrow_mut();
        if let Some(found) = all.get(name) {
            return Rc::clone(found);
        }
        let made = Rc::new(self.shared.metrics.operation(name));
        all.insert(Arc::clone(name), Rc::clone(&made));
        made
    }

    async fn drained(&self, deadline: Instant) -> Left {
        let all = async {
            self.connections.none().await;
            self.background.none().await;
        };
        let _ = timeout_at(deadline.into(), all).await;
        self.unawaited.tell();
        Left { connections: self.connections.count(), background: self.background.count() }
    }
}

/// Appends a number in hexadecimal digits, at least one: every request has one to write.
fn push_hex(out: &mut CompactString, number: u64) {
    let (mut digits, mut first, mut rest) = ([0; 16], 16, number);
    for place in digits.iter_mut().rev() {
        let [low, ..] = rest.to_le_bytes();
        let digit = low & 0xF;
        *place = if digit < 10 { b'0' + digit } else { b'a' + (digit - 10) };
        first -= 1;
        rest >>= 4;
        if rest == 0 {
            break;
        }
    }
    // Put in whole: each push would look at the length again.
    out.push_str(digits.get(first..).and_then(|digits| str::from_utf8(digits).ok()).unwrap_or_default());
}

/// One generation's scripts for one worker: an engine shared by two threads gains nothing from the second.
fn compile(scripting: &Scripting) -> Scripts {
    Scripts::compile(&scripting.set, scripting.bounds)
}

/// A count of things under way on one worker.
#[derive(Debug, Default)]
pub(super) struct Tally {
    count: Cell<usize>,
    zero: Notify,
}

impl Tally {
    /// Counts one until the guard is dropped.
    pub(super) fn enter(tally: &Rc<Self>) -> TallyGuard {
        tally.count.set(tally.count.get().saturating_add(1));
        TallyGuard(Rc::clone(tally))
    }

    /// How many.
    pub(super) fn count(&self) -> usize {
        self.count.get()
    }

    async fn none(&self) {
        while self.count.get() > 0 {
            self.zero.notified().await;
        }
    }
}

/// One thing under way.
#[derive(Debug)]
pub(super) struct TallyGuard(Rc<Tally>);

impl Drop for TallyGuard {
    fn drop(&mut self) {
        let left = self.0.count.get().saturating_sub(1);
        self.0.count.set(left);
        if left == 0 {
            self.0.zero.notify_one();
        }
    }
}
