//! The words of each question: what a yes does, said before it is done.

use crate::app::import::ParkedVerb;
use crate::domain::import::{Delivery, singular};
use crate::domain::shadow::CARRIED;
use crate::domain::text::shown;
use crate::present::import::{counts_text, fates, samples, total};
use crate::present::{numbers, times};
use crate::tui::layout;
use crate::tui::model::plan::{ShownPlan, parked_of};
use crate::tui::model::{Model, Question};

/// Title and lines of a question.
pub fn words(model: &Model, question: &Question) -> (&'static str, Vec<String>) {
    let job = || model.job.as_ref().map_or("a job", |j| j.asked.noun());
    let left = || model.job.as_ref().map_or("", |j| j.asked.left_behind()).to_owned();
    match question {
        Question::Quit => ("Quit?", vec![format!("There is {} running. It will be cancelled.", job()), left()]),
        Question::Cancel => ("Cancel the job?", vec![left()]),
        Question::Recheck(month) => (
            "Check again?",
            vec![
                format!("{month} is read again over a new snapshot and compared"),
                "with its current run: which rows match now, which still differ.".to_owned(),
            ],
        ),
        Question::TakeBack { words, .. } => (
            "Take it back?",
            vec![format!("{words}."), "It is taken back by an act of its own, in your name: what was kept stays in the journal.".to_owned()],
        ),
        Question::Apply { retire } => {
            let title = if *retire { "Import, and retire in the target?" } else { "Import?" };
            (title, model.plan.shown.as_ref().map_or_else(Vec::new, |shown| apply(model, shown, *retire)))
        }
        Question::Settle(verb, ids) => parked(*verb, &parked_of(&model.book.deliveries, ids)),
    }
}

/// What would be staged, handed over and retired, by the plan on the screen.
fn apply(model: &Model, plan: &ShownPlan, retire: bool) -> Vec<String> {
    let staged = total(&plan.plan.entities, fates).into_iter().filter(|t| matches!(t.word, "create" | "update" | "withdrawn"));
    let staged: Vec<_> = staged.collect();
    let mut out = vec![format!("Stage in the workspace: {}.", counts_text(&staged)), String::new()];
    let asked = plan.asked(&model.book.deliveries, retire);
    match &model.setup.loader {
        None => out.push("Hand over: nothing, no loader is configured. It ends with the staged copy.".to_owned()),
        Some(_) if layout::alarm(model).is_some() => {
            out.push("Hand over: NOTHING while the target is not proven inert. It is looked at first. If it is inert by then:".to_owned());
            out.extend(handed(model, plan, retire, ""));
        }
        Some(_) => out.extend(handed(model, plan, retire, "Hand over: ")),
    }
    if asked.waiting > 0 {
        out.push(format!("Of these {} parked or dropped: waiting, unless the content changed.", numbers::count(asked.waiting)));
    }
    if asked.unknown > 0 {
        out.push(format!("Held back: {}, because how they stand in the target is not known.", numbers::counted(asked.unknown, "record", "records")));
    }
    out.push(String::new());
    let made = times::relative(model.now, plan.made);
    out.push(format!(
        "The plan was made {made}. Both sides are read again first; if it is another plan by then, nothing is done. \
         dualrun itself writes to neither database."
    ));
    out
}

fn handed(model: &Model, plan: &ShownPlan, retire: bool, before: &str) -> Vec<String> {
    let asked = plan.asked(&model.book.deliveries, retire);
    let place = model.setup.loader.as_deref().map_or_else(String::new, |l| shown(l, 60));
    let mut out = vec![
        format!("{before}{} to create, {} to change, through the loader: {place}.", numbers::count(asked.create), numbers::count(asked.update)),
        "THIS CHANGES THE TARGET, at once or when its pack is taken in.".to_owned(),
    ];
    if retire {
        out.push(String::new());
        out.push(format!("Retire in the target: {}.", numbers::counted(asked.retire, "record", "records")));
        for entity in CARRIED {
            let group = plan.plan.entities.get(&entity).and_then(|e| e.in_target.get("retire"));
            if let Some(group) = group.filter(|g| g.count > 0) {
                out.push(format!("  {} {entity}: {}", numbers::count(group.count), samples(group)));
            }
        }
    }
    out
}

fn parked(verb: ParkedVerb, deliveries: &[&Delivery]) -> (&'static str, Vec<String>) {
    const MOST: usize = 6;
    let (title, does) = match verb {
        ParkedVerb::Retry => ("Try again?", "handed over again with the next import"),
        ParkedVerb::Drop => ("Drop?", "given up until the content changes"),
    };
    let records = numbers::counted(deliveries.len() as u64, "parked record is", "parked records are");
    let mut out = vec![format!("{records} {does}:")];
    let one = |d: &&Delivery| {
        let tries = numbers::counted(u64::from(d.tries), "try", "tries");
        shown(&format!("  {} {}, {tries}: {}", singular(d.id.entity), shown(&d.id.external_id, 40), d.reason), 72)
    };
    out.extend(deliveries.iter().take(MOST).map(one));
    if deliveries.len() > MOST {
        out.push(format!("  and {} more", numbers::count((deliveries.len() - MOST) as u64)));
    }
    out.push("Nothing is handed over now; who decided is kept in the journal.".to_owned());
    (title, out)
}
