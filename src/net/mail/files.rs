//! Messages as files, for development and tests.
//!
//! Guarantees: one file per message id, complete from the moment it has its name; sending the same
//! id again replaces it, so that counting files counts messages and not attempts.
//!
//! It must not clean up or list the directory: it belongs to whoever configured it.

use super::{MailError, message};
use std::path::PathBuf;
use tokio::fs;
use uuid::Uuid;

pub(super) struct Files {
    directory: PathBuf,
}

impl Files {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(super) async fn write(&self, message_id: &str, content: &[u8]) -> Result<(), MailError> {
        let name = message::local_part(message_id)?;
        let complete = self.directory.join(format!("{name}.eml"));
        // Unique, since two workers may write the same id at once.
        #[expect(clippy::disallowed_methods, reason = "a name for a moment, no id of the product")]
        let unique = Uuid::now_v7().simple();
        let draft = self.directory.join(format!(".{name}.{unique}.tmp"));
        let written = async {
            fs::create_dir_all(&self.directory).await?;
            fs::write(&draft, content).await?;
            fs::rename(&draft, &complete).await
        };
        if let Err(error) = written.await {
            // Nothing more can be done about a draft that cannot be removed either.
            fs::remove_file(&draft).await.ok();
            return Err(MailError::Files(error.kind()));
        }
        Ok(())
    }
}
