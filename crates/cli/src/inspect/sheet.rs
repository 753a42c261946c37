//! A page of labelled lines.

use core::fmt::{self, Display};

use coinslot_client::ServerText;

/// Lines with labels, in blocks that are indented.
#[derive(Default)]
pub(crate) struct Sheet {
    lines: Vec<String>,
    depth: usize,
}

impl Sheet {
    /// A line by itself.
    pub(crate) fn say(&mut self, text: impl Display) {
        self.lines
            .push(format!("{:indent$}{text}", "", indent = self.depth * 2));
    }

    /// A line with a label.
    pub(crate) fn line(&mut self, label: &str, value: impl Display) {
        self.say(format_args!("{label}: {value}"));
    }

    /// A line with a label, if there is a value.
    pub(crate) fn maybe(&mut self, label: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.line(label, value);
        }
    }

    /// A line with a label and a stranger's text.
    pub(crate) fn quote(&mut self, label: &str, text: Option<&str>) {
        self.maybe(label, text.map(ServerText::new));
    }

    /// A heading with indented lines below it.
    pub(crate) fn block(&mut self, heading: impl Display, write: impl FnOnce(&mut Self)) {
        self.say(heading);
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }
}

impl Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}
