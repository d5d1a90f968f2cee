//! The numbers for `/metrics`, in Prometheus' text form.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Installs the recorder, once for the process, and gives the handle that renders it.
pub(crate) fn install() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Fails only when a recorder is installed already; then this one renders nothing, and the pages still work.
            let _already = metrics::set_global_recorder(recorder);
            metrics::describe_counter!("tansiq_records_submitted_total", "Records of this node's own officers.");
            metrics::describe_counter!("tansiq_entries_received_total", "Entries received from peers and verified.");
            metrics::describe_counter!("tansiq_peer_refusals_total", "Requests and connections of peers that were refused.");
            metrics::describe_counter!(
                "tansiq_connections_refused_total",
                "Connections closed before a handshake: too many at once."
            );
            metrics::describe_counter!("tansiq_peer_quota_reached_total", "Peers that brought as much as they may for a day.");
            metrics::describe_gauge!("tansiq_log_size", "Entries held of a log.");
            metrics::describe_gauge!("tansiq_recovering", "1 while this node's own log in a channel comes back after a restore.");
            metrics::describe_gauge!("tansiq_read_only", "1 since a commit failed, until the node is started again.");
            metrics::describe_gauge!("tansiq_log_forked", "1 for a log that was proved to have two histories.");
            metrics::describe_counter!("tansiq_forks_proved_total", "Logs that were proved to have two histories.");
            handle
        })
        .clone()
}
