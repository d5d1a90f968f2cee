//! The files beside the pages, embedded in the binary. Their address holds the hash of the whole set, so that they may
//! be kept for ever and still change with the binary.
use rust_embed::RustEmbed;
use std::borrow::Cow;

/// The hash of all files together, sixteen hexadecimal digits.
pub const VERSION: &str = include_str!("../../assets/dist/version");

/// How long a file may be kept: for ever, since another content has another address.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "assets/dist"]
struct Files;

/// One file, with its exact content type.
pub struct Asset {
    /// The bytes as they are sent.
    pub bytes: Cow<'static, [u8]>,
    /// The `Content-Type`.
    pub content_type: &'static str,
}

/// Where this file is: `/assets/<version>/<name>`.
#[must_use]
pub fn address(name: &str) -> String {
    format!("/assets/{VERSION}/{name}")
}

/// The file at `/assets/<version>/<name>`. Another version is no file of ours: the page that named it was made by
/// another binary, and must be asked for again.
#[must_use]
pub fn find(version: &str, name: &str) -> Option<Asset> {
    if version != VERSION {
        return None;
    }
    let content_type = content_type(name)?;
    Some(Asset { bytes: Files::get(name)?.data, content_type })
}

fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Every file's name, for checks.
pub fn names() -> impl Iterator<Item = Cow<'static, str>> {
    Files::iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_content_type_and_only_this_version_is_served() {
        assert_eq!(VERSION.len(), 16);
        for name in names().filter(|name| name != "version") {
            assert!(find(VERSION, &name).is_some(), "{name}");
        }
        assert!(find("0000000000000000", "app.css").is_none());
        assert!(find(VERSION, "version").is_none());
        assert!(find(VERSION, "../package.json").is_none());
    }

    #[test]
    fn every_icon_named_in_the_sources_is_in_the_sprite() {
        let sprite = find(VERSION, "icons.svg").map(|asset| asset.bytes).unwrap_or_default();
        let sprite = String::from_utf8_lossy(&sprite).into_owned();
        for (file, text) in crate::web::pages::sources() {
            for call in text.split("icon(\"").skip(1) {
                let name = call.split('"').next().unwrap_or_default();
                assert!(sprite.contains(&format!("id=\"{name}\"")), "{file} names the icon {name}");
            }
        }
    }
}
