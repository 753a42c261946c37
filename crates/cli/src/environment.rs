//! The `.env` file: read from the working folder or a parent, never overriding what the environment already says.

/// A `.env` file that is there but cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the .env file cannot be read: {sentence}; fix the line or remove the file")]
pub(crate) struct EnvFileError {
    sentence: String,
}

/// Loads `.env` when there is one.
///
/// The values themselves are never part of an error: they may be secrets.
pub(crate) fn load() -> Result<(), EnvFileError> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(dotenvy::Error::LineParse(_, position)) => Err(EnvFileError {
            sentence: format!("a line is not NAME=value (at character {position} of that line)"),
        }),
        Err(dotenvy::Error::Io(error)) => Err(EnvFileError {
            sentence: error.to_string(),
        }),
        Err(_) => Err(EnvFileError {
            sentence: "it is not in the form NAME=value".into(),
        }),
    }
}
