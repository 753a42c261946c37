//! Atomic payment state: claims, records and scans, in memory and in SQLite.
