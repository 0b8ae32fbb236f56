//! An import as text, once for terminal and command line: columns of a plan's line, words and signs of what becomes of a record,
//! counts of a plan, lights of inertness.

mod counts;
pub mod filter;

pub use counts::{Told, counts_text, fates, in_target, load_text, money_lines, reasons, samples, staged_count, total};

use super::columns::{Align, Shape};
use super::fit::Fitted;
use super::words::Signs;
use super::{money, numbers};
use crate::domain::import::{Delivery, DeliveryState, Fate, FieldDifference, ImportState, InTarget, InertnessCheck, Light, PlanLine};
use crate::domain::shadow::RecordId;
use crate::domain::text::shown;

/// A record as the tables tell it: its line of a plan, its newest delivery, or both.
#[derive(Debug, Clone, Copy)]
pub struct ImportRow<'a> {
    /// Entity and external id.
    pub id: &'a RecordId,
    /// Its line, where a plan was made.
    pub line: Option<&'a PlanLine>,
    /// Its newest delivery, where it was ever handed over.
    pub delivery: Option<&'a Delivery>,
}

impl<'a> ImportRow<'a> {
    /// A line with the newest delivery known; without one, that of the plan.
    pub fn of(line: &'a PlanLine, newest: Option<&'a Delivery>) -> Self {
        Self { id: &line.id, line: Some(line), delivery: newest.or(line.delivery.as_ref()) }
    }

    /// A delivery, with its line where a plan has one.
    pub const fn delivered(delivery: &'a Delivery, line: Option<&'a PlanLine>) -> Self {
        Self { id: &delivery.id, line, delivery: Some(delivery) }
    }
}

/// A column of such a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportColumn {
    /// `subscriptions`.
    Entity,
    /// The source's own id.
    Id,
    /// Name for people.
    Name,
    /// Currency of the money.
    Currency,
    /// A plan's price, a subscription's price per interval.
    Money,
    /// What the import does with it: `+ create`.
    Fate,
    /// How it stands in the target: `≠ differs`.
    InTarget,
    /// Why, or the fields that differ.
    Why,
    /// What was asked of the loader: `put` or `retire`.
    Act,
    /// How far its newest delivery came: `■ parked`.
    Delivery,
    /// Times it was handed over.
    Tries,
    /// Why the delivery is where it is.
    Reason,
}

impl ImportColumn {
    /// Columns of a plan's lines.
    pub const PLAN: [Self; 9] =
        [Self::Entity, Self::Id, Self::Name, Self::Currency, Self::Money, Self::Fate, Self::InTarget, Self::Delivery, Self::Why];
    /// Columns of parked deliveries.
    pub const PARKED: [Self; 6] = [Self::Entity, Self::Id, Self::Name, Self::Act, Self::Tries, Self::Reason];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Id => "external_id",
            Self::Name => "name",
            Self::Currency => "currency",
            Self::Money => "money",
            Self::Fate => "import",
            Self::InTarget => "in_target",
            Self::Why => "why",
            Self::Act => "act",
            Self::Delivery => "delivery",
            Self::Tries => "tries",
            Self::Reason => "reason",
        }
    }

    /// The cell for people: safe to print, one line; empty where there is nothing to say.
    pub fn text(self, row: ImportRow<'_>, signs: Signs) -> String {
        let most = self.shape().ideal;
        let line = |f: &dyn Fn(&PlanLine) -> String| row.line.map_or_else(String::new, f);
        let delivery = |f: &dyn Fn(&Delivery) -> String| row.delivery.map_or_else(String::new, f);
        match self {
            Self::Entity => row.id.entity.word().to_owned(),
            Self::Id => shown(&row.id.external_id, most),
            Self::Name => line(&|l| l.name.shown(most)),
            Self::Currency => line(&|l| l.money.map_or_else(String::new, |m| m.currency.to_string())),
            Self::Money => line(&|l| l.money.map_or_else(|| "–".to_owned(), |m| money::grouped(m.minor, m.currency))),
            Self::Fate => line(&|l| fate_text(&l.fate, signs)),
            Self::InTarget => line(&|l| l.in_target.as_ref().map_or_else(String::new, |t| in_target_text(t, signs))),
            Self::Why => {
                let why = line(&why);
                // Where the plan has nothing to say, its delivery may.
                if why.is_empty() { delivery(&|d| shown(&d.reason, most)) } else { shown(&why, most) }
            }
            Self::Act => delivery(&|d| d.act.word().to_owned()),
            Self::Delivery => delivery(&|d| delivery_text(d.state, signs)),
            Self::Tries => delivery(&|d| d.tries.to_string()),
            Self::Reason => delivery(&|d| shown(&d.reason, most)),
        }
    }
}

