//! Messages to a broker (NATS): connections that are kept, and what the server confirmed.

mod address;
mod connect;
mod error;
mod link;
mod links;
mod message;
mod nkey;
mod protocol;
mod speaker;
mod state;
mod stored;
mod subject;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::ClientConfig;

pub use self::address::parse as parse_address;
pub use self::error::{Kind, PublishError};
pub use self::links::Links;
pub use self::message::{Message, check_name};
pub use self::nkey::UserKey;
pub use self::state::{Brokers, Counts, State};
pub use self::subject::{check as check_subject, check_token};
use crate::client::Address;
use crate::syntax::Secret;

/// What connections are kept under: a hash over all that makes two of them interchangeable.
pub type Key = [u8; 32];

/// A broker as a file declares it.
#[derive(Debug)]
pub struct Broker {
    /// Its name.
    pub name: Arc<str>,
    /// Its addresses, of which the first that answers is taken; never none.
    pub addresses: Vec<Address>,
    /// The settings of TLS, where it is spoken.
    pub tls: Arc<ClientConfig>,
    /// Whether nothing but TLS is spoken, also where a URL does not say so.
    pub always_tls: bool,
    /// The name that the certificate must have, where it is not that of the host.
    pub tls_name: Option<Arc<str>>,
    /// What it is shown.
    pub credentials: Credentials,
    /// How long publishing may take, with connecting.
    pub timeout: Duration,
    /// What its connections are kept under.
    pub key: Key,
    /// What is counted of it, looked up by the first message: compiling knows of no process.
    pub state: OnceLock<Arc<State>>,
}

/// What a broker is shown.
#[derive(Debug)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A name and a password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that all who may come in share.
    Token(Secret),
    /// A key, and perhaps a token of the operator's.
    Key(UserKey),
}

impl Broker {
    /// Connects as a publisher would, and closes the connection again: the server that let it in.
    ///
    /// # Errors
    /// No server lets it in.
    pub async fn ping(&self) -> Result<String, PublishError> {
        let connected = connect::connect(self).await?;
        Ok(format!("lets in, takes messages of {} bytes", connected.info.max_payload))
    }

    /// Publishes messages in their order, and waits until the server has confirmed each; with `stored`, until a stream has.
    /// Nothing is sent twice, and nothing that this has called failed is sent later.
    ///
    /// # Errors
    /// The first message that was not confirmed. Others may have been published, and where the time was up or the
    /// connection broke, this one too.
    pub async fn publish(
        &self,
        messages: Vec<Message>,
        stored: bool,
        links: &Links,
        brokers: &Brokers,
    ) -> Result<(), PublishError> {
        let state = self.state.get_or_init(|| brokers.open(&self.name));
        let (mut told, count) = (Vec::with_capacity(messages.len()), messages.len());
        let until = Instant::now() + self.timeout;
        let sent = async {
            let link = links.open(self, state).await?;
            for message in messages {
                told.push(link.send(message, stored).await?);
            }
            Ok(())
        };
        let mut result =
            timeout_at(until, sent).await.unwrap_or_else(|_| Err(self.late("taken the message")));
        let mut confirmed = 0;
        for told in told {
            // What is sent is waited for, whatever became of what follows it.
            let one = match timeout_at(until, told).await {
                Ok(Ok(one)) => one,
                Ok(Err(_)) => Err(link::lost(None)),
                Err(_) => Err(self.late("confirmed the message")),
            };
            state.count(one.is_ok());
            confirmed += 1;
            if let Err(error) = one {
                result = result.and(Err(error));
            }
        }
        (confirmed..count).for_each(|_| state.count(false));
        result
    }

    fn late(&self, what: &str) -> PublishError {
        PublishError::new(Kind::Timeout, format!("the broker has not {what} within {:?}", self.timeout))
    }
}
