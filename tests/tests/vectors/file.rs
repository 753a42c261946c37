//! A file of vectors.

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::case::Case;

/// One family, as its file has it.
pub(crate) struct VectorFile {
    pub(crate) name: String,
    pub(crate) family: String,
    pub(crate) cases: Vec<Case>,
}

impl VectorFile {
    /// Every `.json` file of a folder, in the order of their names.
    pub(crate) fn read_all(folder: &Path) -> Result<Vec<Self>, String> {
        let entries =
            fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry
                .map_err(|error| format!("{}: {error}", folder.display()))?
                .path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                paths.push(path);
            }
        }
        paths.sort();
        if paths.is_empty() {
            return Err(format!("{} holds no .json file", folder.display()));
        }
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Self, String> {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let fail = |problem: &str| format!("{name}: {problem}");
        let bytes = fs::read(path).map_err(|error| fail(&error.to_string()))?;
        let value: Value =
            serde_json::from_slice(&bytes).map_err(|error| fail(&error.to_string()))?;
        let family = value["family"]
            .as_str()
            .ok_or_else(|| fail("no `family`"))?
            .to_owned();
        let cases = value["cases"]
            .as_array()
            .ok_or_else(|| fail("no `cases`"))?;
        if value["count"].as_u64() != u64::try_from(cases.len()).ok() {
            return Err(fail("`count` is not the number of cases"));
        }
        let texts: Texts<'_> =
            serde_json::from_slice(&bytes).map_err(|error| fail(&error.to_string()))?;
        let cases = cases
            .iter()
            .zip(texts.cases)
            .map(|(case, text)| Case::read(case, text.input.get().to_owned()))
            .collect::<Result<_, _>>()
            .map_err(|problem| fail(&problem))?;
        Ok(Self {
            name,
            family,
            cases,
        })
    }
}

/// The parts of a file whose text matters.
#[derive(Deserialize)]
struct Texts<'a> {
    #[serde(borrow)]
    cases: Vec<CaseText<'a>>,
}

#[derive(Deserialize)]
struct CaseText<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
}
