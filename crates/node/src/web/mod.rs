//! The pages: view models that hold only what was already decided, and the templates that show them.
//!
//! Nothing here reads a store, asks a rule or opens a label. A handler gathers, decides and releases; then it fills one
//! of the structs in [`pages`] and renders it. Whatever reaches a struct here is shown to whoever asked for the page.
pub mod assets;
pub mod form;
pub mod forms;
pub mod frame;
pub mod pages;
pub mod parts;
pub(crate) mod site;
pub mod typed;
pub mod words;

/// Sent with every page. Nothing inline, nothing from elsewhere, no frame around us.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
     img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The other headers of every page: a page holds what was released to one officer, so no cache may keep it.
pub const PAGE_HEADERS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];
