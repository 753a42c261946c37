//! What a shell makes of dollars that are not in single quotes: in `"$0.5"` the `$0` is the shell's own name, and `$5` is nothing.

/// What to add to a refusal of this amount: a hint, if a shell seems to have had its way with it, or nothing.
pub(crate) fn hint(amount: &str) -> &'static str {
    let amount = amount.trim();
    let is_shell = |name: &str| name.is_empty() || name.ends_with("sh");
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let eaten = match amount.split_once('.') {
        Some((name, decimals)) => is_shell(name) && is_number(decimals),
        // `$5` leaves nothing, `$50` leaves the 0.
        None => is_shell(amount) || amount.bytes().all(|byte| byte == b'0'),
    };
    if eaten { HINT } else { "" }
}

const HINT: &str =
    "; the shell may have replaced a dollar sign: write dollars in single quotes, as in '$0.5'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_leaves_of_dollars_is_recognised() {
        for eaten in [
            "bash.5",
            "-bash.001",
            "/usr/bin/zsh.5",
            "sh.5",
            "bash",
            ".5",
            "",
            " ",
            "0",
            "00",
        ] {
            assert_eq!(hint(eaten), HINT, "{eaten:?}");
        }
        for other in [
            "$0.5", "0.5", "1,5", "1.5.5", "1e5", "bash.x", "5.", "-1", "$0", "cash.5x",
        ] {
            assert_eq!(hint(other), "", "{other:?}");
        }
    }
}
