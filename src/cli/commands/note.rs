//! `note`: a word about a row, and whose task it is; without either, what was decided about its key so far.

use super::out;
use super::standing::{chosen, row_of};
use super::waive::with_desk;
use crate::app::review::note;
use crate::cli::Exit;
use crate::cli::args::NoteArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::review::{Act, Deed};
use crate::domain::text::shown;
use crate::report::review::act_line;
use serde_json::{Value, json};

/// Runs it.
pub async fn run(context: &Context, args: &NoteArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let store = context.workspace(&settings.dir).await?;
    let run = chosen(store.as_ref(), &settings, (args.of.run, args.of.period.as_deref()), context.now()).await?;
    let line = row_of(store.as_ref(), &settings, &run, &args.key).await?;
    let typed = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let words = typed(&args.text).map(|text| Deed::Note { text });
    let deeds: Vec<Deed> = words.into_iter().chain(typed(&args.owner).map(|owner| Deed::Own { owner })).collect();
    if deeds.is_empty() && (args.text.is_some() || args.owner.is_some()) {
        return Err(CliError::Usage("the note says nothing".to_owned()));
    }
    with_desk(
        context,
        &settings,
        args.of.wait,
        async |desk| if deeds.is_empty() { Ok(()) } else { Ok(note(desk, &run, &line, deeds).await.map(drop)?) },
    )
    .await?;
    let acts = store.acts_on(&settings.service.service, line.key.raw()).await?;
    let standing = store.standing(run.id, line.seq).await?;
    if context.json() {
        out::json(&json!({
            "run": run.id, "period": run.request.month, "key": line.key, "cause": line.cause, "review": line.review,
            "why": standing.map(|s| s.why), "decisions": acts.iter().map(object).collect::<Vec<_>>(),
        }))?;
    } else {
        let why = standing.map_or_else(String::new, |s| format!(" · {}", shown(&s.why, 160)));
        out::lines([format!("{} · {} · {}{why}", line.key.shown(60), run.request.month, line.review.word())])?;
        out::lines(acts.iter().map(act_line))?;
    }
    Ok(Exit::Clean)
}

fn cause(act: &Act) -> Option<&str> {
    act.subjects.first().and_then(|s| s.cause.as_deref())
}

fn object(act: &Act) -> Value {
    json!({ "id": act.id, "at": act.at, "actor": act.actor, "run": act.run, "period": act.month, "cause": cause(act), "decision": act.deed })
}
