//! The one place where the slices meet: their tables side by side.

use crate::auth::SCHEMES;
use crate::config::DECLARATIONS;
use crate::connector::CONNECTORS;
use crate::kind::Kinds;
use crate::listener::PROTOCOLS;
use crate::map::ITEMS;
use crate::profile::FORMATS;
use crate::step::STEPS;

/// Every kind there is.
pub static KINDS: Kinds = Kinds {
    steps: STEPS,
    formats: FORMATS,
    items: ITEMS,
    protocols: PROTOCOLS,
    schemes: SCHEMES,
    connectors: CONNECTORS,
    declarations: DECLARATIONS,
};
