//! What a program keeps for itself between two starts: a short text beside the workspace, of no weight.

/// Keeps one text.
pub trait Memory: Send + Sync {
    /// The text kept last, `None` where there is none; else why it cannot be read, in words.
    fn recall(&self) -> Result<Option<String>, String>;

    /// Keeps a text instead of the one before, whole or not at all.
    fn keep(&self, text: &str) -> Result<(), String>;
}
