//! What a check found.

/// Problems fail the check; notes say what was looked at, or deserve a look.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    problems: Vec<String>,
    notes: Vec<String>,
}

impl Findings {
    pub(crate) fn problem(&mut self, sentence: impl Into<String>) {
        self.problems.push(sentence.into());
    }

    pub(crate) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(crate) fn passed(&self) -> bool {
        self.problems.is_empty()
    }
}
