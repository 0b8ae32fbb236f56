//! The lines of an `allowed_signers` file, as ssh-keygen(1) describes them: principals, options, key.

use crate::domain::text::shown;
use crate::ports::signer::SignatureFaultKind as Kind;
use chrono::{DateTime, Local, LocalResult, NaiveDateTime, TimeZone as _, Utc};
use ssh_key::PublicKey;

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its key.
    pub key: PublicKey,
    /// What else it says.
    pub options: Options,
    principals: String,
}

/// The options of a line.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// Whether the key vouches for other keys, which is not accepted.
    pub is_authority: bool,
    namespaces: Option<String>,
    valid_after: Option<DateTime<Utc>>,
    valid_before: Option<DateTime<Utc>>,
}

/// What is wrong with a line.
type Wrong = String;

/// Reads all lines; the error names the first that cannot be read. A file of which a part is not understood decides nothing.
pub(super) fn parse(text: &str) -> Result<Vec<Line>, (usize, Wrong)> {
    let lines = text.lines().map(|line| line.trim_matches([' ', '\t', '\r'])).zip(1..);
    let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(line, number)| self::line(line, number).map_err(|what| (number, what))).collect()
}

impl Line {
    /// Whether it is a line of that principal.
    pub fn is_for(&self, principal: &str) -> bool {
        is_in_list(principal, &self.principals)
    }

