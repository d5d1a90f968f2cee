use std::str::FromStr;

use thiserror::Error;

use super::{MAX_POLICY_BYTES, NONE, Policy, PolicyError, Threshold};
use crate::encoding;
use crate::note::{KeyError, VerifierKey};

/// Where and why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} of the policy is wrong")]
pub struct PolicyParseError {
    /// The number of the line, counted from 1; the one after the last when something is missing.
    pub line: usize,
    /// What is wrong with it.
    pub source: PolicyProblem,
}

/// What is wrong with a line of a policy (C2SP tlog-policy, "Policy file syntax and structure").
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyProblem {
    /// The whole is larger than [`MAX_POLICY_BYTES`].
    #[error("the policy is larger than {MAX_POLICY_BYTES} bytes")]
    TooLarge,
    /// A control character other than tab and newline.
    #[error("the line contains a control character")]
    ControlCharacter,
    /// A name or an address that is not UTF-8. The specification would allow it; this implementation does not.
    #[error("the line is not UTF-8")]
    Utf8,
    /// Not one of `log`, `witness`, `group` and `quorum`, or not with the words that belong to it.
    #[error("the line is not a log, witness, group or quorum with what belongs to it")]
    Form,
    /// A verifier key that is none.
    #[error("the key is malformed")]
    Key(#[from] KeyError),
    /// Understood, but it does not fit with what stands before.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A second quorum line.
    #[error("there is a second quorum")]
    SecondQuorum,
    /// No quorum line.
    #[error("there is no quorum")]
    NoQuorum,
}

impl Policy {
    /// Reads a policy. Comments (lines that begin with `#`) and empty lines are passed over. The newline of the last line
    /// may be missing.
    ///
    /// # Errors
    /// [`PolicyParseError`], with the line. Comments may hold any bytes; names and addresses must be UTF-8.
    pub fn parse(text: &[u8]) -> Result<Self, PolicyParseError> {
        if text.len() > MAX_POLICY_BYTES {
            return Err(PolicyParseError { line: 1, source: PolicyProblem::TooLarge });
        }
        let mut policy = Self::new();
        let mut has_quorum = false;
        let mut count = 0;
        for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
            count = index + 1;
            read_line(&mut policy, &mut has_quorum, line).map_err(|source| PolicyParseError { line: count, source })?;
        }
        if has_quorum { Ok(policy) } else { Err(PolicyParseError { line: count, source: PolicyProblem::NoQuorum }) }
    }
}

impl FromStr for Policy {
    type Err = PolicyParseError;

    /// As [`Policy::parse`].
    fn from_str(text: &str) -> Result<Self, PolicyParseError> {
        Self::parse(text.as_bytes())
    }
}

fn read_line(policy: &mut Policy, has_quorum: &mut bool, line: &[u8]) -> Result<(), PolicyProblem> {
    if line.iter().any(|&byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
        return Err(PolicyProblem::ControlCharacter);
    }
    // Only ASCII space and tab are white space here, whatever Unicode says of other characters.
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let words: Vec<&[u8]> = line.split(is_space).filter(|word| !word.is_empty()).collect();
    if words.first().is_none_or(|first| first.starts_with(b"#")) {
        return Ok(());
    }
    let words: Result<Vec<&str>, _> = words.into_iter().map(str::from_utf8).collect();
    let words = words.map_err(|_| PolicyProblem::Utf8)?;
    match *words.as_slice() {
        ["log", key, ref url @ ..] => policy.add_log(key.parse::<VerifierKey>()?, optional(url)?)?,
        ["witness", name, key, ref url @ ..] => {
            policy.add_witness(name, key.parse::<VerifierKey>()?, optional(url)?)?;
        }
        ["group", name, threshold, ref members @ ..] => {
            let threshold = parse_threshold(threshold).ok_or(PolicyProblem::Form)?;
            policy.add_group(name, threshold, members.iter().copied().map(str::to_owned).collect())?;
        }
        ["quorum", _] if *has_quorum => return Err(PolicyProblem::SecondQuorum),
        ["quorum", name] => {
            policy.set_quorum((name != NONE).then(|| name.to_owned()))?;
            *has_quorum = true;
        }
        _ => return Err(PolicyProblem::Form),
    }
    Ok(())
}

fn optional(words: &[&str]) -> Result<Option<String>, PolicyProblem> {
    match words {
        [] => Ok(None),
        [word] => Ok(Some((*word).to_owned())),
        _ => Err(PolicyProblem::Form),
    }
}

fn parse_threshold(text: &str) -> Option<Threshold> {
    match text {
        "all" => Some(Threshold::All),
        "any" => Some(Threshold::Any),
        number => encoding::parse_decimal(number).map(Threshold::AtLeast),
    }
}
