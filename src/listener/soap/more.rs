//! The way to further pages over SOAP: the message that asks for one, and the header block that asks for a size.

use compact_str::CompactString;

use super::super::common::holder;
use super::{Entry, Service, SoapOperation, contract};
use crate::document::tree::Element;
use crate::pipeline::failure::Failure;
use crate::pipeline::page::{More, Pager, SIZE, Spoken, TOKEN};
use crate::schema::{AttributeShape, Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::soap::{Inbound, Version};

/// What stands behind the name of an operation in the name of the message that asks for more.
const SUFFIX: &str = "MoreResults";

/// The message that asks for further pages of an operation's answers.
#[derive(Debug, Clone)]
pub(super) struct MoreResults {
    /// Its name as an operation in the WSDL: `queryOrderMoreResults`.
    pub(super) name: String,
    /// Its action.
    pub(super) action: String,
    /// The element in its body.
    pub(super) shape: Shape,
    /// The header block that asks for a size of pages.
    pub(super) size: Shape,
    /// Whether the WSDL shows it: the answers are paged.
    pub(super) is_paged: bool,
}

impl MoreResults {
    /// Of an operation that answers with lists; one that does not page them any more may have been asked before.
    pub(super) fn of(namespace: &str, served: &SoapOperation) -> Option<Self> {
        if !served.operation.output.many() {
            return None;
        }
        let name = format!("{}{SUFFIX}", served.name);
        let text = ShapeKind::Simple(Simple::of(SimpleType::String));
        let token = Shape { kind: text, ..holder(TOKEN, Some(namespace), Vec::new()) };
        let shape = holder(&name, Some(namespace), vec![token]);
        let is_paged = served.operation.paging.is_some();
        Some(Self {
            action: contract::action(namespace, &name),
            name,
            shape,
            size: size(namespace),
            is_paged,
        })
    }
}

/// The attribute of a list that leads to the next page.
pub(super) fn attribute() -> AttributeShape {
    AttributeShape {
        name: TOKEN.into(),
        namespace: None,
        required: false,
        simple: Simple::of(SimpleType::String),
    }
}

/// The header block by which a caller asks for a number of documents on a page.
pub(super) fn size(namespace: &str) -> Shape {
    let number = ShapeKind::Simple(Simple::of(SimpleType::Integer));
    Shape { kind: number, occurs: Occurs::OPTIONAL, ..holder(SIZE, Some(namespace), Vec::new()) }
}

/// The token in a checked message.
pub(super) fn token(body: &Element) -> CompactString {
    let token = body.elements().next().map(Element::string_value).unwrap_or_default();
    token.trim().into()
}

impl Service {
    /// The entry whose further pages a body asks for.
    pub(super) fn more_of(&self, body: &Element) -> Option<(usize, &Entry)> {
        // Only a name that ends so can be one: no other message is looked at twice.
        let mut entries = self.entries.iter().enumerate().filter(|_| body.name.local.ends_with(SUFFIX));
        entries.find(|(_, entry)| entry.asked_for_more(body).is_some())
    }
}

impl Entry {
    /// The message that a body is, if it asks for a further page.
    pub(super) fn asked_for_more(&self, body: &Element) -> Option<&MoreResults> {
        let shape = |more: &&MoreResults| {
            more.shape.name == body.name.local
                && more.shape.namespace.as_deref() == body.name.namespace.as_deref()
        };
        self.more.as_ref().filter(shape)
    }

    /// What leads to a further page.
    pub(super) fn page(&self, token: CompactString, version: Version) -> More {
        More { operation: self.operation.clone(), token, spoken: Spoken::from(version) }
    }

    /// What cuts the answer in pages, of the size that a header block asks for.
    ///
    /// # Errors
    /// 400: the block holds no number from 1.
    pub(super) fn pager(&self, soap: &Inbound) -> Result<Option<Pager>, Failure> {
        let Some(paging) = &self.operation.paging else { return Ok(None) };
        let mut blocks = soap.blocks.iter().filter(|block| block.is_ours).map(|block| &block.element);
        let asked = blocks.find(|block| Some(&block.name) == self.size.as_ref()).map(Element::string_value);
        let size = paging.asked(asked.as_deref())?;
        Ok(Some(Pager::new(paging, size, Spoken::from(soap.version))))
    }
}
