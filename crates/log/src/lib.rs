//! Proves who wrote what, and that nobody rewrote it: C2SP transparency logs, signed notes, cosignatures and proofs.
