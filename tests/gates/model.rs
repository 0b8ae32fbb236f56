//! Random sequences of acts against a model that keeps everything as plain facts and folds nothing: what the engine opens, the model
//! must open, and the other way round. What is opened is a flip: edits, runs, sign-offs, what is taken back, waived and expires, waves
//! begun, half done, whole and back again, by four people, are all in the one sequence.

use crate::book::{Book, HERE, PEOPLE, check, noon};
use crate::flips::{Far, Flips};
use chrono::{NaiveDate, TimeDelta};
use dualrun::domain::flip::{Begun, Direction, FlipDeed, Payment, Seen as Found, Told};
use dualrun::domain::gate::{BreakGlass, GateAct, GateDeed, Outcome, Seal, SignatureRule};
use dualrun::domain::period::Zone;
use dualrun::domain::random::draw;
use dualrun::flip::{Next, Standing, walk};
use dualrun::gates::GatesStanding;
use std::collections::BTreeMap;

const CHECKS: [(usize, &str); 3] = [(0, "a"), (0, "b"), (1, "c")];
const STAGES: [&str; 2] = ["one", "two"];
const AGE: i64 = 3_600;

/// Versions of everything a sign-off is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct World {
    gates: [u8; 2],
    config: u8,
    run: u8,
    review: u8,
    program: u8,
}

/// What was seen of a check: how it came out, and under which gate, configuration, run and program.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    good: bool,
    under: (u8, u8, u8, u8),
}

#[derive(Clone, Copy)]
enum Word {
    Go { role: usize, stage: usize, world: World, seen: [Option<Seen>; 3] },
    No,
}

/// What somebody made and another may agree to.
#[derive(Clone, Copy)]
struct Made {
    act: i64,
    by: usize,
    /// The check and what was seen of it; broken glass has none.
    of: Option<(usize, Seen)>,
    /// Under which configuration.
    config: u8,
    until: i64,
    agreed: bool,
    withdrawn: bool,
}

#[derive(Default)]
struct Model {
    clock: i64,
    world: World,
    seen: [Option<(Seen, i64)>; 3],
    words: [[Option<(i64, Word)>; 4]; 2],
    made: Vec<Made>,
    barred: Option<usize>,
    flips: Flips,
    /// Waves begun, and waves begun back.
    done: [u64; 2],
}

impl Model {
    fn under(&self, check: usize) -> (u8, u8, u8, u8) {
        let w = self.world;
        (w.gates[CHECKS[check].0], w.config, w.run, w.program)
    }

    fn holds(&self, check: usize) -> bool {
        let Some((seen, at)) = self.seen[check] else { return false };
        let fresh = seen.under == self.under(check) && self.clock - at <= AGE;
        let waived = || self.made.iter().any(|m| m.of == Some((check, seen)) && m.agreed && !m.withdrawn && self.clock < m.until);
        fresh && (seen.good || waived())
    }

    /// The world as a sign-off of a stage sees it: the other stage's gate is none of its business.
    fn of_stage(mut world: World, stage: usize) -> World {
        world.gates[1 - stage] = 0;
        world
    }

    fn seen_of(&self, stage: usize) -> [Option<Seen>; 3] {
        std::array::from_fn(|c| self.seen[c].filter(|_| CHECKS[c].0 == stage).map(|(seen, _)| seen))
    }

    fn signs(&self, stage: usize, person: usize, wanted: usize) -> bool {
        let Some((_, Word::Go { role, stage: of, world, seen })) = self.words[stage][person] else { return false };
        let same = Self::of_stage(world, stage) == Self::of_stage(self.world, stage) && seen == self.seen_of(stage);
        of == stage && role == wanted && PEOPLE[person].1 == ROLES[wanted] && same && self.barred != Some(person)
    }

    fn passes(&self, stage: usize) -> bool {
        let checks = (0..CHECKS.len()).filter(|c| CHECKS[*c].0 == stage).all(|c| self.holds(c));
        let no = self.words[stage].iter().flatten().any(|(_, word)| matches!(word, Word::No));
        let seats = (0..2).all(|role| (0..PEOPLE.len()).any(|person| self.signs(stage, person, role)));
        checks && seats && !no && (stage == 0 || self.passes(0))
    }