impl Fitted for ImportColumn {
    fn shape(self) -> Shape {
        use Align::{Left, Right};
        let (heading, align, min, ideal, priority) = match self {
            Self::Entity => ("ENTITY", Left, 9, 13, 2),
            Self::Id => ("ID", Left, 10, 36, 0),
            Self::Name => ("NAME", Left, 14, 24, 6),
            Self::Currency => ("CUR", Left, 3, 3, 4),
            Self::Money => ("MONEY", Right, 8, 26, 3),
            Self::Fate => ("IMPORT", Left, 11, 11, 1),
            Self::InTarget => ("TARGET", Left, 9, 9, 1),
            Self::Why => ("WHY", Left, 12, 120, 4),
            Self::Act => ("ACT", Left, 6, 6, 3),
            Self::Delivery => ("DELIVERY", Left, 10, 13, 7),
            Self::Tries => ("TRIES", Right, 5, 5, 2),
            Self::Reason => ("REASON", Left, 16, 160, 1),
        };
        Shape { heading, align, min, ideal, priority, sort: None }
    }
}

/// `+ create`: the word of [`Fate::word`] and its sign.
pub fn fate_text(fate: &Fate, signs: Signs) -> String {
    format!("{} {}", fate_sign(fate.word(), signs), fate.word())
}

/// The sign of a word of [`Fate::word`], or of `withdrawn`.
pub fn fate_sign(word: &str, signs: Signs) -> &'static str {
    match word {
        "create" => "+",
        "update" => "~",
        "unchanged" => "=",
        "rejected" => signs.pick("✗", "x"),
        "withdrawn" => "-",
        _ => signs.pick("·", "."),
    }
}

/// `≠ differs`: the word of [`InTarget::word`] and its sign.
pub fn in_target_text(state: &InTarget, signs: Signs) -> String {
    format!("{} {}", in_target_sign(state.word(), signs), state.word())
}

/// The sign of a word of [`InTarget::word`].
pub fn in_target_sign(word: &str, signs: Signs) -> &'static str {
    match word {
        "present" => signs.pick("✓", "="),
        "differs" => signs.pick("≠", "/"),
        "missing" => signs.pick("○", "o"),
        "retire" => signs.pick("▽", "v"),
        "unknown" => "?",
        _ => signs.pick("·", "."),
    }
}

/// `■ parked`: a delivery's state and its sign.
pub fn delivery_text(state: DeliveryState, signs: Signs) -> String {
    let sign = match state {
        DeliveryState::Sending => signs.pick("▶", ">"),
        DeliveryState::Unknown => "?",
        DeliveryState::HandedOver => signs.pick("◌", "."),
        DeliveryState::Answered => signs.pick("○", "o"),
        DeliveryState::Verified => signs.pick("✓", "="),
        DeliveryState::Mismatch => signs.pick("≠", "/"),
        DeliveryState::Parked => signs.pick("■", "#"),
        DeliveryState::Dropped => "-",
    };
    format!("{sign} {}", state.word().replace('_', " "))
}

/// What a delivery's state means, in a sentence.
pub const fn delivery_meaning(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Sending => "handed to the loader; no answer is stored, so nobody knows yet whether it arrived",
        DeliveryState::Unknown => "not known to have arrived; looked for in the target before anything is sent again",
        DeliveryState::HandedOver => "written to a pack; seen in the target once the pack was taken in and the target read again",
        DeliveryState::Answered => "the loader says it did it; not read back yet",
        DeliveryState::Verified => "read back from the target, field by field",
        DeliveryState::Mismatch => "read back, and not as it was sent",
        DeliveryState::Parked => "not tried again until somebody says so",
        DeliveryState::Dropped => "given up; not tried again unless its content changes",
    }
}

