//! The assistant of `init`, driven by keys: what it asks, what it says of a side, what it writes.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use dualrun::app::probe::Probe;
use dualrun::config;
use dualrun::domain::contract::Entity;
use dualrun::domain::side::Side;
use dualrun::ports::database::{DoctorFinding, Severity};
use dualrun::tui::assistant::{Assistant, Effect, Msg, Outcome, Step, update, view};
use dualrun::tui::theme::Theme;
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const SIZES: [((u16, u16), &str); 2] = [((140, 42), "140x42"), ((80, 24), "80x24")];

struct Asked {
    model: Assistant,
    left: Vec<Effect>,
}

impl Asked {
    fn new(size: (u16, u16)) -> Self {
        let model = Assistant::new(Path::new("/srv/nexacloud"), Some("America/Toronto".to_owned()), (Theme::default(), Arc::default()), size);
        Self { model, left: Vec::new() }
    }

    fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.left.extend(effects);
    }

    fn key(&mut self, code: KeyCode) {
        self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    /// Types a word and presses Enter.
    fn say(&mut self, text: &str) {
        for c in text.chars() {
            self.key(KeyCode::Char(c));
        }
        self.key(KeyCode::Enter);
    }

    fn picture(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(self.model.size.0, self.model.size.1)).unwrap();
        terminal.draw(|frame| view(&self.model, frame)).unwrap();
        crate::driver::text(terminal.backend().buffer())
    }

    /// Answers the look under way.
    fn seen(&mut self, probe: Result<Probe, String>) {
        let Some(Effect::Probe { ticket, side, .. }) = self.left.pop() else { panic!("no look was asked for: {}", self.picture()) };
        self.send(Msg::Probed(ticket, side, probe.map(Box::new)));
    }
}

fn finding(severity: Severity, message: &str, remedy: &str) -> DoctorFinding {
    DoctorFinding { severity, side: None, code: "role".to_owned(), message: message.to_owned(), remedy: remedy.to_owned() }
}

/// A side on which these entities lie ready.
fn ready(entities: &[Entity], documents: &[&str]) -> Probe {
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    Probe {
        findings: vec![finding(Severity::Info, "reached PostgreSQL 16, TLS verified; the role can only read", "")],
        reached: true,
        queries: entities.iter().map(|e| (*e, format!("select * from {e}"))).collect(),
        lacking: BTreeMap::from([(Entity::Usage, vec!["quantity"])]),
        statuses: BTreeMap::from([(Entity::Subscriptions, words(&["active", "cancelled"])), (Entity::Invoices, words(documents))]),
        ..Probe::default()
    }
}

fn refused() -> Probe {
    let what = "the role app_rw can write: INSERT on invoices";
    Probe { findings: vec![finding(Severity::Error, what, "give dualrun a role with SELECT only")], ..Probe::default() }
}

