//! The open record: what the source has and would be written, what is staged, what the target has, field by field.
//!
//! ```text
//! ┌ plan pl-large · Large ────────────────────────────────────────────────────────────────────────┐
//! │ target    ≠ differs: flat_price 40 ≠ 50                                                        │
//! │ act       update plan 17: flat_price = 50          inverse   set flat_price = 40               │
//! │ FIELD            WOULD BE WRITTEN          STAGED                    TARGET 17                 │
//! │ ≠ flat_price     50                        50                        40                        │
//! └────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use crate::domain::import::{Act, Delivery, InTarget, PlanLine, singular};
use crate::domain::shadow::Field;
use crate::domain::text::shown;
use crate::present::columns::Align::Left;
use crate::present::import::{ImportRow, delivery_meaning, delivery_text, difference, fate_text, in_target_text, is_withdrawn};
use crate::tui::layout::WIDE;
use crate::tui::model::Model;
use crate::tui::paint::{cell, lines, panel, piece, wrap};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the selected record.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let Some(row) = model.plan.row(model.plan.selected, &model.book.deliveries) else { return };
    let name = row.line.map_or_else(String::new, |l| l.name.shown(30));
    let name = if name.is_empty() { name } else { format!(" · {name}") };
    let inner = panel(frame, theme, area, &format!("{} {}{name}", singular(row.id.entity), shown(&row.id.external_id, 50)));
    let width = usize::from(inner.width);
    let mut text = story(theme, row, width);
    if let Some(line) = row.line {
        text.push(Line::default());
        text.extend(if inner.width >= WIDE - 2 { side_by_side(theme, line, width) } else { stacked(theme, line, width) });
    }
    let most = text.len().saturating_sub(usize::from(inner.height));
    let from = usize::from(model.plan.open.unwrap_or(0)).min(most);
    lines(frame, inner, text.into_iter().skip(from).take(usize::from(inner.height)).collect());
    if from < most {
        let at = Rect { x: area.x + area.width.saturating_sub(13), y: area.y + area.height.saturating_sub(1), width: 10, height: 1 };
        lines(frame, at, vec![Line::from(piece(theme, Meaning::Accent, " more ↓ j "))]);
    }
}

/// What becomes of it, in words.
fn story(theme: Theme, row: ImportRow<'_>, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let mut labelled = |label: &str, meaning: Meaning, text: &str| {
        for (i, line) in wrap(text, width.saturating_sub(12)).into_iter().enumerate() {
            let label = if i == 0 { label } else { "" };
            out.push(Line::from(vec![piece(theme, Meaning::Muted, format!(" {}", cell(label, 10, Left))), piece(theme, meaning, line)]));
        }
    };
    match row.line {
        None => labelled("plan", Meaning::Muted, "no plan of this session has it: p plans, and shows both sides of it"),
        Some(line) => {
            let because = |why: Option<&str>| why.map_or_else(String::new, |w| format!(": {}", shown(w, 600)));
            let withdrawn = if is_withdrawn(line) { "; staged once, and withdrawn by the next import" } else { "" };
            labelled("import", Theme::fate(&line.fate), &format!("{}{}{withdrawn}", fate_text(&line.fate, theme.signs), because(line.fate.why())));
            match &line.in_target {
                None => labelled("target", Meaning::Muted, "not there, and not wanted there"),
                Some(state) => {
                    let why = match state {
                        InTarget::Differs(fields) => Some(fields.iter().map(difference).collect::<Vec<_>>().join(", ")),
                        InTarget::Retire(why) | InTarget::Unknown(why) | InTarget::Left(why) => Some(why.clone()),
                        InTarget::Present | InTarget::Missing => None,
                    };
                    labelled("target", Theme::in_target(state), &format!("{}{}", in_target_text(state, theme.signs), because(why.as_deref())));
                }
            }
            match line.act_and_inverse() {
                None => labelled("act", Meaning::Muted, "none: nothing is handed over for it"),
                Some((act, inverse)) => {
                    let how = if line.act() == Some(Act::Retire) { " (only by A, apply and retire)" } else { "" };
                    labelled("act", Meaning::Title, &format!("{act}{how}"));
                    labelled("inverse", Meaning::Normal, &inverse);
                }
            }
        }
    }
    match row.delivery {
        None => labelled("delivery", Meaning::Muted, "never handed over"),
        Some(delivery) => {
            labelled("delivery", Theme::delivery(delivery.state), &delivered(theme, delivery));
            if !delivery.reason.is_empty() {
                labelled("", Theme::delivery(delivery.state), &shown(&delivery.reason, 2000));
            }
        }
    }
    out
}

