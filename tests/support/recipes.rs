//! Expands the recipes (`.gen.json`) of documents that are too large to keep.

use serde_json::Value;

/// The document of `{"kind": ..., "n": ...}`.
pub(crate) fn expand(recipe: &Value) -> Vec<u8> {
    let count = usize::try_from(recipe["n"].as_u64().unwrap()).unwrap();
    let text = match recipe["kind"].as_str().unwrap() {
        "deep" => "<a>".repeat(count) + &"</a>".repeat(count),
        "attrs" => {
            let mut text: String = (0..count).map(|n| format!(" a{n}=''")).collect();
            if recipe["same"] == true {
                text += " a0=''";
            }
            format!("<a{text}/>")
        }
        "attrvalue" => format!("<a b='{}'/>", "x".repeat(count)),
        "text" => format!("<a>{}</a>", "x".repeat(count)),
        "name" => format!("<{}/>", "x".repeat(count)),
        "cdata" => format!("<a>{}</a>", "<![CDATA[x]]>".repeat(count)),
        "charrefs" => format!("<a>{}</a>", "&#65;".repeat(count)),
        "nsdepth" => {
            let open: String = (0..count).map(|n| format!("<p:a xmlns:p='urn:{n}'>")).collect();
            open + &"</p:a>".repeat(count)
        }
        other => panic!("the recipe `{other}` is not known here"),
    };
    text.into_bytes()
}
