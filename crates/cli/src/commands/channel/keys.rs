//! The secret keys of those who take part.

use coinslot_soroban_authorization::SecretKey;

use crate::exit::Failure;
use crate::secret::SecretText;

/// Where the funder's key is looked for.
pub(super) const FUNDER: (&str, &str) = ("STELLAR_SECRET_KEY", "the funder");
/// Where the recipient's key is looked for.
pub(crate) const RECIPIENT: (&str, &str) = ("STELLAR_RECIPIENT_SECRET_KEY", "the recipient");

/// The key that was given, by the name of its setting and of its owner.
pub(crate) fn secret_key(
    text: Option<&SecretText>,
    (setting, owner): (&str, &str),
) -> Result<SecretKey, Failure> {
    let text = text.ok_or_else(|| {
        Failure::configuration(format!(
            "{owner} has to sign: set {setting} to its secret key (S…), in the environment or in a .env file"
        ))
    })?;
    text.expose()
        .parse()
        .map_err(|error| Failure::configuration(format!("{setting}: {error}")))
}
