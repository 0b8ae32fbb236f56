//! What a binary floating-point value stands for as a decimal: shared by the adapters whose servers store money that way.

/// The decimal a stored float names, or a text no decoder takes for a number. Works on the shortest text that reads back as
/// the same float, never on the float itself. A decimal of at most `faithful` digits survives the way into the float and
/// back, so up to there the shortest one is the one that was meant; beyond, nobody can tell and nothing is guessed.
pub fn decimal_or_doubt(shortest: String, faithful: usize, stored_as: &str) -> String {
    let magnitude = shortest.trim_start_matches('-');
    match magnitude {
        "0" => return "0".to_owned(),
        "inf" => return shortest.replace("inf", "Infinity"),
        "NaN" => return shortest,
        _ => {}
    }
    let whole = magnitude.split('.').next().unwrap_or_default().len();
    let digits = magnitude.replace('.', "");
    if whole <= faithful && digits.trim_matches('0').len() <= faithful { shortest } else { format!("≈{shortest} ({stored_as})") }
}
