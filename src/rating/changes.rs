//! What a subscription was on each day of an interval, by the changes its side recorded: paused, on another plan, with other seats.
//!
//! Between two changes holds what the one became and the other was; after the last, what the subscription is now. Where records
//! contradict each other, or none says what held, the amount is not known. A subscription's own price goes with the plan it has now.

use super::due::{Due, due};
use super::proration::DayCount;
use crate::domain::decode::When;
use crate::domain::evidence::{Change, Event};
use crate::domain::exact::Exact;
use crate::domain::period::Period;
use crate::domain::profile::{Proration, SubscriptionState, Vocabulary};
use crate::domain::records::{Interval, Subscription, SubscriptionStatus};
use crate::domain::row::{Stretch, Terms};
use crate::domain::text::Untrusted;
use chrono::NaiveDate;

/// A value, or why it is not known.
type Said<T> = Result<T, String>;

/// What held from which day on.
#[derive(Debug, Clone)]
struct Track<T> {
    first: Said<T>,
    then: Vec<(NaiveDate, Said<T>)>,
}

impl<T> Track<T> {
    fn unknown(why: &str) -> Self {
        Self { first: Err(why.to_owned()), then: Vec::new() }
    }

    fn on(&self, day: NaiveDate) -> Result<&T, String> {
        let after = self.then.partition_point(|(from, _)| *from <= day);
        let held = after.checked_sub(1).map_or(&self.first, |at| &self.then[at].1);
        held.as_ref().map_err(Clone::clone)
    }
}

/// What a day changed: what was before it, and what holds from it on; `None` where nothing is said.
#[derive(Debug, Clone)]
struct Turn<T> {
    day: NaiveDate,
    was: Option<Said<T>>,
    is: Option<Said<T>>,
}

/// The changes of a subscription, as far as they decide what it is rated by.
#[derive(Debug, Clone)]
pub struct Changes<'a> {
    /// `None` where no change of status is recorded: then its dates and its status of today decide.
    status: Option<Track<SubscriptionState>>,
    plan: Track<&'a Terms>,
    quantity: Track<Exact>,
    plan_now: &'a str,
    own_price: Option<Exact>,
}

/// What an interval is rated by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'a> {
    /// The plan it had last, by whose charges usage is billed.
    pub terms: &'a Terms,
    /// The quantity it had last.
    pub quantity: Exact,
    /// Its own price, where that goes with this plan.
    pub price_override: Option<Exact>,
    /// Days billed of the interval, as the side counts them.
    pub days: i64,
    /// Days of the interval, as the side counts them.
    pub of_days: i64,
    /// Each stretch, where plan or quantity changed; none where one of each held on all billed days.
    pub stretches: Vec<Stretch>,
}

/// Days on which nothing changed.
struct Piece<'a> {
    span: Period,
    terms: &'a Terms,
    quantity: Exact,
}

impl<'a> Changes<'a> {
    /// Those of a subscription, oldest first, by its side's words; `plan` finds a plan by id or name. `None` where none of them changes
    /// what is rated.
    pub fn of<K, C>(
        events: &[Event],
        subscription: &Subscription<K, &'a str, C>,
        vocabulary: &Vocabulary,
        plan: impl Fn(&str) -> Option<&'a Terms>,
    ) -> Option<Self> {
        if events.iter().all(|e| e.what == Change::Other) {
            return None;
        }
        let of = |what: Change| events.iter().filter(move |e| e.what == what);
        let known =
            |word: &str| plan(word).ok_or_else(|| format!("plan {} is not in the catalogue, or cannot be read", Untrusted::new(word).shown(40)));
        let plans = turns(of(Change::Plan), |_, word| Some(known(word.raw())), |_| None);
        let quantities = turns(of(Change::Quantity), |e, word| Some(number(e, word)), |_| None);
        let state = |e: &Event, word: &Untrusted| Some(state(vocabulary, word).ok_or_else(|| unknown_status(e, word)));
        // A word such as `paused` may be all that is said.
        let statuses = turns(of(Change::Status), state, |e| self::state(vocabulary, &e.word).map(Ok));
        let status_now = match subscription.status {
            SubscriptionStatus::Known(state @ (SubscriptionState::Active | SubscriptionState::Inactive)) if subscription.ended_on.is_none() => {
                Some(Ok(state))
            }
            // Its last day says more than a word of today.
            _ => None,
        };
        Some(Self {
            status: (!statuses.is_empty()).then(|| track(&statuses, status_now.as_ref(), "status")),
            plan: track(&plans, Some(&known(subscription.plan_id)), "plan"),
            quantity: track(&quantities, Some(&Ok(subscription.quantity)), "quantity"),
            plan_now: subscription.plan_id,
            own_price: subscription.price_override,
        })
    }

