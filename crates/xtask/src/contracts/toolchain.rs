//! A compiler for the contracts' target, if there is one.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt, io,
    path::{Path, PathBuf},
    process::Command,
};

/// A compiler, and where `core` and the linker come from.
#[derive(Debug)]
pub(super) struct Toolchain {
    rustc: OsString,
    version: String,
    library: Library,
}

/// Where `core` and `alloc` of the target come from.
#[derive(Debug)]
pub(super) enum Library {
    /// The compiler has them, and a linker too.
    Installed,
    /// They are built from the compiler's source, and linked by the linker of another one.
    FromSource { linker: PathBuf, version: String },
}

impl Toolchain {
    /// The compiler that `COINSLOT_WASM_RUSTC` names, else `rustc` if it has the target.
    pub(super) fn find() -> io::Result<Option<Self>> {
        let named = env::var_os(VARIABLE);
        let is_named = named.is_some();
        let rustc = named.unwrap_or_else(|| "rustc".into());
        let version = ask(&rustc, &["--version"])?;
        let installed = ask(&rustc, &["--print", "target-libdir", "--target", TARGET])
            .is_ok_and(|folder| Path::new(&folder).is_dir());
        let library = if installed {
            Library::Installed
        } else if is_named {
            Library::from_source()?
        } else {
            return Ok(None);
        };
        Ok(Some(Self {
            rustc,
            version,
            library,
        }))
    }

    pub(super) fn rustc(&self) -> &OsStr {
        &self.rustc
    }

    pub(super) fn library(&self) -> &Library {
        &self.library
    }
}

impl fmt::Display for Toolchain {
    /// What the bytes of a build depend on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.version)?;
        match &self.library {
            Library::Installed => f.write_str(", with its own core"),
            Library::FromSource { version, .. } => {
                write!(f, ", core from its source, linked by {version}")
            }
        }
    }
}

impl Library {
    /// The linker is that of the installed `rustc`: it knows every target.
    fn from_source() -> io::Result<Self> {
        let verbose = ask("rustc".as_ref(), &["-vV"])?;
        let host = verbose
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .ok_or_else(|| io::Error::other("rustc -vV names no host"))?;
        let linker = Path::new(&ask("rustc".as_ref(), &["--print", "sysroot"])?)
            .join("lib/rustlib")
            .join(host)
            .join("bin/rust-lld");
        let version = ask(linker.as_ref(), &["-flavor", "wasm", "--version"])?;
        // The rest names the commit that it was built from.
        let version = version.split(" (").next().unwrap_or_default().to_owned();
        Ok(Self::FromSource { linker, version })
    }
}

/// What a program writes to its standard output.
fn ask(program: &OsStr, arguments: &[&str]) -> io::Result<String> {
    let name = program.to_string_lossy();
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "{name} {} failed with {}",
            arguments.join(" "),
            output.status
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The target of every contract.
pub(super) const TARGET: &str = "wasm32v1-none";

/// Names a compiler that can build the contracts where the installed one cannot.
const VARIABLE: &str = "COINSLOT_WASM_RUSTC";
