use rusqlite::ffi;

use super::again;
use crate::Outage;

#[test]
fn every_code_has_its_sentence() {
    for (code, sentence) in [
        (ffi::SQLITE_BUSY, "locked by another process"),
        (ffi::SQLITE_BUSY_SNAPSHOT, "locked by another process"),
        (ffi::SQLITE_LOCKED, "locked by another process"),
        (ffi::SQLITE_READONLY, "read-only"),
        (ffi::SQLITE_READONLY_DBMOVED, "read-only"),
        (ffi::SQLITE_PERM, "read-only"),
        (ffi::SQLITE_FULL, "free some space"),
        (ffi::SQLITE_CORRUPT, "restore it from a backup"),
        (ffi::SQLITE_NOTADB, "restore it from a backup"),
        (ffi::SQLITE_CANTOPEN, "its folder exists"),
        (ffi::SQLITE_IOERR_FSYNC, "the payment store failed"),
    ] {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        let outage = Outage::from(error);
        assert!(
            outage.to_string().contains(sentence),
            "{code} gave {outage}"
        );
        assert_eq!(again(&outage).to_string(), outage.to_string());
    }
}