    /// Those of a subscription whose records cannot be read.
    pub fn unknown<K, C>(subscription: &Subscription<K, &'a str, C>, why: &str) -> Self {
        let (plan, quantity) = (Track::unknown(why), Track::unknown(why));
        Self { status: None, plan, quantity, plan_now: subscription.plan_id, own_price: subscription.price_override }
    }

    /// Whether the subscription is due: as [`due`](super::due()) says, and on some day not paused.
    pub fn due<K: Copy, C: Copy>(&self, subscription: &Subscription<K, &str, C>, interval: Interval, period: Period) -> Option<Due> {
        let mut then = *subscription;
        if self.status.is_some() {
            then.terms.status = SubscriptionStatus::Known(SubscriptionState::Active);
        }
        let due = due(&then, interval, period)?;
        let Ok(pieces) = self.active(due.billed) else { return Some(due) };
        let days = pieces.iter().map(|span| span.days()).sum();
        (days > 0).then_some(Due { days, ..due })
    }

    /// What a due interval is rated by. Parts of it are counted as the side prorates, and add up to the whole where no day is left out;
    /// a side that does not prorate bills what it was on the first billed day.
    pub fn held(&self, due: &Due, proration: Proration) -> Result<Held<'a>, String> {
        let pieces = self.pieces(due.billed)?;
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return Err("no day of it is billed".to_owned()) };
        let alike =
            |piece: &Piece<'_>| (piece.terms.plan.interval, piece.terms.plan.currency) == (last.terms.plan.interval, last.terms.plan.currency);
        if !pieces.iter().all(alike) {
            return Err("it changed to a plan of another interval or currency".to_owned());
        }
        let whole = (due.of_days, due.of_days);
        if proration == Proration::None {
            return Ok(self.single(first, whole));
        }
        let of_days = match proration {
            Proration::Fixed30 | Proration::Days30360 => 30 * i64::from(due.months),
            _ => due.of_days,
        };
        let leaves_none = pieces.iter().map(|p| p.span.days()).sum::<i64>() == due.of_days;
        let mut days = 0;
        let mut stretches: Vec<Stretch> = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            let counted = match piece.span.end.pred_opt() {
                _ if leaves_none && at + 1 == pieces.len() => of_days,
                Some(end) if proration == Proration::Days30360 => DayCount::Strict30.share(piece.span.start, end).num,
                _ => piece.span.days(),
            };
            let counted = counted.clamp(0, of_days - days);
            days += counted;
            match stretches.last_mut().filter(|s| s.plan_id == piece.terms.plan.id && s.quantity == piece.quantity) {
                Some(stretch) => stretch.days += counted,
                None => stretches.push(self.stretch(piece, counted)),
            }
        }
        if stretches.len() == 1 {
            return Ok(self.single(last, if leaves_none { whole } else { (days, of_days) }));
        }
        Ok(Held { stretches, ..self.single(last, (days, of_days)) })
    }

    fn single(&self, piece: &Piece<'a>, (days, of_days): (i64, i64)) -> Held<'a> {
        let Piece { terms, quantity, .. } = *piece;
        Held { terms, quantity, price_override: self.price_of(terms), days, of_days, stretches: Vec::new() }
    }

    fn stretch(&self, piece: &Piece<'_>, days: i64) -> Stretch {
        let own = self.price_of(piece.terms);
        Stretch {
            from: piece.span.start,
            plan_id: piece.terms.plan.id.clone(),
            price: own.unwrap_or(piece.terms.plan.flat_price),
            overridden: own.is_some(),
            quantity: piece.quantity,
            days,
        }
    }

    fn price_of(&self, terms: &Terms) -> Option<Exact> {
        self.own_price.filter(|_| terms.plan.id == self.plan_now)
    }

    /// The days of a span on which it bills.
    fn active(&self, span: Period) -> Result<Vec<Period>, String> {
        let Some(status) = &self.status else { return Ok(vec![span]) };
        let mut active = Vec::new();
        for part in cut(span, status.then.iter().map(|(day, _)| *day).collect()) {
            if *status.on(part.start)? == SubscriptionState::Active {
                active.push(part);
            }
        }
        Ok(active)
    }

    fn pieces(&self, span: Period) -> Result<Vec<Piece<'a>>, String> {
        let days = self.plan.then.iter().map(|(day, _)| *day).chain(self.quantity.then.iter().map(|(day, _)| *day));
        let days: Vec<NaiveDate> = days.collect();
        let parts = self.active(span)?.into_iter().flat_map(|part| cut(part, days.clone()));
        parts.map(|span| Ok(Piece { span, terms: self.plan.on(span.start)?, quantity: *self.quantity.on(span.start)? })).collect()
    }
}

