//! Runs a node: answers peers, follows them, and serves pages and API.

use crate::erasing;
use crate::exchange::client::{self, Link, Peer};
use crate::exchange::server;
use crate::exchange::tls::Pins;
use crate::fault::Fault;
use crate::keyring;
use crate::node::Node;
use crate::store::work::{Change, Identity};
use crate::store::{channels, dossiers, guard, logs};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tansiq_dossier::channel::ChannelId;
use tansiq_dossier::record::DossierId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often the node looks whether another process (the command line) changed its store.
const LOOK: Duration = Duration::from_millis(50);

/// The same, where every process is told what others write: what is not told is a new address.
const LOOK_IF_TOLD: Duration = Duration::from_secs(1);

/// How often the node looks whether a new day has begun, on which sealed values may have to be destroyed, and whether something
/// that was destroyed is still to be cleared away.
const SWEEP: Duration = Duration::from_secs(60);

/// The state of every connection to a peer, for pages and for whoever runs the node.
#[derive(Clone, Default)]
pub struct Links(Arc<Mutex<BTreeMap<Peer, Followed>>>);

struct Followed {
    link: watch::Receiver<Link>,
    task: JoinHandle<()>,
}

impl Links {
    /// Every peer that is followed, with the state of the connection to it.
    #[must_use]
    pub fn all(&self) -> Vec<(Peer, Link)> {
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.iter().map(|(peer, followed)| (peer.clone(), followed.link.borrow().clone())).collect()
    }
}

/// Serves the node until `stop` resolves. `ready` is called once everything listens, with the addresses.
///
/// # Errors
/// When an address cannot be listened on, or a key cannot be used.
pub async fn serve(node: Node, stop: impl Future<Output = ()>, ready: impl FnOnce(&Node)) -> Result<(), Fault> {
    let pins = Pins::default();
    let links = Links::default();
    // Files that are in disorder keep nobody from working on records.
    if let Err(trouble) = crate::attachments::tidy::tidy(&node).await {
        tracing::error!(%trouble, "the files could not be tidied");
    }
    refresh(&node, &pins, &links)?;
    let web = listen(&node.config.web).await?;
    if let Some(address) = &node.config.exchange {
        let listener = listen(address).await?;
        let (node, pins) = (node.clone(), pins.clone());
        tokio::spawn(async move {
            if let Err(fault) = server::serve(node, listener, pins).await {
                tracing::error!(%fault, "the exchange has stopped");
            }
        });
    }
    node.store.hear()?;
    if let Some(address) = &node.config.tiles {
        tokio::spawn(crate::tiles::serve(node.clone(), listen(address).await?));
    }
    let looking = tokio::spawn(look(node.clone(), pins, links.clone()));
    let sweeping = tokio::spawn(sweep(node.clone()));
    let reading = tokio::spawn(crate::feeds::follow(node.clone()));
    let following = tokio::spawn(crate::search::keep_up(node.clone()));
    ready(&node);
    let served = crate::api::serve(node, links, web, stop).await;
    looking.abort();
    sweeping.abort();
    reading.abort();
    following.abort();
    served
}

async fn listen(address: &str) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(Fault::file(format!("cannot listen on {address}")))
}

/// Takes up what is new in the store: channels, addresses, keys.
fn refresh(node: &Node, pins: &Pins, links: &Links) -> Result<(), Fault> {
    let rings = node.store.read_now(keyring::all)?;
    let own = &node.identity.party;
    let others = rings.values().flat_map(|ring| ring.charter.parties.keys().map(move |party| (ring, party)));
    pins.set(others.filter(|(_, party)| *party != own).flat_map(|(ring, party)| ring.pins(party)).collect());
    node.identity.keys.reload()?;
    node.identity.keys.show(|pin| rings.values().all(|ring| ring.pins(own).iter().any(|known| known == pin)))?;
    let wanted = client::peers(node)?;
    let mut links = links.0.lock().unwrap_or_else(PoisonError::into_inner);
    links.retain(|peer, followed| {
        let keep = wanted.contains(peer);
        if !keep {
            followed.task.abort();
        }
        keep
    });
    for peer in wanted {
        if let Entry::Vacant(place) = links.entry(peer) {
            let (tell, link) = watch::channel(Link::Calling);
            let task = tokio::spawn(client::follow(node.clone(), place.key().clone(), tell));
            place.insert(Followed { link, task });
        }
    }
    Ok(())
}

/// Looks for what another process wrote: the command line works on the same store while the node serves.
async fn look(node: Node, pins: Pins, links: Links) {
    let mut known: BTreeMap<ChannelId, u64> = BTreeMap::new();
    let mut setup = 0;
    loop {
        tokio::time::sleep(if node.store.is_shared() { LOOK_IF_TOLD } else { LOOK }).await;
        let identity = node.identity.clone();
        let found = node.store.read(move |connection| observe(connection, &identity)).await;
        let Ok(observed): Result<Observed, Fault> = found else { continue };
        if observed.setup != setup {
            setup = observed.setup;
            if let Err(fault) = refresh(&node, &pins, &links) {
                tracing::error!(%fault, "channels could not be read anew");
            }
        }
        for (channel, size) in observed.sizes {
            if known.insert(channel.clone(), size) != Some(size) {
                node.store.tell(Change { channel, party: node.identity.party.clone(), size });
            }
        }
    }
}

/// Destroys what may not be kept any longer, at the start and on every day that begins.
async fn sweep(node: Node) {
    let mut swept = None;
    loop {
        let today = node.identity.world.today();
        if swept != Some(today) {
            match erasing::sweep(&node).await {
                Ok(_) => swept = Some(today),
                Err(trouble) => tracing::error!(%trouble, "what is due could not be destroyed; it is tried again"),
            }
        }
        tokio::time::sleep(SWEEP).await;
        // A reader at work, or the end of another process, may have kept it from being cleared away.
        if let Err(trouble) = node.store.write(|work| Ok(work.clear_away()?)).await {
            tracing::error!(%trouble, "what was destroyed could not be cleared away");
        }
    }
}

struct Observed {
    /// Changes when a channel or an address is added or changed, and when keys do.
    setup: u64,
    /// The size of this node's own log in every channel.
    sizes: Vec<(ChannelId, u64)>,
}

fn observe(connection: &crate::store::db::Connection, identity: &Identity) -> Result<Observed, Fault> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut sizes = Vec::new();
    let mut setup = DefaultHasher::new();
    for channel in channels::names(connection)? {
        channel.hash(&mut setup);
        guard::take_up(connection, identity, &channel)?;
        let size = logs::head(connection, &channel, &identity.party)?.range.size();
        dossiers::bytes(connection, &channel, &DossierId::charter())?.hash(&mut setup);
        sizes.push((channel, size));
    }
    channels::addresses(connection)?.hash(&mut setup);
    Ok(Observed { setup: setup.finish(), sizes })
}
