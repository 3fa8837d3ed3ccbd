//! `kassa import-rates`: exchange rates into the database.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::boot::{Database, clock};
use super::progress::Progress;
use super::{Failed, failed, say};
use crate::config::Config;
use crate::db::Db;
use crate::db::pool::Pool;
use crate::net::{ClientOptions, GuardedClient, Method, OutboundRequest};
use crate::rates::import::{ECB_DAILY, import};
use crate::rates::model::EuroRate;
use crate::rates::parse::parse;

/// The bank's daily file has two kilobytes and its 90 days some 150; the whole history is for a file.
const MAX_ANSWER: usize = 512 * 1024;
/// Long enough for a slow line, short enough for a nightly job.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What `import-rates` takes.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("origin").required(true).args(["file", "ecb"]))]
pub(super) struct Arguments {
    /// The file, or - for standard input: XML of the European Central Bank, or CSV of date,currency,rate for one euro.
    file: Option<PathBuf>,
    /// Fetch the European Central Bank's file of the day.
    #[arg(long)]
    ecb: bool,
    /// Where to fetch it from.
    #[arg(long, value_name = "URL", default_value = ECB_DAILY, requires = "ecb")]
    url: String,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Reads and judges everything before anything is stored.
pub(super) async fn run(config: Config, arguments: &Arguments) -> Result<(), Failed> {
    let text = match &arguments.file {
        Some(file) => read(file)?,
        None => fetch(&config, &arguments.url).await?,
    };
    let rates = parse(&text, clock(&config).now().date_naive()).map_err(failed)?;
    let database = Database::open_existing(&config).await?;
    let outcome = store(&config, &database, &rates).await;
    database.close().await;
    outcome?;
    // In the order of their days.
    let day = |rate: Option<&EuroRate>| rate.map(|rate| rate.on_date.to_string());
    let (first, last) = (day(rates.first()), day(rates.last()));
    let source = rates.first().map(|rate| rate.source);
    if arguments.json {
        say(serde_json::json!({"imported": rates.len(), "source": source, "from": first, "to": last}))
    } else {
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        say(format_args!("{} rates of {first} to {last}", rates.len()))
    }
}

fn read(file: &Path) -> Result<String, Failed> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(|error| Failed(format!("{}: {error}", file.display())))
}

async fn fetch(config: &Config, url: &str) -> Result<String, Failed> {
    let client = GuardedClient::new(ClientOptions {
        allow_private: config.webhooks_allow_private,
        allow_http: config.webhooks_allow_private,
        timeout: TIMEOUT,
        max_answer: MAX_ANSWER,
        ..ClientOptions::default()
    })
    .map_err(failed)?;
    let unreachable = |why: String| Failed(format!("{url}: {why}; nothing was changed"));
    let answer = client
        .send(OutboundRequest::new(Method::GET, url))
        .await
        .map_err(|error| unreachable(error.to_string()))?;
    if !answer.is_success() {
        return Err(unreachable(format!("answered {}", answer.status)));
    }
    if answer.truncated {
        return Err(unreachable(format!("answered more than {MAX_ANSWER} bytes")));
    }
    Ok(answer.text())
}

async fn store(config: &Config, database: &Database, rates: &[EuroRate]) -> Result<(), Failed> {
    let db = Db::new(Pool::new(&database.serve, 1).map_err(failed)?, clock(config));
    let progress = Progress::new();
    let tell = |stored| progress.tell(format_args!("{stored} of {} rates", rates.len()));
    import(&db, rates, tell).await.map_err(failed)
}
