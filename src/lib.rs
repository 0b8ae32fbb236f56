//! dualrun: the terminal for moving a company's billing from one system to another.
//!
//! # Map
//! Dependencies point down only; `tests/architecture.rs` walks `src/` and holds the arrows.
//!
//! | layer | what belongs there | never |
//! |---|---|---|
//! | [`demo_target`] | the demo's target: a program of its own that a loader starts; only `main.rs` and the demo name it | what dualrun does |
//! | [`wire`], `main.rs` | composition root: the only place that names adapters | rules |
//! | [`cli`], [`tui`] | front ends: translate in, present out | SQL, rules |
//! | [`app`] | use cases: load, compute, store, progress | SQL, widgets |
//! | [`report`] | results to bytes | databases |
//! | [`adapters`] | implement the ports (PostgreSQL, MariaDB and MySQL, SQLite, the workspace file, loaders, SSH signatures, books as files) | rules |
//! | [`config`] | `dualrun.toml` to [`domain`] profiles and queries | databases |
//! | [`demo`] | books as data: the embedded one, folders of CSV, generated ones | I/O |
//! | [`present`] | column order, money and status text, one string per value | I/O |
//! | [`ports`] | what the program needs from the outside, as contracts | implementations |
//! | [`cases`] | worked cases replayed: each operation a call of [`rating`] or [`domain`]; ratings of runs written as such | arithmetic of its own |
//! | [`integrity`], [`mod@import`], [`reconcile`], [`explain`], [`rating`], [`ledger`], [`gates`], [`flip`], [`review`], [`dossier`] | pure engines: data in, decision out | I/O, clock, async |
//! | [`domain`] | money, period, key and the records of the contract | everything else |
//!
//! # Where to add
//! | a new | goes |
//! |---|---|
//! | command | a variant in `cli/args.rs`, a file in `cli/commands/`: one use case, one report |
//! | report format | a [`report::ReportWriter`] in `report/`, its word in `cli/args.rs` |
//! | column | `present/columns.rs`, once for terminal, text, CSV and JSON |
//! | integrity check | `integrity/`; its finding's word, weight and remedy with it |
//! | operation of a case | `cases/`, by section: a call of the engine, and its entry in `assets/cases/README.md` |
//! | charge model | `rating/`, its word in `domain/records/catalogue.rs`, its steps in `rating/trace.rs` |
//! | thing that changes within a period | a track of `rating/changes.rs`, its kind of event in `domain/evidence.rs` |
//! | verdict rule | `reconcile/`, and a row of the specimen book in `tests/books/` |
//! | cause of a delta | [`domain::explanation::Cause`], a file in `explain/causes/`, one line of its list; `explain/calibrate/inject.rs` makes a row of it |
//! | kind of decision | [`domain::review::Deed`], what it makes of rows in `review/`, its command in `cli/commands/` |
//! | screen | `tui/screens/`, its name in `tui/model/screen.rs` |
//! | command or key | a variant in `tui/keymap.rs`, its name in `keymap/names.rs`, its line in `keymap/table.rs`: footer, help, palette and `assets/keys.md` (`dualrun keys --markdown`) follow |
//! | line of the palette that is no command | a [`tui::model::palette::Choice`], offered in `tui/update/palette.rs` |
//! | theme | its colours in `tui/theme/palettes.rs`, its word in [`config::user::ThemeName`] |
//! | station of the short tour | `tui/view/tour.rs`, a line of its list |
//! | thing that returns at the terminal's next start | [`tui::model::Remembered`]: a function of the model, kept by the loop as it draws |
//! | known system that `init` recognises | its tables in `app/probe.rs`, its rules in `config/known.rs` |
//! | step of the assistant of `init` | `tui/assistant/model.rs`, its words in the view, what it writes in `config/draft.rs` |
//! | key of the operator's own file | `config/user.rs` |
//! | act of a person in the terminal | `tui/model/deed.rs`, done in `tui/effects/deeds.rs`, which says how it is taken back, or why not |
//! | way to take an act back | `app/review/take_back.rs`: by an act of its own |
//! | act about gates | [`domain::gate::GateDeed`], its use case in `app/gates/`: decided on what was seen, kept with its journal entry |
//! | part of what a sign-off is bound to | [`domain::gate::Part`], put together in `gates/stand.rs`; what a project would act on is [`domain::gate::Place`] |
//! | part of an evidence pack | its name in [`domain::dossier`], written by `app/dossier/`, held by [`dossier`] |
//! | way into a target | a [`ports::loader::Loader`] in `adapters/loader/`, its word in `config/keys.rs`, one arm in `wire.rs` |
//! | step of the flip | [`domain::flip::Step`] with its inverse, what is read back of it in `flip/look.rs`, its words on the wire in [`ports::loader_lines`], when it may come in `flip/course.rs`; a dossier holds each against that (`flip/lawful.rs`) |
//! | check of inertness | an SQL file in `assets/presets/`, its name in `config/preset.rs` |
//! | database kind | `adapters/`, [`ports::connection`], one arm in `wire.rs`; the story test runs on it |
//! | configuration key | `config/keys.rs` (of the runbook: `config/runbook/keys.rs`), which feeds parser, schema and template's test |
//! | kind of check | a word of [`domain::gate::CheckKind`], its keys in `config/runbook/keys.rs`, its judge in `gates/checks/`, an arm in `app/gates/making.rs` |
//! | runbook to start from | `assets/runbooks/`, its name in `config/template.rs`; `tests/runbooks.rs` seeds each of its SQL checks |
//! | finding of `doctor` | the adapter's `inspect`, or `app/doctor/` where it holds for all kinds |
//!
//! # Invariants
//! * No binary float comes near money; sums and rates are [`domain::exact::Exact`], rounded only by [`domain::rounding`].
//! * Unknown never passes: an unreadable value makes its row `not_comparable` and its run `incomplete`.
//! * No code path holds a writable connection to a source or target database. What changes in a target goes through a loader,
//!   which an import can hand drafts only: [`domain::shadow::Shadow`] has no field for a payment method or an active charge. What
//!   makes a subscription bill is a parcel of another type ([`ports::loader::FlipParcel`]), which only the flip hands over.
//! * In the target nothing is made to bill that the source was not read back as off for: each day is billed by one side.
//! * What is explained, waived or resolved is never a match: decisions change no verdict, no sum and no digest. A waiver counts only
//!   when a second person confirmed it, and ends by itself.
//! * Nothing is handed over twice without having been looked for in the target in between.
//! * Text from outside is [`domain::text::Untrusted`] and reaches a person only through `.shown(width)`.
//! * Engines take rows and give decisions; nothing below `app` awaits, except `ports` and `adapters`.

pub mod adapters;
pub mod app;
pub mod cases;
pub mod cli;
pub mod config;
pub mod demo;
pub mod demo_target;
pub mod domain;
pub mod dossier;
pub mod explain;
pub mod flip;
pub mod gates;
pub mod import;
pub mod integrity;
pub mod ledger;
pub mod ports;
pub mod present;
pub mod rating;
pub mod reconcile;
pub mod report;
pub mod review;
pub mod tui;
pub mod wire;
