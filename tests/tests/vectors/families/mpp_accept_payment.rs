//! `mpp_accept_payment`: what clients can pay, and what of it they prefer.

use coinslot_mpp_wire::{AcceptPayment, IntentName, MethodName, PaymentRange, Quality};
use serde_json::{Value, json};

use super::{Kinds, mpp::show};
use crate::{
    case::{Case, text},
    decision::Answer,
};

pub(super) const KINDS: Kinds = &[
    ("parse", parse),
    ("serialize", serialize),
    ("rank", rank),
    ("resolve", resolve),
    ("select", select),
];

fn parse(case: &Case) -> Result<Answer, String> {
    let accept = case.text("header")?.parse::<AcceptPayment>();
    Ok(Answer::new(
        accept.map_err(show).and_then(|accept| entries(&accept)),
    ))
}

fn serialize(case: &Case) -> Result<Answer, String> {
    let entries = case.input["entries"].as_array().ok_or("no entries")?;
    let ours = entries
        .iter()
        .map(|entry| {
            Ok(PaymentRange {
                method: any_or(entry, "method", |name| {
                    name.parse::<MethodName>().map_err(show)
                })?,
                intent: any_or(entry, "intent", |name| {
                    name.parse::<IntentName>().map_err(show)
                })?,
                quality: quality(&entry["q"])?,
            })
        })
        .collect::<Result<Vec<_>, String>>()
        .and_then(|ranges| AcceptPayment::new(ranges).map_err(show));
    Ok(Answer::new(ours.map(|accept| accept.to_string().into())))
}

fn rank(case: &Case) -> Result<Answer, String> {
    let accept: AcceptPayment = case.text("header")?.parse().map_err(show)?;
    let offers = named(&case.input["offers"], "method")?;
    let ranked = accept.rank(offers, |offer| (&offer.method, &offer.intent));
    let ours: Vec<_> = ranked
        .into_iter()
        .map(|offer| offer.value.clone())
        .collect();
    Ok(Answer::new(Ok::<_, String>(ours.into())))
}

/// The header of a client that has these methods, weighted by a table whose names are `method/intent`.
fn resolve(case: &Case) -> Result<Answer, String> {
    let methods = named(&case.input["methods"], "name")?;
    let weights = case.input["config"].as_object();
    let key = |named: &Named<'_>| format!("{}/{}", named.method, named.intent);
    let unknown = weights.into_iter().flatten().find(|(name, _)| {
        let known = |method| key(method) == **name;
        !methods.iter().any(known)
    });
    let ranges = methods.iter().map(|named| {
        let weight = weights.and_then(|weights| weights.get(&key(named)));
        let range = PaymentRange::new(named.method.clone(), named.intent.clone());
        Ok(match weight {
            Some(weight) => range.with_quality(quality(weight)?),
            None => range,
        })
    });
    let ours = match unknown {
        Some((name, _)) => Err(format!("no method for {name}")),
        None => ranges
            .collect::<Result<Vec<_>, String>>()
            .and_then(|ranges| AcceptPayment::new(ranges).map_err(show))
            .and_then(|accept| {
                Ok(json!({"header": accept.to_string(), "entries": entries(&accept)?}))
            }),
    };
    Ok(Answer::new(ours))
}

/// The challenges that a client with these methods can answer, those that it prefers first.
fn select(case: &Case) -> Result<Answer, String> {
    let accept: AcceptPayment = case.text("header")?.parse().map_err(show)?;
    let methods = named(&case.input["methods"], "name")?;
    let challenges = named(&case.input["challenges"], "method")?;
    let supported = challenges.into_iter().filter(|challenge| {
        let same = |method: &Named<'_>| {
            (&method.method, &method.intent) == (&challenge.method, &challenge.intent)
        };
        methods.iter().any(same)
    });
    let ranked = accept.rank(supported, |challenge| {
        (&challenge.method, &challenge.intent)
    });
    let ours: Vec<_> = ranked
        .into_iter()
        .map(|challenge| challenge.value["id"].clone())
        .collect();
    Ok(Answer::new(Ok::<_, String>(ours.into())))
}

/// Something with a method and an intent.
struct Named<'a> {
    method: MethodName,
    intent: IntentName,
    value: &'a Value,
}

fn named<'a>(list: &'a Value, method: &str) -> Result<Vec<Named<'a>>, String> {
    let list = list.as_array().ok_or("no list")?;
    list.iter()
        .map(|value| {
            Ok(Named {
                method: text(value, method)?.parse().map_err(show)?,
                intent: text(value, "intent")?.parse().map_err(show)?,
                value,
            })
        })
        .collect()
}

fn entries(accept: &AcceptPayment) -> Result<Value, String> {
    accept
        .ranges()
        .iter()
        .enumerate()
        .map(|(index, range)| {
            Ok(json!({
                "method": range.method.as_ref().map_or("*", MethodName::as_str),
                "intent": range.intent.as_ref().map_or("*", IntentName::as_str),
                "q": serde_json::from_str::<Value>(&range.quality.to_string()).map_err(show)?,
                "index": index,
            }))
        })
        .collect::<Result<Vec<_>, String>>()
        .map(Value::from)
}

/// `None` for `*`.
fn any_or<T>(
    entry: &Value,
    field: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match text(entry, field)? {
        "*" => Ok(None),
        name => parse(name).map(Some),
    }
}

/// A weight by its decimal text.
fn quality(value: &Value) -> Result<Quality, String> {
    value.to_string().parse().map_err(show)
}
