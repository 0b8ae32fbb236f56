//! The known word nearest to a mistyped one.

/// The nearest of some words, when it is near enough to be what was meant: at most a third of its letters away.
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let typed: Vec<char> = word.chars().take(64).flat_map(char::to_lowercase).collect();
    known
        .into_iter()
        .map(|k| (distance(&typed, &k.chars().flat_map(char::to_lowercase).collect::<Vec<_>>()), k))
        .filter(|(d, k)| *d <= (k.chars().count() / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// Letters to change, add, leave out or swap with their neighbour (optimal string alignment), with three rows.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = above[j] + usize::from(x != y);
            let mut best = changed.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        assert_eq!(nearest("curency", ["name", "currency"]), Some("currency"));
        assert_eq!(nearest("Round_Mode", ["round_per", "round_mode"]), Some("round_mode"));
        assert_eq!(nearest("nmae", ["name", "currency"]), Some("name"));
        assert_eq!(nearest("webhook", ["service", "limits", "source"]), None);
    }
}
