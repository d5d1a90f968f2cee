//! Signing in: passwords, and the sessions that follow.

use crate::access::{Denial, Officer};
use crate::clock::World;
use crate::fault::{Fault, Trouble};
use crate::node::Node;
use crate::store::people::{self, Session};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tansiq_dossier::party::OfficerId;
use tansiq_dossier::refusal::Refusal;
use tokio::sync::Semaphore;

/// How long a session may lie idle, in seconds.
pub const IDLE: i64 = 15 * 60;
/// How long a session may last, in seconds.
pub const LONGEST: i64 = 12 * 60 * 60;
/// The shortest password.
pub const SHORTEST_PASSWORD: usize = 10;
/// How many wrong passwords an officer may give in a row before waiting.
const TRIES: u32 = 5;
/// How long the wait is, in seconds.
const WAIT: i64 = 60;

fn hasher() -> Result<Argon2<'static>, Fault> {
    // 19 MiB, two passes: the second of the parameter sets that OWASP recommends for Argon2id.
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| Fault::Key(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password, to be stored.
///
/// # Errors
/// When the password is too short, or the system has no randomness.
pub fn hash(password: &str, world: &World) -> Result<String, Fault> {
    if password.chars().count() < SHORTEST_PASSWORD {
        return Err(Fault::Setup(format!("a password has at least {SHORTEST_PASSWORD} characters")));
    }
    let salt: [u8; 16] = world.random()?;
    let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.map_err(|error| Fault::Key(error.to_string()))?.to_string())
}

fn matches(password: &str, hash: &str) -> Result<bool, Fault> {
    let hash = PasswordHash::new(hash).map_err(|error| Fault::Damaged(format!("a password's hash: {error}")))?;
    Ok(hasher()?.verify_password(password.as_bytes(), &hash).is_ok())
}

/// Counts wrong passwords, so that nobody can try many. Forgets when the node stops.
#[derive(Debug)]
pub struct Attempts {
    wrong: Mutex<BTreeMap<OfficerId, (u32, i64)>>,
    /// One password is looked at after another: each takes as much memory as its hash asks for, and whoever tries many at once is
    /// counted all the same.
    turn: Semaphore,
}

impl Default for Attempts {
    fn default() -> Attempts {
        Attempts { wrong: Mutex::default(), turn: Semaphore::new(1) }
    }
}

impl Attempts {
    fn may_try(&self, officer: &OfficerId, now: i64) -> bool {
        let attempts = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.get(officer).is_none_or(|(count, last)| *count < TRIES || now - last >= WAIT)
    }

    fn note(&self, officer: &OfficerId, right: bool, now: i64) {
        let mut attempts = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if right {
            attempts.remove(officer);
        } else if attempts.len() < 10_000 || attempts.contains_key(officer) {
            let (count, last) = attempts.entry(officer.clone()).or_insert((0, now));
            *count = if now - *last >= WAIT { 1 } else { *count + 1 };
            *last = now;
        }
    }
}

/// A session that has just begun: the token goes to the officer's browser or program and is stored nowhere.
#[derive(Debug)]
pub struct Begun {
    /// The token, 64 hexadecimal digits.
    pub token: String,
    /// What every form of this session carries.
    pub csrf: String,
}

/// Signs an officer in.
///
/// # Errors
/// `PRM06` for an unknown officer, a wrong password, and too many tries alike; or a fault.
pub async fn sign_in(node: &Node, attempts: &Attempts, officer: &str, password: String) -> Result<Begun, Trouble> {
    let refused = || Trouble::from(Refusal::from(Denial::SignIn));
    let id: OfficerId = officer.trim().parse().map_err(|_| refused())?;
    let turn = attempts.turn.acquire().await.map_err(|_| Fault::Closing)?;
    let now = node.identity.world.clock.unix();
    if !attempts.may_try(&id, now) {
        return Err(refused());
    }
    let wanted = id.clone();
    let right = node
        .store
        .read(move |connection| -> Result<bool, Fault> {
            match people::officer(connection, &wanted)? {
                Some((officer, Some(hash))) if !officer.revoked => matches(&password, &hash),
                // As slow as a wrong password, so that nobody learns who has an account.
                _ => matches(&password, NOBODY).map(|_| false),
            }
        })
        .await?;
    attempts.note(&id, right, now);
    drop(turn);
    if !right {
        return Err(refused());
    }
    let token: [u8; 32] = node.identity.world.random()?;
    let csrf: [u8; 16] = node.identity.world.random()?;
    let begun = Begun { token: data_encoding::HEXLOWER.encode(&token), csrf: data_encoding::HEXLOWER.encode(&csrf) };
    let session = Session {
        token: Sha256::digest(begun.token.as_bytes()).into(),
        officer: id,
        csrf: begun.csrf.clone(),
        begun: now,
        used: now,
    };
    node.store.write(move |work| people::begin(work.connection, &session).map_err(Trouble::from)).await?;
    Ok(begun)
}

/// The Argon2id hash, with the parameters above, of a password that nobody has.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The officer and session of a token, if it is in force now; notes that it was used.
///
/// # Errors
/// When the store fails.
pub async fn session(node: &Node, token: &str) -> Result<Option<(Officer, Session)>, Trouble> {
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let now = node.identity.world.clock.unix();
    let found = node
        .store
        .read(move |connection| -> Result<_, Fault> {
            let Some(session) = people::session(connection, &hash)? else { return Ok(None) };
            if now - session.used > IDLE || now - session.begun > LONGEST {
                return Ok(None);
            }
            let officer = people::officer(connection, &session.officer)?.map(|(officer, _)| officer);
            Ok(officer.filter(|officer| !officer.revoked).map(|officer| (officer, session)))
        })
        .await?;
    // Once a minute is exact enough, and keeps reading from writing.
    if let Some((_, session)) = &found
        && now - session.used >= 60
    {
        node.store.write(move |work| people::used(work.connection, &hash, now).map_err(Trouble::from)).await?;
    }
    Ok(found)
}

/// Ends a session.
///
/// # Errors
/// When the store fails.
pub async fn sign_out(node: &Node, token: &str) -> Result<(), Trouble> {
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let now = node.identity.world.clock.unix();
    node.store.write(move |work| people::end(work.connection, &hash, now - LONGEST, now - IDLE).map_err(Trouble::from)).await
}
