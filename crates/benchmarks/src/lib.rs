//! All benchmarks, and the table of their ratios.
