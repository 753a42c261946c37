//! Lists of challenges, and the many ways in which the grammar lets one write each.

use coinslot_auth_header::Challenges;
use proptest::collection::vec;
use proptest::prelude::*;

/// What a list says: schemes, each with its parameters in order.
pub(crate) type Meaning = Vec<(String, Vec<(String, String)>)>;

/// Lists in which no challenge names a parameter twice.
pub(crate) fn meaning() -> impl Strategy<Value = Meaning> {
    let value = "[\\t -~]{0,6}|[a-z\"\\\\,= ]{0,24}";
    let parameters = vec((token(), value), 0..5).prop_map(|mut parameters| {
        let mut seen: Vec<String> = Vec::new();
        parameters.retain(|(name, _)| {
            let name = name.to_ascii_lowercase();
            let new = !seen.contains(&name);
            seen.push(name);
            new
        });
        parameters
    });
    vec((token(), parameters), 1..5)
}

pub(crate) fn token() -> impl Strategy<Value = String> {
    "[a-zA-Z]{1,3}|[!#$%&'*+.^_`|~0-9a-zA-Z-]{1,18}"
}

/// A list spelled at random: tokens or quotes, needless escapes, BWS, empty elements.
pub(crate) fn spelled() -> impl Strategy<Value = (Meaning, String)> {
    (meaning(), vec(any::<u8>(), 64)).prop_map(|(meaning, choices)| {
        let mut choices = choices.into_iter().cycle();
        let mut choose = |options: usize| usize::from(choices.next().unwrap_or(0)) % options;
        let mut line = [",", "", " ,\t", ""][choose(4)].trim_start().to_owned();
        for (number, (scheme, parameters)) in meaning.iter().enumerate() {
            if number > 0 {
                line += SEPARATORS[choose(SEPARATORS.len())];
            }
            line += scheme;
            for (number, (name, value)) in parameters.iter().enumerate() {
                line += match number {
                    0 => " ",
                    _ => SEPARATORS[choose(SEPARATORS.len())],
                };
                line += name;
                line += ["=", " =", "=\t", " \t= "][choose(4)];
                if is_token(value) && choose(2) == 0 {
                    line += value;
                    continue;
                }
                line.push('"');
                for character in value.chars() {
                    if matches!(character, '"' | '\\') || choose(4) == 0 {
                        line.push('\\');
                    }
                    line.push(character);
                }
                line.push('"');
            }
        }
        line += ["", ",", " , ,", "\t,"][choose(4)];
        (meaning, line)
    })
}

/// What our reader found, as the generator writes it.
pub(crate) fn meaning_of(challenges: &Challenges<'_>) -> Meaning {
    challenges
        .iter()
        .map(|challenge| {
            let parameters = challenge.parameters();
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            (
                challenge.scheme().as_str().to_owned(),
                parameters.map(owned).collect(),
            )
        })
        .collect()
}

fn is_token(text: &str) -> bool {
    let among = |character: char| {
        character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
    };
    !text.is_empty() && text.chars().all(among)
}

const SEPARATORS: [&str; 6] = [", ", ",", " ,", "\t,\t", ",,", " , , "];
