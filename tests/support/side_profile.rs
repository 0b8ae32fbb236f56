//! A side that declares nothing special.

use dualrun::domain::profile::SideProfile;
use dualrun::domain::side::Side;

/// A source of text keys that are compared byte by byte, and whose credits are signed.
pub fn plain() -> SideProfile {
    SideProfile { credits_positive: false, ..SideProfile::plain(Side::Source) }
}