/// A span cut at the days within it.
fn cut(span: Period, mut days: Vec<NaiveDate>) -> Vec<Period> {
    days.retain(|day| span.start < *day && *day < span.end);
    days.extend([span.start, span.end]);
    days.sort_unstable();
    days.dedup();
    days.windows(2).map(|w| Period { start: w[0], end: w[1] }).collect()
}

/// What each day changed. Of several changes of one day only what the first was and the last became counts.
fn turns<'e, T: PartialEq + Clone>(
    events: impl Iterator<Item = &'e Event>,
    read: impl Fn(&Event, &Untrusted) -> Option<Said<T>>,
    word: impl Fn(&Event) -> Option<Said<T>>,
) -> Vec<Turn<T>> {
    let events: Vec<&Event> = events.collect();
    let turn = |event: &Event| {
        let said = |text: &Option<Untrusted>| text.as_ref().and_then(|text| read(event, text));
        Turn { day: event.day, was: said(&event.from), is: said(&event.to).or_else(|| word(event)) }
    };
    events.chunk_by(|a, b| a.day == b.day).map(|all| joined(all, &all.iter().map(|event| turn(event)).collect::<Vec<_>>())).collect()
}

/// One turn of those of a day: in the order of their moments where all have one, else as what the one became is what the next was.
fn joined<T: PartialEq + Clone>(events: &[&Event], turns: &[Turn<T>]) -> Turn<T> {
    let is_timed = events.windows(2).all(|w| w.iter().all(|e| matches!(e.at, When::At(_))) && w[0].at != w[1].at);
    let (first, last) = match turns {
        [] | [_] => (0, 0),
        all if is_timed => (0, all.len() - 1),
        all => {
            let mut ends: Vec<usize> = (0..all.len()).collect();
            let mut starts = Vec::new();
            for (at, turn) in all.iter().enumerate() {
                match ends.iter().position(|end| turn.was.is_some() && all[*end].is == turn.was) {
                    Some(found) => drop(ends.swap_remove(found)),
                    None => starts.push(at),
                }
            }
            let ([first], [last]) = (starts.as_slice(), ends.as_slice()) else {
                let day = all[0].day;
                let why = || Some(Err(format!("its changes of {day} cannot be put in order")));
                return Turn { day, was: why(), is: why() };
            };
            (*first, *last)
        }
    };
    Turn { day: turns[first].day, was: turns[first].was.clone(), is: turns[last].is.clone() }
}

/// What held between the turns; `now` is what holds after the last.
fn track<T: PartialEq + Clone>(turns: &[Turn<T>], now: Option<&Said<T>>, what: &str) -> Track<T> {
    let between = |before: Option<&Turn<T>>, after: Option<&Turn<T>>| {
        let left = before.and_then(|turn| turn.is.clone());
        let right = after.map_or_else(|| now.cloned(), |turn| turn.was.clone());
        let day = before.or(after).map_or_else(String::new, |turn| turn.day.to_string());
        match (left, right) {
            (Some(Ok(a)), Some(Ok(b))) if a != b && after.is_none() => Err(format!("its {what} is not what it became on {day}")),
            (Some(Ok(a)), Some(Ok(b))) if a != b => Err(format!("the next change of its {what} after {day} contradicts that one")),
            (Some(Err(why)), _) | (_, Some(Err(why))) => Err(why),
            (Some(held), _) | (None, Some(held)) => held,
            (None, None) => Err(format!("no change says what its {what} was around {day}")),
        }
    };
    let first = between(None, turns.first());
    let then = turns.iter().enumerate().map(|(at, turn)| (turn.day, between(Some(turn), turns.get(at + 1)))).collect();
    Track { first, then }
}

/// What a status word means by a side's vocabulary, whatever its case.
fn state(vocabulary: &Vocabulary, word: &Untrusted) -> Option<SubscriptionState> {
    let (known, plain) = (&vocabulary.subscriptions, word.raw().trim());
    let folded = || known.iter().find(|(other, _)| other.trim().eq_ignore_ascii_case(plain)).map(|(_, state)| state);
    known.get(plain).or_else(folded).copied()
}

fn unknown_status(event: &Event, word: &Untrusted) -> String {
    format!("its event of {} has the status {}, which is no word of its side", event.day, word.shown(30))
}

fn number(event: &Event, word: &Untrusted) -> Said<Exact> {
    let read = Exact::parse(word.raw().trim().as_bytes()).ok().filter(|n| !n.is_negative());
    read.ok_or_else(|| format!("its event of {} has the quantity {}, which is no number", event.day, word.shown(30)))
}
