//! Random sequences of acts against a model that keeps everything as plain facts and folds nothing: what the engine opens, the model
//! must open, and the other way round.

use crate::book::{Book, HERE, PEOPLE, check, noon};
use chrono::TimeDelta;
use dualrun::domain::gate::{BreakGlass, GateAct, GateDeed, Outcome, Seal, SignatureRule};
use dualrun::domain::random::draw;
use dualrun::gates::GatesStanding;

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

    fn glass(&self) -> bool {
        self.made.iter().any(|m| m.of.is_none() && m.agreed && !m.withdrawn && self.clock < m.until)
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
    random: Random,
}

impl Pair {
    fn below(&mut self, n: u64) -> usize {
        usize::try_from(self.random.below(n)).unwrap()
    }

    fn step(&mut self) {
        match self.below(24) {
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
        let seconds = i64::try_from(self.random.below(1_500)).unwrap();
        self.model.clock += seconds;
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
        self.model.made.push(Made { act, by, of: Some((check, seen)), until, agreed: false, withdrawn: false });
    }

    fn break_glass(&mut self) {
        let by = self.below(4);
        let until = self.model.clock + 500;
        let terms = BreakGlass {
            reason: "tonight".to_owned(),
            blockers: Vec::new(),
            exposure: Vec::new(),
            expires: noon() + TimeDelta::seconds(until),
            seal: Seal::Attested,
        };
        let act = self.book.act(PEOPLE[by].0, GateDeed::BreakGlass(Box::new(terms)));
        self.model.made.push(Made { act, by, of: None, until, agreed: false, withdrawn: false });
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

    fn green(&mut self) {
        (0..3).for_each(|check| self.observe(check, true));
        let standing = self.book.look().standing;
        for (stage, person) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            self.sign_seen(person, person, stage, &standing);
        }
    }
}

const fn is_made(act: &GateAct) -> bool {
    matches!(act.deed, GateDeed::WaiveCheck { .. } | GateDeed::BreakGlass(_))
}

/// Half of the sequences begin where everything holds, or few would ever open.
fn sequences(seed: u64, count: u64) -> [u64; 2] {
    let mut opened = [0, 0];
    for number in 0..count {
        let mut pair = Pair { book: Book::new(), model: Model::default(), random: Random { seed, number, at: 0 } };
        pair.book.runbook.stages.iter_mut().for_each(|s| s.signature = SignatureRule::Attested);
        (pair.book.bases.config, pair.book.bases.configuration) = ("c0".to_owned(), "C0".to_owned());
        (pair.book.bases.run, pair.book.bases.review) = (Some("r0".to_owned()), "w0".to_owned());
        "dualrun 0".clone_into(&mut pair.book.bases.program);
        if number % 2 == 0 {
            pair.green();
        }
        let steps = 1 + pair.below(12);
        for _ in 0..steps {
            pair.step();
        }
        let standing = pair.book.look().standing;
        let wanted = (pair.model.passes(1), pair.model.glass());
        let got = (standing.outcome.opens(), standing.glass.is_some());
        assert_eq!(got, wanted, "seed {seed}, sequence {number}: {:#?}\n{:#?}", pair.book.acts, standing);
        opened[0] += u64::from(got.0);
        opened[1] += u64::from(got.1);
    }
    opened
}

/// Split, so that they run side by side.
macro_rules! sequences {
    ($($name:ident $seed:literal),*) => { $(
        #[test]
        fn $name() {
            let opened = sequences($seed, 25_000);
            assert!(opened[0] > 1_000 && opened[1] > 20, "what is compared is worth it: {opened:?}");
        }
    )* };
}

sequences!(a_flip_is_open_if_the_model_says_so_1 1, a_flip_is_open_if_the_model_says_so_2 2, a_flip_is_open_if_the_model_says_so_3 3, a_flip_is_open_if_the_model_says_so_4 4);
