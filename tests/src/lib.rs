//! Whole flows, shared vectors and interoperability suites.