fn delivered(theme: Theme, delivery: &Delivery) -> String {
    let tries = crate::present::numbers::counted(u64::from(delivery.tries), "try", "tries");
    let id = delivery.target_id.as_ref().map_or_else(String::new, |id| format!(", target id {}", shown(id, 60)));
    let state = delivery_text(delivery.state, theme.signs);
    format!("{state}, to {}, {tries}{id}: {}", delivery.act.word(), delivery_meaning(delivery.state))
}

/// What a field is on each side, and whether it is as it should be.
struct FieldRow {
    name: String,
    source: Cell,
    staged: Cell,
    target: Cell,
}

struct Cell {
    text: String,
    meaning: Meaning,
    differs: bool,
}

impl Cell {
    const fn new(text: String, meaning: Meaning, differs: bool) -> Self {
        Self { text, meaning, differs }
    }

    fn plain(value: Option<&str>) -> Self {
        match value {
            Some(text) => Self::new(shown(text, 4000), Meaning::Normal, false),
            None => Self::new("nothing".to_owned(), Meaning::Muted, false),
        }
    }

    fn muted(text: &str) -> Self {
        Self::new(text.to_owned(), Meaning::Muted, false)
    }
}

/// Every field that any side has, in the record's own order.
fn fields(line: &PlanLine) -> Vec<FieldRow> {
    let source = line.source.as_ref().map(crate::domain::shadow::Shadow::fields);
    let staged = line.staged.as_ref().map(crate::domain::shadow::Shadow::fields);
    let target = line.target.as_ref().map(|t| t.fields.clone());
    let differences = match &line.in_target {
        Some(InTarget::Differs(fields)) => fields.as_slice(),
        _ => &[],
    };
    let mut names: Vec<String> = Vec::new();
    let of_sides = [&source, &staged, &target].into_iter().flatten().flatten().map(|(name, _)| (*name).to_owned());
    for name in of_sides.chain(differences.iter().map(|d| d.field.clone())) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let value = |side: &Option<Vec<Field>>, name: &str| -> Option<Option<String>> {
        side.as_ref()?.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone())
    };
    let row = |name: String| {
        let (wanted, held) = (value(&source, &name), value(&staged, &name));
        let source_cell = wanted.as_ref().map_or_else(|| Cell::muted("–"), |v| Cell::plain(v.as_deref()));
        let staged_cell = match &held {
            None => Cell::muted("–"),
            Some(v) if wanted.as_ref().is_some_and(|w| w != v) => Cell { meaning: Meaning::Warning, differs: true, ..Cell::plain(v.as_deref()) },
            Some(v) => Cell::plain(v.as_deref()),
        };
        let target_cell = match (differences.iter().find(|d| d.field == name), &target, value(&target, &name)) {
            (Some(d), ..) => Cell { meaning: Meaning::Delta, differs: true, ..Cell::plain(d.found.as_deref()) },
            (None, None, _) => Cell::muted("–"),
            (None, Some(_), None) => Cell::muted("not read back"),
            (None, Some(_), Some(v)) => Cell::plain(v.as_deref()),
        };
        FieldRow { name: shown(&name, 40), source: source_cell, staged: staged_cell, target: target_cell }
    };
    names.into_iter().map(row).collect()
}

