//! Hand-picked headers, to accept and to refuse. Those of an RFC are named by their section.

#[path = "vectors/challenges.rs"]
mod challenges;
#[path = "vectors/credentials.rs"]
mod credentials;
#[path = "vectors/limits.rs"]
mod limits;
#[path = "vectors/writing.rs"]
mod writing;

use coinslot_auth_header::Parameters;

/// A challenge or credential, as the tables write it: scheme, token68, parameters.
type Row<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, &'a str)]);

fn pairs<'c>(parameters: Parameters<'c, 'c>) -> Vec<(&'c str, &'c str)> {
    parameters.collect()
}
