//! Says what parties may do in a dossier, and what follows: records, labels, order, fold, and the rules of each kind.
