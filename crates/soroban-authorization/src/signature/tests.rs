use super::*;

const KEY: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
const MESSAGE: &[u8] = b"coinslot";

fn verify(key: &str, signature: &str) -> bool {
    let mut account = [0; 32];
    hex::decode_to_slice(key, &mut account).unwrap();
    let mut bytes = [0; 64];
    hex::decode_to_slice(signature, &mut bytes).unwrap();
    verify_signature(&AccountId::from_bytes(account), MESSAGE, &bytes)
}

#[test]
fn accepts_an_honest_signature() {
    assert!(verify(
        KEY,
        "ea171d53c75c265e2e5251877dae7caeb05a6fd46759334207803c7c7101383e\
         3938fc90f2c4af6a947172df214397c1bb01603c485c9f46adac01e1e74a1306"
    ));
}

/// Accepted by libraries that check `[S]B = R + [k]A` and nothing more.
#[test]
fn refuses_a_nonce_of_small_order() {
    assert!(!verify(
        KEY,
        "0100000000000000000000000000000000000000000000000000000000000000\
         17debce53407235e35a994409d9cc0d326765a5b06def138c3168296a5e5eb03"
    ));
}

/// Accepted by libraries that multiply by the cofactor.
#[test]
fn refuses_a_nonce_with_torsion() {
    assert!(!verify(
        KEY,
        "d63c01223147541df4e170763e9e2788a8bf5971f52a93c5829dbe6f5ff6bba9\
         5d8af09b902c08cb69391547fccaa70571ecbf89798a4f42ab7401a1257c8f0a"
    ));
}

#[test]
fn refuses_a_scalar_above_the_order() {
    assert!(!verify(
        KEY,
        "ea171d53c75c265e2e5251877dae7caeb05a6fd46759334207803c7c7101383e\
         260cf2ed0c28c2c26a0e6a82003d76d6bb01603c485c9f46adac01e1e74a1316"
    ));
}

/// With this key, anybody can sign anything.
#[test]
fn refuses_a_key_of_small_order() {
    assert!(!verify(
        "0100000000000000000000000000000000000000000000000000000000000000",
        "17ffad8068dc0de9935d36636f3ad1b5de6de3413b12388e453b05f2a4c1d3db\
         15cd5b0700000000000000000000000000000000000000000000000000000000"
    ));
}

#[test]
fn refuses_a_key_that_is_no_point() {
    assert!(!verify(
        "0200000000000000000000000000000000000000000000000000000000000000",
        "ea171d53c75c265e2e5251877dae7caeb05a6fd46759334207803c7c7101383e\
         3938fc90f2c4af6a947172df214397c1bb01603c485c9f46adac01e1e74a1306"
    ));
}
