//! `setOptions`: signers, thresholds, flags, home domain and inflation destination.

use stellar_xdr::{
    AccountEntry, AccountFlags, AccountId, OperationResult, OperationResultTr, SetOptionsOp,
    SetOptionsResult, Signer, SignerKey, Thresholds,
};

use super::{Reserve, add_subentry};
use crate::engine::overlay::Overlay;
use crate::engine::signatures::key_of;

/// Most signers that an account may have beside its own key.
const MAX_SIGNERS: usize = 20;

fn result(result: SetOptionsResult) -> OperationResult {
    OperationResult::OpInner(OperationResultTr::SetOptions(result))
}

/// Whether the operation touches who may sign, and so asks for the high threshold.
pub(crate) fn changes_signing(op: &SetOptionsOp) -> bool {
    op.master_weight.is_some()
        || op.low_threshold.is_some()
        || op.med_threshold.is_some()
        || op.high_threshold.is_some()
        || op.signer.is_some()
}

pub(crate) fn check(
    op: &SetOptionsOp,
    source: &AccountId,
) -> Result<OperationResult, OperationResult> {
    let (set, clear) = (op.set_flags.unwrap_or(0), op.clear_flags.unwrap_or(0));
    if (set | clear) & !known_flags() != 0 {
        return Err(result(SetOptionsResult::UnknownFlag));
    }
    if set & clear != 0 {
        return Err(result(SetOptionsResult::BadFlags));
    }
    let weights = [
        op.master_weight,
        op.low_threshold,
        op.med_threshold,
        op.high_threshold,
    ];
    if weights.into_iter().flatten().any(|weight| weight > 255) {
        return Err(result(SetOptionsResult::ThresholdOutOfRange));
    }
    if let Some(signer) = &op.signer
        && !is_acceptable(signer, source)
    {
        return Err(result(SetOptionsResult::BadSigner));
    }
    if let Some(domain) = &op.home_domain
        && domain.0.iter().any(|byte| !(0x20..0x7f).contains(byte))
    {
        return Err(result(SetOptionsResult::InvalidHomeDomain));
    }
    Ok(result(SetOptionsResult::Success))
}

fn is_acceptable(signer: &Signer, source: &AccountId) -> bool {
    let itself = signer.key == SignerKey::Ed25519(key_of(source));
    let empty_payload =
        matches!(&signer.key, SignerKey::Ed25519SignedPayload(signed) if signed.payload.is_empty());
    !itself && !empty_payload && signer.weight <= 255
}

pub(crate) fn apply(
    op: &SetOptionsOp,
    source: &AccountId,
    overlay: &mut Overlay<'_>,
) -> Result<OperationResult, OperationResult> {
    let mut account = overlay
        .account(source)
        .ok_or(OperationResult::OpNoAccount)?;
    if let Some(destination) = &op.inflation_dest {
        if overlay.account(destination).is_none() {
            return Err(result(SetOptionsResult::InvalidInflation));
        }
        account.inflation_dest = Some(destination.clone());
    }
    apply_flags(op, &mut account)?;
    if let Some(domain) = &op.home_domain {
        account.home_domain = domain.clone();
    }
    apply_thresholds(op, &mut account);
    if let Some(signer) = &op.signer {
        apply_signer(signer, &mut account)?;
    }
    overlay.put_account(account);
    Ok(result(SetOptionsResult::Success))
}

fn apply_flags(op: &SetOptionsOp, account: &mut AccountEntry) -> Result<(), OperationResult> {
    let (set, clear) = (op.set_flags.unwrap_or(0), op.clear_flags.unwrap_or(0));
    let authorisation = bit(AccountFlags::RequiredFlag)
        | bit(AccountFlags::RevocableFlag)
        | bit(AccountFlags::ImmutableFlag)
        | bit(AccountFlags::ClawbackEnabledFlag);
    let immutable = account.flags & bit(AccountFlags::ImmutableFlag) != 0;
    if immutable && (set | clear) & authorisation != 0 {
        return Err(result(SetOptionsResult::CantChange));
    }
    let flags = (account.flags | set) & !clear;
    if flags & bit(AccountFlags::ClawbackEnabledFlag) != 0
        && flags & bit(AccountFlags::RevocableFlag) == 0
    {
        return Err(result(SetOptionsResult::AuthRevocableRequired));
    }
    account.flags = flags;
    Ok(())
}

fn apply_thresholds(op: &SetOptionsOp, account: &mut AccountEntry) {
    let [master, low, medium, high] = account.thresholds.0;
    let or = |new: Option<u32>, old: u8| new.and_then(|n| u8::try_from(n).ok()).unwrap_or(old);
    account.thresholds = Thresholds([
        or(op.master_weight, master),
        or(op.low_threshold, low),
        or(op.med_threshold, medium),
        or(op.high_threshold, high),
    ]);
}

fn apply_signer(signer: &Signer, account: &mut AccountEntry) -> Result<(), OperationResult> {
    let mut signers = account.signers.to_vec();
    let known = signers.iter().position(|known| known.key == signer.key);
    match (known, signer.weight) {
        (Some(position), 0) => {
            signers.remove(position);
            account.num_sub_entries = account.num_sub_entries.saturating_sub(1);
        }
        (Some(position), _) => {
            if let Some(known) = signers.get_mut(position) {
                known.weight = signer.weight;
            }
        }
        (None, 0) => return Err(result(SetOptionsResult::BadSigner)),
        (None, _) => {
            if signers.len() >= MAX_SIGNERS {
                return Err(result(SetOptionsResult::TooManySigners));
            }
            add_subentry(account).map_err(|reserve| match reserve {
                Reserve::TooLow => result(SetOptionsResult::LowReserve),
                Reserve::TooManySubentries => OperationResult::OpTooManySubentries,
            })?;
            signers.push(signer.clone());
        }
    }
    signers.sort_by(|a, b| a.key.cmp(&b.key));
    account.signers = signers
        .try_into()
        .map_err(|_| result(SetOptionsResult::TooManySigners))?;
    Ok(())
}

/// Drops the one-time signer of a transaction that was applied.
pub(crate) fn remove_one_time_signer(account: &mut AccountEntry, hash: [u8; 32]) -> bool {
    let key = SignerKey::PreAuthTx(stellar_xdr::Uint256(hash));
    let mut signers = account.signers.to_vec();
    let before = signers.len();
    signers.retain(|signer| signer.key != key);
    let removed = signers.len() < before;
    if removed && let Ok(signers) = signers.try_into() {
        account.signers = signers;
        account.num_sub_entries = account.num_sub_entries.saturating_sub(1);
    }
    removed
}

fn bit(flag: AccountFlags) -> u32 {
    u32::try_from(i32::from(flag)).unwrap_or(0)
}

fn known_flags() -> u32 {
    bit(AccountFlags::RequiredFlag)
        | bit(AccountFlags::RevocableFlag)
        | bit(AccountFlags::ImmutableFlag)
        | bit(AccountFlags::ClawbackEnabledFlag)
}
