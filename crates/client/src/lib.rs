//! A reqwest middleware that pays within a budget.
