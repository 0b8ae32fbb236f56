//! Implementations of the ports. Nothing above `wire` names a module of these.

pub mod postgres;