    /// Why the line's key does not sign in a namespace at a moment; `None` where it does.
    pub fn refusal(&self, namespace: &str, at: DateTime<Utc>) -> Option<(Kind, String)> {
        let Options { is_authority, namespaces, valid_after, valid_before } = &self.options;
        if *is_authority {
            return Some((Kind::OtherKey, "the key is a cert-authority, and such keys sign certificates only".to_owned()));
        }
        if namespaces.as_ref().is_some_and(|list| !is_in_list(namespace, list)) {
            return Some((Kind::OtherKey, format!("the key is not for namespace {}", shown(namespace, 60))));
        }
        if let Some(after) = valid_after.filter(|after| at < *after) {
            return Some((Kind::NotYetValid, format!("the key is valid from {} on", written(after))));
        }
        let before = valid_before.filter(|before| at > *before)?;
        Some((Kind::Expired, format!("the key was valid up to {}", written(before))))
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn line(text: &str, number: usize) -> Result<Line, Wrong> {
    let (principals, rest) = principals(text)?;
    if let Some(key) = key(rest) {
        return Ok(Line { number, key, options: Options::default(), principals });
    }
    let (options, rest) = rest.split_at(end_of_word(rest)?);
    let options = Options::parse(options)?;
    let key = key(rest).ok_or("its key cannot be read, or an option is not known")?;
    Ok(Line { number, key, options, principals })
}

/// The patterns before the first blank; in quotes where they hold blanks themselves.
fn principals(text: &str) -> Result<(String, &str), Wrong> {
    let no_key = "there is no key after the principals";
    let (list, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or("a quote is not closed")?,
        None => text.split_once([' ', '\t']).ok_or(no_key)?,
    };
    let rest = rest.trim_start_matches([' ', '\t']);
    if list.is_empty() {
        return Err("there is no principal before the key".to_owned());
    }
    if rest.is_empty() { Err(no_key.to_owned()) } else { Ok((list.to_owned(), rest)) }
}

/// `type base64 comment`.
fn key(text: &str) -> Option<PublicKey> {
    let mut words = text.split_ascii_whitespace();
    let (kind, body) = (words.next()?, words.next()?);
    PublicKey::from_openssh(&format!("{kind} {body}")).ok()
}

/// Where the first word ends; blanks in quotes are part of it.
fn end_of_word(text: &str) -> Result<usize, Wrong> {
    outside_quotes(text, |c| matches!(c, ' ' | '\t'))?.first().copied().ok_or_else(|| "there is no key after the options".to_owned())
}

/// Places of characters outside quotes; in quotes `\"` is a quote and ends nothing.
fn outside_quotes(text: &str, is: impl Fn(char) -> bool) -> Result<Vec<usize>, Wrong> {
    let (mut found, mut quoted, mut escaped) = (Vec::new(), false, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => quoted = !quoted,
            c if !quoted && is(c) => found.push(at),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    if quoted { Err("a quote is not closed".to_owned()) } else { Ok(found) }
}

impl Options {
    fn parse(text: &str) -> Result<Self, Wrong> {
        let mut options = Self::default();
        let mut from = 0;
        for end in outside_quotes(text, |c| c == ',')?.into_iter().chain([text.len()]) {
            options.take(text.get(from..end).unwrap_or_default())?;
            from = end + 1;
        }
        Ok(options)
    }

    fn take(&mut self, option: &str) -> Result<(), Wrong> {
        let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        let name = name.to_ascii_lowercase();
        let twice = || Err(format!("{name} is written twice"));
        match (name.as_str(), value.map(unquoted).transpose()?) {
            ("cert-authority", None) => self.is_authority = true,
            ("namespaces", Some(_)) if self.namespaces.is_some() => return twice(),
            ("valid-after", Some(_)) if self.valid_after.is_some() => return twice(),
            ("valid-before", Some(_)) if self.valid_before.is_some() => return twice(),
            ("namespaces", Some(list)) => self.namespaces = Some(list),
            // Where the clock was put back a moment comes twice: the narrower reading counts.
            ("valid-after", Some(time)) => self.valid_after = Some(moment(&time, LocalResult::latest)?),
            ("valid-before", Some(time)) => self.valid_before = Some(moment(&time, LocalResult::earliest)?),
            _ => return Err(format!("\"{}\" is no option that is known here", shown(option, 60))),
        }
        match (self.valid_after, self.valid_before) {
            (Some(after), Some(before)) if after >= before => Err("valid-before is not after valid-after".to_owned()),
            _ => Ok(()),
        }
    }
}

fn unquoted(value: &str) -> Result<String, Wrong> {
    let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).filter(|v| !v.is_empty());
    inner.map(|v| v.replace("\\\"", "\"")).ok_or_else(|| format!("a value belongs in quotes: {}", shown(value, 60)))
}

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`: of this machine's zone as ssh-keygen takes it, of UTC with a `Z` after it.
fn moment(text: &str, choose: fn(LocalResult<DateTime<Local>>) -> Option<DateTime<Local>>) -> Result<DateTime<Utc>, Wrong> {
    let wrong = || format!("\"{}\" is no time; write 20260531Z or 20260531120000Z", shown(text, 40));
    let (digits, is_utc) = text.strip_suffix('Z').map_or((text, false), |digits| (digits, true));
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 8 | 12 | 14) {
        return Err(wrong());
    }
    let time = NaiveDateTime::parse_from_str(&format!("{digits:0<14}"), "%Y%m%d%H%M%S").map_err(|_| wrong())?;
    if is_utc { Ok(time.and_utc()) } else { choose(Local.from_local_datetime(&time)).map(|at| at.to_utc()).ok_or_else(wrong) }
}

/// OpenSSH's pattern lists: `*` and `?`, a `!` before a pattern excludes what it fits.
fn is_in_list(name: &str, patterns: &str) -> bool {
    let mut fits_one = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(excluded) if fits(name.as_bytes(), excluded.as_bytes()) => return false,
            Some(_) => {}
            None => fits_one |= fits(name.as_bytes(), pattern.as_bytes()),
        }
    }
    fits_one
}

/// One pass with one place to go back to: a hostile pattern costs no more than its length times the name's.
fn fits(name: &[u8], pattern: &[u8]) -> bool {
    let (mut n, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some(c) if *c == b'?' || Some(c) == name.get(n) => (n, p) = (n + 1, p + 1),
            _ => {
                let Some((after, at)) = star else { return false };
                star = Some((after, at + 1));
                (n, p) = (at + 1, after);
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKjmWcfFfQpEZZLWDDNPRXQv1ZeN2FcEQYCaWGqPqhZl";

    fn read(text: &str) -> Result<Vec<Line>, (usize, Wrong)> {
        parse(&text.replace("KEY", KEY))
    }

    #[test]
    fn lines_are_read_as_ssh_keygen_writes_them() {
        let lines =
            read("# who signs\n\nana@x,*@y.org KEY ana's\n  \"ben b\" namespaces=\"a,d*\",valid-before=\"20260601Z\"   KEY\r\nca cert-authority KEY")
                .unwrap();
        let [ana, ben, ca] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!([ana.number, ben.number, ca.number], [3, 4, 5]);
        assert!(ana.is_for("ana@x") && ana.is_for("any@y.org") && !ana.is_for("ANA@x") && ben.is_for("ben b") && !ben.is_for("ben"));
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(ben.refusal("dualrun", at("2026-06-01T00:00:00Z")), None);
        assert_eq!(ben.refusal("dualrun", at("2026-06-01T00:00:01Z")).unwrap().0, Kind::Expired);
        assert_eq!(ben.refusal("file", at("2026-05-01T00:00:00Z")).unwrap().0, Kind::OtherKey);
        assert!(ca.options.is_authority && ca.refusal("file", at("2026-05-01T00:00:00Z")).is_some());
        let later = read("a valid-after=\"203001011200Z\" KEY").unwrap();
        assert_eq!(later[0].refusal("file", at("2030-01-01T11:59:59Z")).unwrap().0, Kind::NotYetValid);
    }

    #[test]
    fn lines_that_are_not_understood_are_named() {
        for bad in
            ["ana", "ana ssh-ed25519", "ana namespaces=\"x KEY", "ana touch-required KEY", "ana valid-before=\"May\" KEY", "ana namespaces=x KEY"]
        {
            assert_eq!(read(&format!("ben KEY\n{bad}")).unwrap_err().0, 2, "{bad}");
        }
        let both = "ana valid-after=\"20260601Z\",valid-before=\"20260531Z\" KEY";
        assert_eq!(read(both).unwrap_err(), (1, "valid-before is not after valid-after".to_owned()));
    }

    #[test]
    fn patterns_fit_as_openssh_s_do() {
        for (name, list, expected) in [
            ("ana@x.org", "*@x.org", true),
            ("ana@x.org", "!ana@*,*@x.org", false),
            ("ben@x.org", "!ana@*,*@x.org", true),
            ("ana", "!ben", false),
            ("abc", "a?c", true),
            ("ac", "a?c", false),
            ("aaab", "*a*b", true),
            ("", "*", true),
            ("a", "", false),
        ] {
            assert_eq!(is_in_list(name, list), expected, "{name} {list}");
        }
    }
}