#[test]
fn from_nothing_to_the_first_reconciliation() {
    for (size, label) in SIZES {
        let mut asked = Asked::new(size);
        assert_snapshot!(format!("service_{label}"), asked.picture());
        asked.key(KeyCode::Down);
        asked.key(KeyCode::Down);
        asked.say("CAD");
        asked.say("postgres://ro@db.internal/app");
        assert!(asked.picture().contains("looking at it, read-only"));
        asked.seen(Ok(refused()));
        assert_snapshot!(format!("refused_{label}"), asked.picture());
        asked.key(KeyCode::Enter);
        asked.seen(Ok(ready(&[Entity::Subscriptions, Entity::Invoices, Entity::Plans], &["draft", "open", "paid", "void"])));
        assert_snapshot!(format!("source_{label}"), asked.picture());
        asked.key(KeyCode::Enter);
        asked.say("postgres://ro@db.internal/erp");
        asked.seen(Ok(Probe { system: Some("odoo"), ..ready(&[Entity::Subscriptions, Entity::Plans], &["draft", "posted"]) }));
        asked.key(KeyCode::Enter);
        assert_eq!(asked.model.step, Step::Numbers);
        assert_eq!(asked.model.typed(Step::Numbers, 1), "open, paid", "what is found and known to count");
        assert_snapshot!(format!("numbers_{label}"), asked.picture());
        asked.key(KeyCode::Enter);
        assert_snapshot!(format!("files_{label}"), asked.picture());
        assert!(asked.left.is_empty(), "nothing is written before it is said");
        asked.key(KeyCode::Enter);
        let Some(Effect::Write(text)) = asked.left.pop() else { panic!("{}", asked.picture()) };
        let dir = tempfile::tempdir().unwrap();
        let settings = config::of_text(&text, dir.path()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(settings.side(Side::Source).queries.len(), 3);
        assert!(text.contains("profile = \"odoo\"") && text.contains("preset = \"odoo19\"") && text.contains("#invoices = "), "{text}");
        asked.send(Msg::Written(Ok(vec!["/srv/nexacloud/dualrun.toml".to_owned()])));
        assert!(asked.picture().contains("asks for the first month"), "{}", asked.picture());
        asked.key(KeyCode::Enter);
        assert_eq!(asked.left, [Effect::Leave(Outcome::Reconcile)]);
    }
}

#[test]
fn a_secret_is_never_taken_and_does_not_stay_in_sight() {
    let mut asked = Asked::new((80, 24));
    asked.key(KeyCode::Enter);
    asked.say("postgres://ro:hunter2@db/app");
    assert!(asked.picture().contains("kept in plain") && asked.left.is_empty());
    for _ in 0..40 {
        asked.key(KeyCode::Backspace);
    }
    for c in "postgres://ro@db/app".chars() {
        asked.key(KeyCode::Char(c));
    }
    asked.key(KeyCode::Tab);
    asked.say("hunter2");
    let picture = asked.picture();
    assert!(picture.contains("the secret itself is never kept") && !picture.contains("hunter2"), "{picture}");
    assert!(asked.left.is_empty());
    asked.say("env:APP_DB_PASSWORD");
    let [Effect::Probe { text, .. }] = &asked.left[..] else { panic!("{:?}", asked.left) };
    assert!(text.contains("password = { env = \"APP_DB_PASSWORD\" }") && !text.contains("hunter2"), "{text}");
}

#[test]
fn what_is_typed_anew_is_looked_at_anew_and_esc_goes_one_step_back() {
    let mut asked = Asked::new((80, 24));
    asked.key(KeyCode::Enter);
    asked.say("source.db");
    asked.seen(Ok(ready(&[Entity::Subscriptions], &[])));
    asked.key(KeyCode::Char('x'));
    asked.key(KeyCode::Enter);
    let [Effect::Probe { ticket, side, .. }] = asked.left[..] else { panic!("another file is another side") };
    asked.key(KeyCode::Esc);
    assert_eq!(asked.left.pop(), Some(Effect::Cancel));
    asked.send(Msg::Probed(ticket, side, Ok(Box::new(ready(&[], &[])))));
    assert!(asked.model.seen_now(Side::Source).is_none(), "an answer to an older question is dropped");
    asked.key(KeyCode::F(2));
    assert_eq!(asked.model.step, Step::Target, "an unreachable side can be left for later");
    asked.key(KeyCode::Esc);
    asked.key(KeyCode::Esc);
    assert_eq!(asked.model.step, Step::Service);
    asked.left.clear();
    asked.key(KeyCode::Esc);
    assert_eq!(asked.left, [Effect::Leave(Outcome::Left)]);
}

#[test]
fn a_project_that_lacks_queries_says_so_and_does_not_reconcile() {
    let mut asked = Asked::new((80, 24));
    asked.key(KeyCode::Enter);
    for file in ["source.db", "target.db"] {
        asked.say(file);
        asked.seen(Ok(ready(&[Entity::Subscriptions], &[])));
        asked.key(KeyCode::Enter);
    }
    asked.key(KeyCode::Enter);
    assert!(asked.picture().contains("source invoices, target plans"), "{}", asked.picture());
    asked.key(KeyCode::Enter);
    asked.send(Msg::Written(Err("dualrun.toml is there already".to_owned())));
    assert!(asked.picture().contains("! dualrun.toml is there already"));
    asked.key(KeyCode::Enter);
    asked.send(Msg::Written(Ok(vec!["dualrun.toml".to_owned()])));
    asked.left.clear();
    asked.key(KeyCode::Enter);
    assert_eq!(asked.left, [Effect::Leave(Outcome::Left)]);
}
