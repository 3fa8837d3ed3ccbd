//! Comes up with programs to run the cluster with: installed ones first, then a download.
//!
//! Guarantees: they are of the major version that made the cluster, if it exists; where there are
//! none, the error says what to do. Must not: be asked while the server runs, which needs none.

use super::Options;
use super::binaries::{self, Binaries, Found};
use super::download::{self, Download};
use super::error::EmbeddedError;
use super::place::Place;

/// Where programs for one cluster may come from.
#[derive(Debug)]
pub struct Programs<'a> {
    options: &'a Options,
    place: &'a Place,
}

impl<'a> Programs<'a> {
    pub fn new(options: &'a Options, place: &'a Place) -> Self {
        Self { options, place }
    }

    /// Finds or downloads them.
    pub async fn find(&self) -> Result<Binaries, EmbeddedError> {
        let Place { account, base, .. } = self.place;
        let major = self.place.major()?;
        let unpacked = download::unpacked(base);
        let forbidden = match binaries::find(&self.options.search, &unpacked, account, major).await {
            Found::Usable(binaries) => return Ok(binaries),
            Found::Forbidden(bin_dir) => Some(bin_dir),
            Found::Nothing => None,
        };
        match (&self.options.download, forbidden, major) {
            (Download::From(archive), _, _) if archive.fits(major) => archive.install(base, account).await,
            (_, Some(bin_dir), _) => Err(EmbeddedError::NotExecutable {
                bin_dir,
                account: account.name().to_owned(),
            }),
            (_, None, Some(major)) => Err(EmbeddedError::NeedsMajor {
                major,
                data: self.place.data(),
            }),
            (_, None, None) => Err(EmbeddedError::NoServer),
        }
    }
}
