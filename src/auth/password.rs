//! Password hashes: made, and verified off the workers with a short memory of what was right.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use aws_lc_rs::hmac;
use tokio::sync::Semaphore;

use crate::pipeline::access::Refusal;

/// How long a verified password is remembered.
const REMEMBERED: Duration = Duration::from_secs(300);
/// How many are remembered.
const MOST: usize = 4096;
/// Checks that may wait; one takes some 20 ms and 19 MiB.
const WAITING: usize = 64;

/// What was right lately, by a keyed hash over the stored hash and the password: a changed hash is not found any more,
/// and the memory holds nothing that could be tried elsewhere. Outlives reloads, so that a reload slows nobody.
static RIGHT: LazyLock<ArcSwap<HashMap<[u8; 32], Instant>>> = LazyLock::new(ArcSwap::default);
/// Fails only without any source of randomness, and then nothing is remembered.
static KEY: LazyLock<Option<hmac::Key>> =
    LazyLock::new(|| hmac::Key::generate(hmac::HMAC_SHA256, &aws_lc_rs::rand::SystemRandom::new()).ok());
static CHECKS: Semaphore = Semaphore::const_new(2);
static WAITERS: AtomicUsize = AtomicUsize::new(0);

/// The Argon2id hash of a password with a random salt, as a PHC string.
///
/// # Errors
/// The password cannot be hashed: it is longer than Argon2 takes, or there is no randomness.
pub fn hash_password(password: &str) -> Result<String, String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

/// Whether a text is a hash that can be verified here.
pub fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| hash.algorithm.as_str() == "argon2id")
}

/// The memory's key for a stored hash and a password.
fn key(stored: &str, password: &str) -> Option<[u8; 32]> {
    let mut context = hmac::Context::with_key(KEY.as_ref()?);
    context.update(stored.as_bytes());
    context.update(&[0]);
    context.update(password.as_bytes());
    context.sign().as_ref().try_into().ok()
}

/// Whether this password was verified for this hash a short while ago.
pub fn remembered(stored: &str, password: &str) -> bool {
    let Some(key) = key(stored, password) else { return false };
    RIGHT.load().get(&key).is_some_and(|until| Instant::now() < *until)
}

fn remember(stored: &str, password: &str) {
    let Some(key) = key(stored, password) else { return };
    let now = Instant::now();
    RIGHT.rcu(|old| {
        let mut new: HashMap<_, _> =
            old.iter().filter(|(_, until)| now < **until).map(|(k, v)| (*k, *v)).collect();
        if new.len() < MOST {
            new.insert(key, now + REMEMBERED);
        }
        new
    });
}

/// Counts one waiter for as long as it lives.
struct Waiter;

impl Waiter {
    fn enter() -> Option<Self> {
        let entered = Self;
        (WAITERS.fetch_add(1, Ordering::Relaxed) < WAITING).then_some(entered)
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        WAITERS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Verifies a password on the blocking pool, a few at a time.
///
/// # Errors
/// [`Refusal::Busy`] when too many wait already, [`Refusal::Wrong`] when it is not the password.
pub async fn verify(stored: String, password: String) -> Result<(), Refusal> {
    let _waiter = Waiter::enter().ok_or(Refusal::Busy)?;
    let permit = CHECKS.acquire().await.map_err(|_| Refusal::Busy)?;
    let check = tokio::task::spawn_blocking(move || {
        let right = PasswordHash::new(&stored)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        if right {
            remember(&stored, &password);
        }
        right
    });
    let right = check.await.map_err(|_| Refusal::Busy)?;
    drop(permit);
    if right { Ok(()) } else { Err(Refusal::Wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_its_password_and_is_remembered() {
        let stored = hash_password("correct horse").unwrap();
        assert!(is_hash(&stored));
        assert!(!is_hash("correct horse"));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(verify(stored.clone(), "wrong".into())), Err(Refusal::Wrong));
        assert!(!remembered(&stored, "correct horse"));
        assert_eq!(runtime.block_on(verify(stored.clone(), "correct horse".into())), Ok(()));
        assert!(remembered(&stored, "correct horse"));
        assert!(!remembered(&stored, "wrong"));
    }
}