    /// Whether a wave may be flipped: the gates let it, or the glass is broken, and nothing of the flip itself forbids it.
    fn may_flip(&self, at: usize, today: NaiveDate) -> bool {
        (self.passes(1) || self.glass()) && self.flips.may_apply(at, today)
    }

    fn glass(&self) -> bool {
        self.made.iter().any(|m| m.of.is_none() && m.agreed && !m.withdrawn && self.clock < m.until && m.config == self.world.config)
    }
}

const ROLES: [&str; 2] = ["finance", "engineering"];

/// Numbers of a sequence, one after the other.
struct Random {
    seed: u64,
    number: u64,
    at: u64,
}

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.at += 1;
        draw(self.seed, self.number, self.at) % n
    }
}

struct Pair {
    book: Book,
    model: Model,
    /// Where the flip stands, act by act as the engine heard them.
    standing: Standing,
    random: Random,
}

impl Pair {
    fn below(&mut self, n: u64) -> usize {
        usize::try_from(self.random.below(n)).unwrap()
    }

    fn step(&mut self) {
        match self.below(36) {
            0 => self.world(),
            1 => self.later(),
            2 => self.no_go(),
            3 => self.withdraw(),
            4 => self.waive(),
            5 | 6 => self.agree(),
            7 => self.break_glass(),
            8 => self.bar(),
            9..=14 => {
                let (check, good) = (self.below(3), self.below(6) > 0);
                self.observe(check, good);
            }
            24 | 25 => self.plan(),
            26..=30 => self.flip(Direction::Forward),
            31 | 32 => self.flip(Direction::Back),
            33 => self.decide(),
            34 => self.pay(),
            _ => {
                let (person, stage) = (self.below(4), self.below(2));
                let own = ROLES.iter().position(|r| *r == PEOPLE[person].1).unwrap();
                let role = if self.below(8) == 0 { 1 - own } else { own };
                self.sign(person, role, stage);
            }
        }
    }

    fn world(&mut self) {
        let to = u8::try_from(self.below(2)).unwrap();
        let (world, bases) = (&mut self.model.world, &mut self.book.bases);
        let part = self.random.below(6);
        match part {
            0 | 1 => {
                let stage = usize::try_from(part).unwrap();
                world.gates[stage] = to;
                // Another question under the same name, for every check of the stage.
                for of in &mut self.book.runbook.stages[stage].checks {
                    of.title = if to == 0 { check(&of.id).title } else { "another question".to_owned() };
                }
            }
            2 => (world.config, bases.config, bases.configuration) = (to, format!("c{to}"), format!("C{to}")),
            3 => (world.run, bases.run) = (to, Some(format!("r{to}"))),
            4 => (world.review, bases.review) = (to, format!("w{to}")),
            _ => (world.program, bases.program) = (to, format!("dualrun {to}")),
        }
    }

    fn later(&mut self) {
        // Now and then a day goes by: evidence is old by then, and what was postponed comes.
        let day = if self.below(8) == 0 { 86_400 } else { 0 };
        let seconds = i64::try_from(self.random.below(1_500)).unwrap();
        self.model.clock += seconds + day;
        self.book.now = noon() + TimeDelta::seconds(self.model.clock);
    }

    fn observe(&mut self, check: usize, good: bool) {
        let seen = Seen { good, under: self.model.under(check) };
        self.model.seen[check] = Some((seen, self.model.clock));
        let (stage, id) = CHECKS[check];
        self.book.observe(STAGES[stage], id, if good { Outcome::Pass } else { Outcome::Fail });
    }

    fn sign(&mut self, person: usize, role: usize, stage: usize) {
        let standing = self.book.look().standing;
        self.sign_seen(person, role, stage, &standing);
    }

