//! Who acts: as typed, as the environment says, or as the system knows the user. Attested, not signed.

use std::os::unix::fs::MetadataExt as _;

const LONGEST: usize = 64;

/// The actor. An explicit name must be something a journal can hold.
pub fn acts(named: Option<&str>) -> Result<String, String> {
    let Some(name) = named.map(str::trim) else { return Ok(login_name()) };
    let plain = !name.is_empty() && name.chars().count() <= LONGEST && !name.chars().any(char::is_control);
    plain.then(|| name.to_owned()).ok_or_else(|| format!("--as (or DUALRUN_OPERATOR) wants a name of 1 to {LONGEST} characters — write --as ana"))
}

/// The name of this process's user in the system's own list. `USER` is only believed where that list says nothing.
fn login_name() -> String {
    let uid = std::fs::metadata("/proc/self").map(|m| m.uid()).ok();
    let listed = uid.and_then(|uid| name_in(&std::fs::read_to_string("/etc/passwd").ok()?, uid));
    let spoken = || ["LOGNAME", "USER"].into_iter().find_map(|key| std::env::var(key).ok().filter(|name| !name.trim().is_empty()));
    listed.or_else(spoken).unwrap_or_else(|| uid.map_or_else(|| "unknown".to_owned(), |uid| format!("uid {uid}")))
}

fn name_in(passwd: &str, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid && !name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nana:x:1000:1000::/home/ana:/bin/sh\n";
        assert_eq!(name_in(passwd, 1000).as_deref(), Some("ana"));
        assert_eq!(name_in(passwd, 7), None);
        assert_eq!(acts(Some(" ana ")).as_deref(), Ok("ana"));
        assert!(acts(Some("  ")).is_err() && acts(Some("a\u{1b}b")).is_err());
        assert!(!acts(None).unwrap().is_empty());
    }
}
