//! Horizon's links between its resources. Clients do not only follow them: the JavaScript SDK renames a member to
//! `…_attr` when a link has its name, and reads it by that.

use serde_json::{Map, Value, json};

/// Links under a base URL: name and path.
fn links(base: &str, of: &[(&str, String)]) -> Value {
    let links: Map<String, Value> = of
        .iter()
        .map(|(name, path)| {
            let templated = path.contains('{');
            let mut link = json!({ "href": format!("{base}/horizon{path}") });
            if templated {
                link["templated"] = json!(true);
            }
            ((*name).to_owned(), link)
        })
        .collect();
    Value::Object(links)
}

pub(super) fn of_account(base: &str, id: &str) -> Value {
    let path = format!("/accounts/{id}");
    links(
        base,
        &[
            ("self", path.clone()),
            ("data", format!("{path}/data/{{key}}")),
        ],
    )
}

pub(super) fn of_ledger(base: &str, sequence: u32) -> Value {
    links(base, &[("self", format!("/ledgers/{sequence}"))])
}

pub(super) fn of_transaction(base: &str, hash: &str, ledger: u32, source: &str) -> Value {
    links(
        base,
        &[
            ("self", format!("/transactions/{hash}")),
            ("account", format!("/accounts/{source}")),
            ("ledger", format!("/ledgers/{ledger}")),
        ],
    )
}

/// The links of a page that was asked for by `path`.
pub(super) fn of_page(base: &str, path: &str) -> Value {
    let path = path.to_owned();
    links(
        base,
        &[
            ("self", path.clone()),
            ("next", path.clone()),
            ("prev", path),
        ],
    )
}