    fn sign_seen(&mut self, person: usize, role: usize, stage: usize, seen: &GatesStanding) {
        let act = self.book.sign_seen(PEOPLE[person].0, ROLES[role], STAGES[stage], seen);
        let word = Word::Go { role, stage, world: self.model.world, seen: self.model.seen_of(stage) };
        self.model.words[stage][person] = Some((act, word));
    }

    fn no_go(&mut self) {
        let (person, stage) = (self.below(4), self.below(2));
        let deed = GateDeed::NoGo { stage: STAGES[stage].to_owned(), environment: HERE.to_owned(), reason: "no".to_owned() };
        let act = self.book.act(PEOPLE[person].0, deed);
        self.model.words[stage][person] = Some((act, Word::No));
    }

    fn withdraw(&mut self) {
        let Some(last) = self.book.acts.last().map(|a| a.id.cast_unsigned()) else { return };
        let (id, by) = (self.random.below(last).cast_signed() + 1, self.below(4));
        for person in 0..4 {
            for stage in 0..2 {
                let word = &mut self.model.words[stage][person];
                let may = |word: &Word| matches!(word, Word::Go { .. }) || person == by;
                if word.as_ref().is_some_and(|(act, word)| *act == id && may(word)) {
                    *word = None;
                }
            }
        }
        self.model.made.iter_mut().filter(|m| m.act == id).for_each(|m| m.withdrawn = true);
        self.book.act(PEOPLE[by].0, GateDeed::Withdraw { act: id, reason: "no".to_owned() });
    }

    fn waive(&mut self) {
        let (check, by) = (self.below(3), self.below(4));
        let (stage, id) = CHECKS[check];
        let Some((seen, _)) = self.model.seen[check] else { return };
        let standing = self.book.look().standing;
        let evidence = standing.stage(STAGES[stage]).unwrap().checks.iter().find(|c| c.check == id).unwrap().evidence.clone().unwrap();
        let until = self.model.clock + 2_000;
        let deed = GateDeed::WaiveCheck {
            stage: STAGES[stage].to_owned(),
            check: id.to_owned(),
            environment: HERE.to_owned(),
            evidence,
            reason: "known".to_owned(),
            expires: noon() + TimeDelta::seconds(until),
            seal: Seal::Attested,
        };
        let act = self.book.act(PEOPLE[by].0, deed);
        self.model.made.push(Made { act, by, of: Some((check, seen)), config: self.model.world.config, until, agreed: false, withdrawn: false });
    }

    fn break_glass(&mut self) {
        let by = self.below(4);
        let until = self.model.clock + 500;
        let terms = BreakGlass {
            reason: "tonight".to_owned(),
            blockers: Vec::new(),
            stakes: BTreeMap::new(),
            configuration: Some(self.book.bases.configuration.clone()),
            place: self.book.bases.place.clone(),
            exposure: Vec::new(),
            expires: noon() + TimeDelta::seconds(until),
            seal: Seal::Attested,
        };
        let act = self.book.act(PEOPLE[by].0, GateDeed::BreakGlass(Box::new(terms)));
        self.model.made.push(Made { act, by, of: None, config: self.model.world.config, until, agreed: false, withdrawn: false });
    }

    fn agree(&mut self) {
        let made: Vec<i64> = self.book.acts.iter().filter(|a| is_made(a)).map(|a| a.id).collect();
        if made.is_empty() {
            return;
        }
        let (id, by) = (made[self.below(made.len() as u64)], self.below(4));
        self.model.made.iter_mut().filter(|m| m.act == id && m.by != by && !m.withdrawn).for_each(|m| m.agreed = true);
        self.book.act(PEOPLE[by].0, GateDeed::confirm(id));
    }

    fn bar(&mut self) {
        let who = self.below(8);
        self.model.barred = (who < 4).then_some(who);
        self.book.barred = self.model.barred.map(|p| (PEOPLE[p].0.to_owned(), "edited".to_owned())).into_iter().collect();
    }

    fn act_of_flip(&mut self, deed: FlipDeed) {
        let by = self.below(4);
        self.book.act(PEOPLE[by].0, GateDeed::Flip(Box::new(deed)));
        self.standing.hear(self.book.acts.last().unwrap());
    }

