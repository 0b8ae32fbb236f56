//! Room for what does not fit in memory while a run is made: piles of bytes that only this program reads, gone when it ends.

use super::workspace::StoreError;

/// Piles of bytes in a file nobody else can open.
pub trait Scratch: Send + Sync {
    /// Lays bytes on piles, each given by its number.
    fn write(&mut self, piles: &[(usize, &[u8])]) -> Result<(), StoreError>;
    /// All bytes of a pile, in the order they were laid.
    fn read(&mut self, pile: usize) -> Result<Vec<u8>, StoreError>;
}
