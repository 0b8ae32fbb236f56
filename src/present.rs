//! The one place where a value becomes a string: column order, money, status words, times, the filter language.
//! Terminal, reports and command line all read from here, so that the same number is the same text everywhere. Pure.

pub mod columns;
pub mod complete;
pub mod explain;
pub mod filter;
pub mod fit;
pub mod fixes;
pub mod flip;
pub mod gates;
pub mod import;
pub mod keys;
pub mod machine;
pub mod money;
pub mod numbers;
pub mod since;
pub mod times;
pub mod trace;
pub mod unreadable;
pub mod words;