/// The headings of the three sides; where a side has nothing, that is its heading.
fn heads(line: &PlanLine) -> [String; 3] {
    let source = match (&line.source, line.fate.word()) {
        (Some(_), _) => "SOURCE, WOULD BE WRITTEN".to_owned(),
        (None, "absent") => "NOT IN THE SOURCE".to_owned(),
        (None, word) => format!("NOTHING WOULD BE WRITTEN, {}", word.to_uppercase()),
    };
    let staged = if line.staged.is_some() { "STAGED" } else { "NOT STAGED" };
    let target = match &line.target {
        Some(t) => format!("TARGET {}, {}", shown(&t.target_id, 24), if t.live { "LIVE" } else { "NOT LIVE" }),
        None if matches!(line.in_target, Some(InTarget::Unknown(_))) => "TARGET: NOT KNOWN".to_owned(),
        None => "NOT IN THE TARGET".to_owned(),
    };
    [source, staged.to_owned(), target]
}

const NAME: usize = 20;

/// Three columns, a field a row; long values wrap in their own column.
fn side_by_side(theme: Theme, line: &PlanLine, width: usize) -> Vec<Line<'static>> {
    let column = width.saturating_sub(NAME + 3) / 3;
    let [source, staged, target] = heads(line);
    let head = [cell("  FIELD", NAME, Left), cell(&source, column, Left), cell(&staged, column, Left), shown(&target, column)];
    let mut out = vec![Line::from(piece(theme, Meaning::Title, format!(" {}", head.concat())))];
    for field in fields(line) {
        let sides = [&field.source, &field.staged, &field.target].map(|c| (wrap(&c.text, column.saturating_sub(2)), c.meaning));
        let height = sides.iter().map(|(text, _)| text.len()).max().unwrap_or(1);
        for i in 0..height {
            let name = if i == 0 { format!("{}{}", mark(theme, &field), field.name) } else { String::new() };
            let mut spans = vec![piece(theme, name_meaning(&field), format!(" {}", cell(&name, NAME, Left)))];
            spans.extend(sides.iter().map(|(text, meaning)| piece(theme, *meaning, cell(text.get(i).map_or("", String::as_str), column, Left))));
            out.push(Line::from(spans));
        }
    }
    out
}

/// One side below the other; of the staged copy only what is not as it would be written.
fn stacked(theme: Theme, line: &PlanLine, width: usize) -> Vec<Line<'static>> {
    let all = fields(line);
    let [source, staged, target] = heads(line);
    let mut out = Vec::new();
    let mut block = |head: &str, pick: fn(&FieldRow) -> &Cell, wanted: &dyn Fn(&FieldRow) -> bool, otherwise: &str| {
        out.push(Line::from(piece(theme, Meaning::Title, format!(" {head}"))));
        let before = out.len();
        for field in all.iter().filter(|f| wanted(f)) {
            let value = pick(field);
            let sign = if value.differs { mark(theme, field) } else { "  " };
            for (i, text) in wrap(&value.text, width.saturating_sub(NAME + 3)).into_iter().enumerate() {
                let name = if i == 0 { format!("{sign}{}", field.name) } else { String::new() };
                let meaning = if value.differs { value.meaning } else { Meaning::Muted };
                out.push(Line::from(vec![piece(theme, meaning, format!("  {}", cell(&name, NAME, Left))), piece(theme, value.meaning, text)]));
            }
        }
        if out.len() == before && !otherwise.is_empty() {
            out.push(Line::from(piece(theme, Meaning::Muted, format!("    {otherwise}"))));
        }
    };
    block(&source, |f| &f.source, &|_| line.source.is_some(), "");
    block(&target, |f| &f.target, &|_| line.target.is_some(), "");
    let same = line.source.is_some();
    block(
        &staged,
        |f| &f.staged,
        &|f| line.staged.is_some() && (!same || f.staged.differs),
        if line.staged.is_some() { "as it would be written" } else { "" },
    );
    out
}

const fn mark(theme: Theme, field: &FieldRow) -> &'static str {
    match (field.target.differs, field.staged.differs) {
        (true, _) => theme.signs.pick("≠ ", "/ "),
        (false, true) => "~ ",
        (false, false) => "  ",
    }
}

const fn name_meaning(field: &FieldRow) -> Meaning {
    match (field.target.differs, field.staged.differs) {
        (true, _) => Meaning::Delta,
        (false, true) => Meaning::Warning,
        (false, false) => Meaning::Muted,
    }
}