/// Why a line is what it is, the most pressing reason first; safe to print.
pub fn why(line: &PlanLine) -> String {
    let (pressing, calm) = match &line.in_target {
        Some(InTarget::Differs(fields)) => (Some(fields.iter().map(difference).collect::<Vec<_>>().join(", ")), None),
        Some(InTarget::Retire(why) | InTarget::Unknown(why)) => (Some(shown(why, 400)), None),
        Some(InTarget::Left(why)) => (None, Some(shown(why, 400))),
        _ => (None, None),
    };
    let of_fate = line.fate.why().map(|why| shown(why, 400));
    let first = if matches!(line.fate, Fate::Rejected(_)) { of_fate } else { pressing.or(of_fate) };
    let why = first.or(calm).unwrap_or_default();
    if is_withdrawn(line) { format!("staged once, withdrawn: {why}") } else { why }
}

/// `flat_price 40 ≠ 50`: what the target has, and what it should have.
pub fn difference(field: &FieldDifference) -> String {
    let text = |t: &Option<String>| t.as_deref().map_or_else(|| "nothing".to_owned(), |t| shown(t, 60));
    format!("{} {} ≠ {}", shown(&field.field, 40), text(&field.found), text(&field.wanted))
}

/// Whether the record is staged and no longer wanted.
pub const fn is_withdrawn(line: &PlanLine) -> bool {
    line.staged.is_some() && !line.fate.is_taken()
}

/// The sign of an import's state.
pub const fn import_sign(state: ImportState, signs: Signs) -> &'static str {
    match state {
        ImportState::Running => signs.pick("▶", ">"),
        ImportState::Staged => signs.pick("◌", "."),
        ImportState::Complete => signs.pick("✓", "="),
        ImportState::Incomplete => "!",
        ImportState::Interrupted => signs.pick("■", "#"),
        ImportState::Failed => signs.pick("✗", "x"),
    }
}

/// The sign of a light.
pub const fn light_sign(light: &Light, signs: Signs) -> &'static str {
    match light {
        Light::Inert => signs.pick("✓", "="),
        Light::Breach { .. } => signs.pick("✗", "x"),
        Light::Unknown { .. } => "?",
    }
}

/// What a check came to: `inert`, `inert but for 3 flipped`, `2 (sub-1003)`, `not known: permission denied`.
pub fn light_text(check: &InertnessCheck) -> String {
    match &check.light {
        Light::Inert if check.expected > 0 => format!("inert but for {} flipped", numbers::count(check.expected)),
        Light::Inert => "inert".to_owned(),
        Light::Breach { count, sample } => {
            let sample = sample.as_ref().map_or_else(String::new, |s| format!(" ({})", s.shown(60)));
            format!("{}{sample}", numbers::count(*count))
        }
        Light::Unknown { why } => format!("not known: {}", shown(why, 300)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contract::Entity;
    use crate::domain::currency::Currency;
    use crate::domain::money::Money;

    fn line(fate: Fate, in_target: Option<InTarget>) -> PlanLine {
        PlanLine {
            id: RecordId::new(Entity::Plans, "pl\u{1b}[2J"),
            name: "Evil\u{202e}".into(),
            money: Currency::known("CAD").map(|c| Money::new(123_450, c)),
            fate,
            in_target,
            source: None,
            staged: None,
            target: None,
            unread: Vec::new(),
            delivery: None,
        }
    }

    #[test]
    fn cells_are_safe_and_say_the_most_pressing_reason() {
        let differs = FieldDifference { field: "flat_price".to_owned(), wanted: Some("50".to_owned()), found: None };
        let both = line(Fate::Filtered("inactive".to_owned()), Some(InTarget::Retire("inactive in the source".to_owned())));
        let row = ImportRow::of(&both, None);
        let text = |c: ImportColumn| c.text(row, Signs::Unicode);
        assert_eq!((text(ImportColumn::Why), text(ImportColumn::Money)), ("inactive in the source".to_owned(), "1,234.50".to_owned()));
        assert_eq!((text(ImportColumn::Fate), text(ImportColumn::InTarget)), ("· filtered".to_owned(), "▽ retire".to_owned()));
        assert!(!text(ImportColumn::Id).contains('\u{1b}') && !text(ImportColumn::Name).contains('\u{202e}'));
        assert_eq!(why(&line(Fate::Create, Some(InTarget::Differs(vec![differs])))), "flat_price nothing ≠ 50");
    }
}
