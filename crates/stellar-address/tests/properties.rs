//! Addresses and their texts.

use coinslot_stellar_address::{AccountId, Address, ContractId, MuxedAccountId};
use proptest::{prelude::*, sample::Index};

fn address() -> impl Strategy<Value = Address> {
    let account = any::<[u8; 32]>().prop_map(AccountId::from_bytes);
    prop_oneof![
        account.clone().prop_map(Address::from),
        any::<[u8; 32]>().prop_map(|id| ContractId::from_bytes(id).into()),
        (account, any::<u64>()).prop_map(|(account, id)| MuxedAccountId::new(account, id).into()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn addresses_survive_their_text(address in address()) {
        prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
    }

    #[test]
    fn one_wrong_character_is_always_noticed(address in address(), at: Index, other in "[A-Z2-7]") {
        let text = address.to_string();
        let at = at.index(text.len());
        let mut changed = text.clone();
        changed.replace_range(at..=at, &other);
        prop_assume!(changed != text);
        prop_assert!(changed.parse::<Address>().is_err());
    }

    #[test]
    fn any_text_is_an_address_only_in_its_one_form(text in "\\PC*|[GCM][A-Z2-7]{55}") {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string(), text);
        }
    }
}
