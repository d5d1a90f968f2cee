//! What search refuses.

use tansiq_dossier::refusals;

refusals! {
    /// Why nothing was looked for.
    pub enum SearchRefusal {
        /// There is no word, day or number to look for.
        Nothing = "SRC01",
        /// The question is longer than a question may be.
        TooLong = "SRC02",
        /// It has more words than a question may have.
        TooMany = "SRC03",
        /// A quotation mark is opened and not closed.
        OpenQuote = "SRC04",
        /// Too little stands before an asterisk, or it stands where it means nothing.
        ShortPrefix = "SRC05",
        /// There is no such field, or nothing in it can be of this value.
        NoSuchField = "SRC06",
        /// It only says what must not be there.
        OnlyWithout = "SRC07",
        /// The index is being made; what is found is told when it is whole.
        NotReady = "SRC08",
    }
}
