//! Kinds: what a slice says about itself, and the traits that its declared form implements.

pub mod compiling;
pub mod connector;
pub mod contract;
pub mod contract_source;
pub mod empty;
pub mod facets;
pub mod format;
pub mod header_block;
pub mod here;
pub mod item;
pub mod manual;
pub mod mtom;
pub mod names;
pub mod paging;
pub mod path;
pub mod pem;
pub mod process;
pub mod protocol;
pub mod schemas;
pub mod scheme;
pub mod single;
pub mod statements;
pub mod step;
pub mod template;
pub mod trace;
pub mod value;

pub use compiling::Compiling;
pub use here::Here;
pub use manual::Manual;

use self::connector::ConnectorKind;
use self::format::FormatKind;
use self::item::ItemKind;
use self::protocol::ProtocolKind;
use self::scheme::SchemeKind;
use self::step::StepKind;

/// The tables of all kinds. The parser, suggestions and `soapstone explain` read nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Kinds {
    /// Steps of a process.
    pub steps: &'static [StepKind],
    /// Formats of a profile.
    pub formats: &'static [FormatKind],
    /// Items of a map.
    pub items: &'static [ItemKind],
    /// Protocols of a listener.
    pub protocols: &'static [ProtocolKind],
    /// Authentication schemes of a listener.
    pub schemes: &'static [SchemeKind],
    /// Systems that steps call.
    pub connectors: &'static [ConnectorKind],
    /// Top-level declarations.
    pub declarations: &'static [Manual],
}

impl Kinds {
    /// Whether a word begins a declaration.
    pub fn declares(&self, word: &str) -> bool {
        let systems = self.connectors.iter().map(|kind| &kind.manual);
        self.declarations.iter().chain(systems).any(|manual| manual.name == word)
    }

    /// The manual of every kind with the name of its table, in the order of the tables.
    pub fn manuals(&self) -> Vec<(&'static str, &'static Manual)> {
        let mut all: Vec<(&'static str, &'static Manual)> = Vec::new();
        all.extend(self.declarations.iter().map(|manual| ("declaration", manual)));
        all.extend(self.formats.iter().map(|kind| ("profile format", &kind.manual)));
        all.extend(self.items.iter().map(|kind| ("map item", &kind.manual)));
        all.extend(self.steps.iter().map(|kind| ("step", &kind.manual)));
        all.extend(self.protocols.iter().map(|kind| ("protocol", &kind.manual)));
        all.extend(self.schemes.iter().map(|kind| ("authentication scheme", &kind.manual)));
        all.extend(self.connectors.iter().map(|kind| ("connector", &kind.manual)));
        all
    }
}