    fn plan(&mut self) {
        let plan = self.model.flips.plan();
        self.act_of_flip(FlipDeed::Planned(Box::new(plan)));
    }

    fn today(&self) -> NaiveDate {
        Zone::UTC.day_of(self.book.now)
    }

    /// Some wave of those there are.
    fn wave(&mut self) -> Option<usize> {
        let n = self.model.flips.waves.len() as u64;
        (n > 0).then(|| self.below(n))
    }

    /// Holds the engine against the model for every wave, both ways.
    fn is_agreed(&self) -> bool {
        let (today, gates) = (self.today(), self.book.look().standing);
        let opens = gates.outcome.opens() || gates.glass.is_some();
        self.model.flips.waves.iter().enumerate().all(|(at, wave)| {
            let allowed = self.standing.allowed(wave.pack.wave, today);
            let got = (opens && allowed.apply.is_ok(), allowed.back_out.is_ok());
            got == (self.model.may_flip(at, today), self.model.flips.may_back_out(at))
        })
    }

    /// Tries to take a wave on its way, half of the times to its end. What is not allowed is not done.
    fn flip(&mut self, direction: Direction) {
        let Some(any) = self.wave() else { return };
        // Back goes whatever has begun, where anything has: else few would ever come back.
        let begun = self.model.flips.waves.iter().position(|w| matches!(w.far, Far::Half | Far::Flipped | Far::HalfBack));
        let at = begun.filter(|_| direction == Direction::Back).unwrap_or(any);
        assert!(self.is_agreed(), "seed {}, sequence {}: {:#?}", self.random.seed, self.random.number, self.book.acts);
        let forward = direction == Direction::Forward;
        let may = if forward { self.model.may_flip(at, self.today()) } else { self.model.flips.may_back_out(at) };
        if !may {
            return;
        }
        let pack = self.model.flips.waves[at].pack.clone();
        let (digest, phrase, certificate) = (pack.digest(), pack.phrase(direction), forward.then(|| "c".to_owned()));
        self.act_of_flip(FlipDeed::Begun(Box::new(Begun { wave: pack.wave, direction, pack: digest, phrase, certificate, run: None, place: None })));
        let whole = self.below(2) == 0;
        let far = match (forward, self.drive(pack.wave, direction, whole)) {
            (true, false) => Far::Half,
            (true, true) => Far::Flipped,
            (false, false) => Far::HalfBack,
            (false, true) => Far::Back,
        };
        self.model.flips.goes(at, far);
        self.model.done[usize::from(!forward)] += 1;
    }

    /// Does what comes next, once or until nothing is left; whether that was said to be the end.
    fn drive(&mut self, wave: u32, direction: Direction, whole: bool) -> bool {
        loop {
            let of = match self.standing.waves[&wave].next() {
                Next::Send(of) => of,
                Next::Done => {
                    self.act_of_flip(FlipDeed::Ended { wave, direction });
                    return true;
                }
                other => panic!("{other:?}"),
            };
            self.act_of_flip(FlipDeed::Sending(of.clone()));
            self.act_of_flip(FlipDeed::Answered { of: of.clone(), told: vec![Told::Applied; of.subscriptions.len()] });
            self.act_of_flip(FlipDeed::ReadBack { of: of.clone(), seen: vec![Found::There; of.subscriptions.len()] });
            if !whole {
                return false;
            }
        }
    }

    /// Somebody holds the flip, lets it go on, postpones a wave or aborts it.
    fn decide(&mut self) {
        let reason = "no".to_owned();
        let at = self.wave().filter(|at| matches!(self.model.flips.waves[*at].far, Far::Planned | Far::Half));
        match (self.below(3), at) {
            (0, Some(at)) => {
                let until = self.today() + TimeDelta::days(i64::try_from(self.below(2)).unwrap());
                self.model.flips.postpone(at, until);
                self.act_of_flip(FlipDeed::Postponed { wave: self.model.flips.waves[at].pack.wave, until, reason });
            }
            (1, Some(at)) => {
                self.model.flips.abort(at);
                self.act_of_flip(FlipDeed::Aborted { wave: self.model.flips.waves[at].pack.wave, reason });
            }
            _ if self.model.flips.held => {
                self.model.flips.held = false;
                self.act_of_flip(FlipDeed::Resume { reason });
            }
            _ => {
                self.model.flips.held = true;
                self.act_of_flip(FlipDeed::Hold { reason });
            }
        }
    }

