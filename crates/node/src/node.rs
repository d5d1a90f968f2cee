//! A node: its folder, what it is, and its store.

use crate::clock::World;
use crate::exchange::limits::Limits;
use crate::fault::Fault;
use crate::feeds::Feed;
use crate::keys::{self, Keys, Passphrase};
use crate::search::Index;
use crate::store::Store;
use crate::store::blobs::Blobs;
use crate::store::db::Place;
use crate::store::guard::Guard;
use crate::store::work::Identity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tansiq_dossier::channel::CharterParty;
use tansiq_dossier::party::{InstitutionId, PartyId};
use tansiq_dossier::words::Words;

/// What stands in a node's `node.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The party whose node this is.
    pub party: PartyId,
    /// The party's name.
    pub name: Words,
    /// The node's name, the first part of its logs' origins: `baghdad.example`.
    pub node: String,
    /// The institutions of the party that take part.
    pub institutions: BTreeMap<InstitutionId, Words>,
    /// Where pages and API are served, `127.0.0.1:8401`.
    pub web: String,
    /// Where peers are answered; none when this node cannot be reached, and calls its peers instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// The PostgreSQL database that holds the store, as a URL; none for a file of SQLite in the node's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Where the guard is kept, best on another disk; in the node's folder when nothing is said. It must never be rolled back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<PathBuf>,
    /// Where outside monitors are served the logs of channels that are published; none when nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiles: Option<String>,
    /// Where statements come from by themselves, to wait until an officer has looked at them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<Feed>,
    /// What one peer may cost this node at most.
    #[serde(default, skip_serializing_if = "Limits::are_usual")]
    pub limits: Limits,
}

impl Config {
    /// Where the guard of the node in `folder` is. A relative path begins there.
    #[must_use]
    pub fn guard_folder(&self, folder: &Path) -> PathBuf {
        folder.join(self.guard.as_deref().unwrap_or(Path::new("guard")))
    }

    /// What stands in the `node.json` of a folder.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn read(folder: &Path) -> Result<Config, Fault> {
        let path = folder.join(CONFIG);
        let text = std::fs::read(&path)
            .map_err(Fault::file(format!("there is no node in {} (`tansiq init` makes one)", folder.display())))?;
        serde_json::from_slice(&text).map_err(|error| Fault::Setup(format!("{}: {error}", path.display())))
    }
}

impl Config {
    /// Puts this into the `node.json` of a folder, in the place of what stood there.
    ///
    /// # Errors
    /// When it cannot be written; what stood there is there still.
    pub fn write(&self, folder: &Path) -> Result<(), Fault> {
        let json = serde_json::to_vec_pretty(self).map_err(|error| Fault::Setup(error.to_string()))?;
        let (path, fresh) = (folder.join(CONFIG), folder.join(format!("{CONFIG}.new")));
        let _left_by_an_earlier_try = std::fs::remove_file(&fresh);
        keys::write_private(&fresh, &json)?;
        std::fs::rename(&fresh, &path).map_err(Fault::file(format!("cannot write {}", path.display())))
    }
}

/// A node that has been opened.
#[derive(Clone)]
pub struct Node {
    /// Its folder.
    pub folder: PathBuf,
    /// What it is.
    pub config: Arc<Config>,
    /// Its party, keys, time and randomness.
    pub identity: Arc<Identity>,
    /// Its store.
    pub store: Store,
    /// The files of its dossiers.
    pub blobs: Blobs,
    /// What its dossiers are found by.
    pub index: Index,
}

pub(crate) const CONFIG: &str = "node.json";
pub(crate) const KEYS: &str = "keys";
pub(crate) const INDEX: &str = "index";
pub(crate) const BLOBS: &str = "blobs";
pub(crate) const DATABASE: &str = "tansiq.db";

impl Node {
    /// Makes a new node in `folder`: configuration, keys, and an empty store.
    ///
    /// # Errors
    /// When the folder holds a node already or cannot be written.
    pub fn create(folder: &Path, config: &Config, world: World) -> Result<Node, Fault> {
        Node::create_under(folder, config, world, None)
    }

    /// The same, with its keys under a passphrase with this work factor where one is given.
    ///
    /// # Errors
    /// As [`Node::create`], and when the passphrase is too short.
    pub fn create_under(
        folder: &Path,
        config: &Config,
        world: World,
        passphrase: Option<(&Passphrase, u8)>,
    ) -> Result<Node, Fault> {
        let path = folder.join(CONFIG);
        if path.exists() {
            return Err(Fault::Setup(format!("{} holds a node already", folder.display())));
        }
        keys::make_private_folder(folder)?;
        Keys::create_under(&Node::keys_in(folder), &world, passphrase)?;
        let json = serde_json::to_vec_pretty(config).map_err(|error| Fault::Setup(error.to_string()))?;
        keys::write_private(&path, &json)?;
        Guard::create(&config.guard_folder(folder))?;
        Node::open_with(folder, world, None, passphrase.map(|(passphrase, _)| passphrase))
    }

    /// Opens the node in `folder`.
    ///
    /// # Errors
    /// When there is none, or part of it cannot be read.
    pub fn open(folder: &Path, world: World) -> Result<Node, Fault> {
        Node::open_on(folder, world, None)
    }

    /// Opens the node in `folder`, with its store in this PostgreSQL database instead of where `node.json` says.
    ///
    /// # Errors
    /// When there is none, or part of it cannot be read.
    pub fn open_on(folder: &Path, world: World, database: Option<&str>) -> Result<Node, Fault> {
        Node::open_with(folder, world, database, None)
    }

    /// The same, with the passphrase under which its keys lie.
    ///
    /// # Errors
    /// As [`Node::open_on`], and when it is another passphrase.
    pub fn open_with(
        folder: &Path,
        world: World,
        database: Option<&str>,
        passphrase: Option<&Passphrase>,
    ) -> Result<Node, Fault> {
        let config = Config::read(folder)?;
        let keys = Keys::open_under(&Node::keys_in(folder), passphrase)?;
        let guard = Guard::open(&config.guard_folder(folder))?;
        let identity = Arc::new(Identity { party: config.party.clone(), node: config.node.clone(), keys, world, guard });
        let place = match database.or(config.database.as_deref()) {
            Some(address) => Place::Server(address.to_owned()),
            None => Place::File(folder.join(DATABASE)),
        };
        let store = Store::open(place, identity.clone())?;
        let blobs = Blobs::new(folder.join(BLOBS));
        store.keep_files_in(&blobs);
        let index = Index::new(folder.join(INDEX), config.party.clone());
        store.keep_index(&index);
        Ok(Node { folder: folder.to_owned(), config: Arc::new(config), identity, store, blobs, index })
    }

    /// Where the keys of the node in `folder` lie.
    #[must_use]
    pub fn keys_in(folder: &Path) -> PathBuf {
        folder.join(KEYS)
    }

    /// The card by which this party enters a charter: its names, its public keys, its institutions.
    ///
    /// # Errors
    /// Never with keys that could be read.
    pub fn card(&self) -> Result<CharterParty, Fault> {
        let keys = &self.identity.keys;
        Ok(CharterParty {
            name: self.config.name.clone(),
            node: self.config.node.clone(),
            log_key: keys.log_public()?,
            cosigner_key: keys.cosigner_public()?,
            tls_pin: keys.wire_pin()?,
            institutions: self.config.institutions.clone(),
        })
    }

    /// Where the database file is, for a node that keeps its store in one.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }
}
