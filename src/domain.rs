//! The field's own nouns: money, period, key, the two sides and the records of the data contract.
//! Pure values; nothing here awaits, reads a clock or knows a database.

pub mod calendar;
pub mod contract;
pub mod currency;
pub mod decode;
pub mod evidence;
pub mod exact;
pub mod explanation;
pub mod finding;
pub mod fixes;
pub mod flip;
pub mod gate;
pub mod import;
pub mod judge;
pub mod key;
pub mod money;
pub mod pack;
pub mod period;
pub mod person;
pub mod profile;
pub mod random;
pub mod records;
pub mod review;
pub mod rounding;
pub mod row;
pub mod run;
pub mod secret_text;
pub mod shadow;
pub mod side;
pub mod since;
pub mod spreadsheet;
pub mod text;
pub mod together;
pub mod tolerance;
pub mod usage_review;
pub mod verdict;