    /// The target captures a payment of a wave that has begun.
    fn pay(&mut self) {
        let Some(at) = self.wave().filter(|at| self.model.flips.waves[*at].far != Far::Planned) else { return };
        let wave = &mut self.model.flips.waves[at];
        wave.paid = true;
        let (number, subscription) = (wave.pack.wave, wave.pack.lines[0].subscription.clone());
        self.act_of_flip(FlipDeed::PointOfNoReturn { wave: number, payment: Payment { subscription, on: None, amount: None } });
    }

    fn green(&mut self) {
        (0..3).for_each(|check| self.observe(check, true));
        let standing = self.book.look().standing;
        for (stage, person) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            self.sign_seen(person, person, stage, &standing);
        }
        self.plan();
    }
}

const fn is_made(act: &GateAct) -> bool {
    matches!(act.deed, GateDeed::WaiveCheck { .. } | GateDeed::BreakGlass(_))
}

/// Half of the sequences begin where everything holds, or few would ever open.
fn sequences(seed: u64, count: u64) -> [u64; 4] {
    let mut opened = [0; 4];
    for number in 0..count {
        let mut pair = Pair { book: Book::new(), model: Model::default(), standing: Standing::default(), random: Random { seed, number, at: 0 } };
        pair.book.runbook.stages.iter_mut().for_each(|s| s.signature = SignatureRule::Attested);
        (pair.book.bases.config, pair.book.bases.configuration) = ("c0".to_owned(), "C0".to_owned());
        (pair.book.bases.run, pair.book.bases.review) = (Some("r0".to_owned()), "w0".to_owned());
        "dualrun 0".clone_into(&mut pair.book.bases.program);
        if number % 2 == 0 {
            pair.green();
        }
        let steps = 1 + pair.below(14);
        for _ in 0..steps {
            pair.step();
        }
        let standing = pair.book.look().standing;
        let wanted = (pair.model.passes(1), pair.model.glass());
        let got = (standing.outcome.opens(), standing.glass.is_some());
        assert_eq!(got, wanted, "seed {seed}, sequence {number}: {:#?}\n{:#?}", pair.book.acts, standing);
        assert!(pair.is_agreed(), "seed {seed}, sequence {number}: {:#?}\n{:#?}", pair.book.acts, pair.model.flips);
        let (standing, wrong) = walk(&pair.book.acts, Some(Zone::UTC));
        let is_lawful = wrong.is_empty() && standing.waves == pair.standing.waves;
        assert!(is_lawful, "seed {seed}, sequence {number}: {wrong:?} {:#?}", pair.book.acts);
        opened[0] += u64::from(got.0);
        opened[1] += u64::from(got.1);
        opened[2] += pair.model.done[0];
        opened[3] += pair.model.done[1];
    }
    opened
}

/// Split, so that they run side by side.
macro_rules! sequences {
    ($($name:ident $seed:literal),*) => { $(
        #[test]
        fn $name() {
            let [opened, broken, flipped, back] = sequences($seed, 25_000);
            let worth = opened > 1_000 && broken > 20 && flipped > 1_000 && back > 300;
            assert!(worth, "what is compared is worth it: {opened} opened, {broken} by broken glass, {flipped} flipped, {back} back");
        }
    )* };
}

sequences!(a_flip_is_open_if_the_model_says_so_1 1, a_flip_is_open_if_the_model_says_so_2 2, a_flip_is_open_if_the_model_says_so_3 3, a_flip_is_open_if_the_model_says_so_4 4);
