//! Accounts without lumens.
//!
//! On public networks a sponsor pays an account's reserves with `beginSponsoringFutureReserves` (CAP-33). Those operations are not
//! served here; what they would leave in the ledger is written directly, with the root account as the sponsor.

use std::rc::Rc;

use stellar_xdr::{
    AccountEntry, AccountEntryExt, AccountEntryExtensionV1, AccountEntryExtensionV1Ext,
    AccountEntryExtensionV2, AccountEntryExtensionV2Ext, AccountId, LedgerEntry, LedgerEntryData,
    LedgerEntryExt, LedgerEntryExtensionV1, LedgerEntryExtensionV1Ext, LedgerKey, Liabilities,
    SponsorshipDescriptor, TrustLineEntry, TrustLineEntryExt, TrustLineFlags, VecM,
};

use super::Engine;
use super::classic::create_account::new_account;
use super::classic::{flag, trustline_asset};
use super::genesis::account_id;
use super::overlay::{account_key, trustline_key};
use super::state::Stored;
use super::treasury::{root_key, usdc};

/// The account itself counts for two reserves, its trustline for one.
const SPONSORED_RESERVES: u32 = 3;

impl Engine {
    /// Writes an account that holds no lumens and trusts USDC. Does nothing when the account exists.
    pub(crate) fn create_without_lumens(&mut self, id: &AccountId) {
        let root = account_id(*root_key(self.network_id()).account_id().as_bytes());
        let (None, Some(sponsor)) = (self.account(id), self.account(&root)) else {
            return;
        };
        let ledger = self.latest().sequence();
        let line = TrustLineEntry {
            account_id: id.clone(),
            asset: trustline_asset(&usdc()),
            balance: 0,
            limit: i64::MAX,
            flags: flag(TrustLineFlags::AuthorizedFlag),
            ext: TrustLineEntryExt::V0,
        };
        let mut account = with_sponsorship(new_account(id, 0, ledger), SPONSORED_RESERVES, 0);
        account.num_sub_entries = 1;
        let sponsor = with_sponsorship(sponsor, 0, SPONSORED_RESERVES);
        let sponsored = SponsorshipDescriptor(Some(root.clone()));
        self.state_mut().commit([
            (
                Rc::new(trustline_key(id, &line.asset)),
                stored(LedgerEntryData::Trustline(line), ledger, Some(&sponsored)),
            ),
            (
                Rc::new(account_key(id)),
                stored(LedgerEntryData::Account(account), ledger, Some(&sponsored)),
            ),
            (
                Rc::new(account_key(&root)),
                stored(LedgerEntryData::Account(sponsor), ledger, None),
            ),
        ] as [(Rc<LedgerKey>, Option<Stored>); 3]);
    }
}

fn stored(
    data: LedgerEntryData,
    ledger: u32,
    sponsor: Option<&SponsorshipDescriptor>,
) -> Option<Stored> {
    let ext = sponsor.map_or(LedgerEntryExt::V0, |sponsor| {
        LedgerEntryExt::V1(LedgerEntryExtensionV1 {
            sponsoring_id: sponsor.clone(),
            ext: LedgerEntryExtensionV1Ext::V0,
        })
    });
    let entry = LedgerEntry {
        last_modified_ledger_seq: ledger,
        data,
        ext,
    };
    Some(Stored {
        entry: Rc::new(entry),
        live_until: None,
    })
}

/// The account with so many more reserves that others pay, and that it pays for others.
fn with_sponsorship(mut account: AccountEntry, sponsored: u32, sponsoring: u32) -> AccountEntry {
    let mut v1 = match account.ext {
        AccountEntryExt::V1(v1) => v1,
        AccountEntryExt::V0 => AccountEntryExtensionV1 {
            liabilities: Liabilities {
                buying: 0,
                selling: 0,
            },
            ext: AccountEntryExtensionV1Ext::V0,
        },
    };
    let mut v2 = match v1.ext {
        AccountEntryExtensionV1Ext::V2(v2) => v2,
        AccountEntryExtensionV1Ext::V0 => AccountEntryExtensionV2 {
            num_sponsored: 0,
            num_sponsoring: 0,
            signer_sponsoring_i_ds: VecM::default(),
            ext: AccountEntryExtensionV2Ext::V0,
        },
    };
    v2.num_sponsored = v2.num_sponsored.saturating_add(sponsored);
    v2.num_sponsoring = v2.num_sponsoring.saturating_add(sponsoring);
    v1.ext = AccountEntryExtensionV1Ext::V2(v2);
    account.ext = AccountEntryExt::V1(v1);
    account
}
