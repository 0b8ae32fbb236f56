//! Thin: hands what was typed to the library.

fn main() {}
