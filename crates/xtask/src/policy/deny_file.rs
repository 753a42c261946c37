//! What the fallback needs to know from `deny.toml`, which it shares with cargo-deny.

/// The allowed licences and registries, and the banned crates.
#[derive(Debug, Default)]
pub(super) struct DenyFile {
    licences: Vec<String>,
    registries: Vec<String>,
    banned: Vec<String>,
}

impl DenyFile {
    /// Reads the strings of the lists `licenses.allow`, `sources.allow-registry` and `bans.deny`.
    pub(super) fn read(text: &str) -> Self {
        let mut file = Self::default();
        let (mut section, mut key) = ("", "");
        for line in text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with('#'))
        {
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                (section, key) = (name, "");
                continue;
            }
            if let Some((name, _)) = line.split_once(" = ")
                && !name.starts_with(['{', '"'])
            {
                key = name;
            }
            let list = match (section, key) {
                ("licenses", "allow") => &mut file.licences,
                ("sources", "allow-registry") => &mut file.registries,
                ("bans", "deny") => &mut file.banned,
                _ => continue,
            };
            list.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        file
    }

    pub(super) fn licences(&self) -> &[String] {
        &self.licences
    }

    /// Whether cargo's name of a source is one of the allowed registries.
    pub(super) fn allows_source(&self, source: &str) -> bool {
        source
            .strip_prefix("registry+")
            .is_some_and(|url| self.registries.iter().any(|allowed| allowed == url))
    }

    pub(super) fn bans(&self, name: &str) -> bool {
        self.banned.iter().any(|banned| banned == name)
    }
}

#[cfg(test)]
mod tests {
    use super::DenyFile;

    #[test]
    fn the_three_lists_are_read() {
        let file = DenyFile::read(include_str!("../../../../deny.toml"));
        assert!(file.licences().iter().any(|licence| licence == "MIT"));
        assert!(file.allows_source("registry+https://github.com/rust-lang/crates.io-index"));
        assert!(!file.allows_source("git+https://github.com/rust-lang/crates.io-index"));
        assert!(!file.allows_source("registry+https://crates.example.com/index"));
        assert!(file.bans("openssl"));
        assert!(!file.bans("rustls"));
    }
}
