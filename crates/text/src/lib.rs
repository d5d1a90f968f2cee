//! Reads Arabic, Turkish, Kurdish and Latin text: folding with offsets, gazetteers, and the statement reader.
