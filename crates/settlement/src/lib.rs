//! Settles verified payments on Stellar: sponsor accounts, fee policy, budgets, submit and confirm.
