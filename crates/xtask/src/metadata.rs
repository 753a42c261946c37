//! The workspace as `cargo metadata` describes it.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The members and the packages that they draw in.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<Package>,
}

/// A member of the workspace, or a package that a member depends on.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest: PathBuf,
    pub(crate) license: Option<String>,
    /// `None` for a path, a member of this workspace.
    pub(crate) source: Option<String>,
    pub(crate) published: bool,
    pub(crate) layer: Option<u64>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency tables.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) requirement: String,
    pub(crate) normal: bool,
    pub(crate) optional: bool,
    pub(crate) by_path: bool,
}

/// Why the workspace could not be read.
#[derive(Debug)]
pub(crate) enum MetadataError {
    Run(std::io::Error),
    Refused(String),
    Json(serde_json::Error),
    Missing(&'static str),
}

impl Workspace {
    /// Asks cargo, with every feature of every member and the committed lock file.
    pub(crate) fn load() -> Result<Self, MetadataError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let output = cargo()
            .args([
                "metadata",
                "--format-version=1",
                "--all-features",
                "--manifest-path",
            ])
            .arg(root.join("Cargo.toml"))
            .output()
            .map_err(MetadataError::Run)?;
        if !output.status.success() {
            return Err(MetadataError::Refused(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        let value: Value = serde_json::from_slice(&output.stdout).map_err(MetadataError::Json)?;
        let packages = value["packages"]
            .as_array()
            .ok_or(MetadataError::Missing("packages"))?;
        Ok(Self {
            root: value["workspace_root"]
                .as_str()
                .ok_or(MetadataError::Missing("workspace_root"))?
                .into(),
            target: value["target_directory"]
                .as_str()
                .ok_or(MetadataError::Missing("target_directory"))?
                .into(),
            packages: packages
                .iter()
                .map(Package::read)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The folder of the root manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    pub(crate) fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The packages that live in this repository.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| package.source.is_none())
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Package> {
        self.members().find(|package| package.name == name)
    }

    /// A path as people write it: relative to the root.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

impl Package {
    fn read(value: &Value) -> Result<Self, MetadataError> {
        let text = |field: &'static str| value[field].as_str().map(str::to_owned);
        Ok(Self {
            name: text("name").ok_or(MetadataError::Missing("name"))?,
            version: text("version").ok_or(MetadataError::Missing("version"))?,
            manifest: text("manifest_path")
                .ok_or(MetadataError::Missing("manifest_path"))?
                .into(),
            license: text("license"),
            source: text("source"),
            published: value["publish"].is_null(),
            layer: value["metadata"]["layer"]["number"].as_u64(),
            dependencies: value["dependencies"]
                .as_array()
                .ok_or(MetadataError::Missing("dependencies"))?
                .iter()
                .map(Dependency::read)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The folder of the manifest.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

impl Dependency {
    fn read(value: &Value) -> Result<Self, MetadataError> {
        Ok(Self {
            name: value["name"]
                .as_str()
                .ok_or(MetadataError::Missing("dependencies.name"))?
                .to_owned(),
            requirement: value["req"]
                .as_str()
                .ok_or(MetadataError::Missing("dependencies.req"))?
                .to_owned(),
            normal: value["kind"].is_null(),
            optional: value["optional"].as_bool().unwrap_or(false),
            by_path: value["path"].is_string(),
        })
    }
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(error) => write!(f, "cargo metadata could not be started: {error}"),
            Self::Refused(text) => write!(f, "cargo metadata failed: {}", text.trim()),
            Self::Json(error) => write!(f, "cargo metadata did not answer JSON: {error}"),
            Self::Missing(field) => write!(f, "cargo metadata answered without `{field}`"),
        }
    }
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
