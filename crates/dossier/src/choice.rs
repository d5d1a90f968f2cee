//! Choices: closed lists of words of which a field holds one.

/// Declares a closed list of words: the enum, its names in records, and the list of them for a field's shape.
///
/// ```text
/// choices! {
///     /// How an agreement is prolonged.
///     Renewal { None = "none", Tacit = "tacit" }
/// }
/// ```
#[macro_export]
macro_rules! choices {
    ($(
        $(#[$meta:meta])*
        $name:ident { $( $(#[$vmeta:meta])* $variant:ident = $text:literal ),+ $(,)? }
    )+) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[$vmeta])* #[serde(rename = $text)] $variant ),+ }

        impl $name {
            /// Every choice as it is written in records.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The choice as it is written in records.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( $name::$variant => $text ),+ }
            }
        }
    )+ };
}
