//! Walks `src/` and fails on an import against the arrows, on a file that grew too long, and on a binary float near money.
//! Text is enough: a path that begins with `crate::` names its layer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each layer may name beside itself, top to bottom. A module that is not here has no place yet: the test says so.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["cli", "demo_target", "wire"]),
    ("wire", &["adapters", "app", "cli", "config", "demo", "demo_target", "domain", "ports", "present", "tui"]),
    // The demo's target: a program of its own, started under its own name.
    ("demo_target", &["domain", "ports"]),
    ("cli", &["app", "cases", "config", "domain", "ports", "present", "report"]),
    ("tui", &["app", "config", "domain", "ports", "present", "report"]),
    ("app", &["cases", "domain", "dossier", "explain", "flip", "gates", "import", "integrity", "ledger", "ports", "rating", "reconcile", "review"]),
    ("report", &["domain", "ports", "present"]),
    ("adapters", &["demo", "domain", "ports"]),
    ("config", &["domain", "ports"]),
    ("demo", &["domain"]),
    ("present", &["domain", "ports"]),
    ("ports", &["domain"]),
    // The engines. `reconcile` rates and pairs what the ledger added up; `integrity` looks at both.
    ("dossier", &["domain", "gates", "reconcile"]),
    ("explain", &["domain", "rating"]),
    ("flip", &["domain", "rating"]),
    ("gates", &["domain"]),
    ("import", &["domain", "ledger"]),
    ("integrity", &["domain", "ledger", "reconcile"]),
    ("reconcile", &["domain", "ledger", "rating"]),
    ("review", &["domain"]),
    // Published cases: each operation is a call of the engine.
    ("cases", &["domain", "rating"]),
    ("rating", &["domain", "ledger"]),
    ("ledger", &["domain"]),
    ("domain", &[]),
];

/// Layers in which numbers are money or decide about it.
const NO_FLOATS: &[&str] =
    &["cases", "domain", "dossier", "explain", "flip", "gates", "import", "integrity", "ledger", "rating", "reconcile", "report", "review", "config"];
/// Layers without clock, I/O or waiting.
const PURE: &[&str] =
    &["cases", "domain", "dossier", "explain", "flip", "gates", "import", "integrity", "ledger", "rating", "reconcile", "review", "present"];
const IMPURE_WORDS: &[&str] = &["std::fs", "std::net", "std::process", "std::env", "tokio::", "sqlx::", ".await", "Instant::now", "SystemTime"];
/// The cap aimed at is 400 lines; past this one the build fails.
const LONGEST_FILE: usize = 500;

struct Source {
    path: PathBuf,
    layer: String,
    text: String,
}

/// Every file of `src/`, without comments and tests.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    assert!(files.len() > 30, "src/ was not found whole");
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let inside = path.strip_prefix(&root).unwrap().to_owned();
            let layer = inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
            Source { path: inside, layer, text }
        })
        .collect()
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// Code lines with their numbers: no comments, nothing of a `#[cfg(test)]` module.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|l| !l.starts_with("#[cfg(test)]"));
    lines.enumerate().map(|(i, l)| (i + 1, l.split("//").next().unwrap_or(""))).filter(|(_, l)| !l.trim().is_empty())
}

/// Layers a line names: `crate::x` and each of `crate::{x, y::z}`. In the binary the crate goes by its name.
fn named(line: &str) -> Vec<String> {
    let mut layers = Vec::new();
    for prefix in ["crate::", "dualrun::"] {
        for (at, _) in line.match_indices(prefix) {
            let rest = &line[at + prefix.len()..];
            let words: Vec<&str> = match rest.strip_prefix('{') {
                Some(group) => group.split(',').map(str::trim).collect(),
                None => vec![rest],
            };
            let word = |w: &str| w.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
            layers.extend(words.into_iter().map(word).filter(|w| !w.is_empty()));
        }
    }
    layers
}

fn fail_on(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn imports_follow_the_arrows() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|s| s.layer != "lib") {
        let Some(allowed) = arrows.get(source.layer.as_str()) else {
            complaints.push(format!("{}: the layer {:?} has no arrows — add it to ARROWS where it belongs", source.path.display(), source.layer));
            continue;
        };
        for (number, line) in code(&source.text) {
            if line.trim_end().ends_with("crate::{") {
                complaints.push(format!("{}:{number}: import one layer a line, so that the arrows can be read", source.path.display()));
            }
            for layer in named(line).iter().filter(|l| **l != source.layer && arrows.contains_key(l.as_str())) {
                if !allowed.contains(&layer.as_str()) {
                    complaints.push(format!("{}:{number}: {} must not name {layer}", source.path.display(), source.layer));
                }
            }
        }
    }
    fail_on(&complaints);
}

#[test]
fn arrows_point_down_only() {
    let order: Vec<&str> = ARROWS.iter().map(|(layer, _)| *layer).collect();
    let place = |layer: &str| order.iter().position(|l| *l == layer).unwrap();
    for (layer, allowed) in ARROWS {
        for below in *allowed {
            assert!(place(below) > place(layer), "{layer} → {below} points up");
        }
    }
}

#[test]
fn adapters_do_not_know_each_other() {
    // Shared ground of adapters stands beside them under its own name.
    let kinds: BTreeSet<&str> = ["postgres", "mariadb", "sqlite", "workspace", "book_files"].into();
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|s| s.layer == "adapters") {
        let own = source.path.components().nth(1).map(|c| c.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()).unwrap_or_default();
        for (number, line) in code(&source.text) {
            for other in kinds.iter().filter(|k| **k != own && kinds.contains(own.as_str())) {
                if line.contains(&format!("adapters::{other}")) {
                    complaints.push(format!("{}:{number}: {own} must not name {other}", source.path.display()));
                }
            }
        }
    }
    fail_on(&complaints);
}

#[test]
fn no_binary_float_comes_near_money() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|s| NO_FLOATS.contains(&s.layer.as_str())) {
        for (number, line) in code(&source.text) {
            let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            if words.into_iter().any(|w| w == "f32" || w == "f64") {
                complaints.push(format!("{}:{number}: a binary float", source.path.display()));
            }
        }
    }
    fail_on(&complaints);
}

/// A runner that computes proves itself and not the engine.
#[test]
fn the_case_runner_does_no_arithmetic_of_its_own() {
    let methods = ["add", "sub", "mul", "div", "neg", "abs", "rem", "pow", "ceil", "floor", "sum", "product", "reduced", "num", "den", "scaled"];
    let rounding = ["to_units", "to_minor", "round_dp", "fract", "trunc", "Exact::ratio", "Exact::scaled"];
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|s| s.layer == "cases") {
        for (number, line) in code(&source.text) {
            let place = |what: &str| format!("{}:{number}: {what}: this is the engine's to do", source.path.display());
            let calls = |name: &&str| ["", "checked_", "saturating_", "wrapping_"].iter().any(|kind| line.contains(&format!(".{kind}{name}(")));
            complaints.extend(methods.iter().copied().filter(|name| calls(name)).map(place));
            complaints.extend(rounding.iter().copied().filter(|name| line.contains(&format!("{name}("))).map(place));
            complaints.extend(operators(line).map(|sign| place(&sign)));
        }
    }
    fail_on(&complaints);
}

/// Signs of arithmetic between two values, as `cargo fmt` writes them; none in a text, a path of a type or a trait bound.
fn operators(line: &str) -> impl Iterator<Item = String> {
    let code: String = line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    let signs = [" + ", " - ", " * ", " / ", " % ", " += ", " -= ", " *= ", " /= ", " << ", " >> "];
    signs.into_iter().filter(move |sign| code.contains(sign)).map(str::to_owned)
}

#[test]
fn engines_do_no_io_and_never_wait() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|s| PURE.contains(&s.layer.as_str())) {
        for (number, line) in code(&source.text) {
            for word in IMPURE_WORDS.iter().filter(|w| line.contains(*w)) {
                complaints.push(format!("{}:{number}: {} is pure and must not use {word}", source.path.display(), source.layer));
            }
        }
    }
    fail_on(&complaints);
}

#[test]
fn text_reaches_a_person_only_where_it_is_made_harmless() {
    let mut complaints = Vec::new();
    for source in &sources() {
        let path = source.path.to_string_lossy();
        for (number, line) in code(&source.text) {
            if ["println!", "print!(", "eprint!(", "eprintln!"].iter().any(|w| line.contains(w)) {
                complaints.push(format!("{path}:{number}: words go out through cli/out.rs"));
            }
            // Raw text is for comparing, storing and machine formats that escape on their own.
            if line.contains(".raw()") && ["tui"].contains(&source.layer.as_str()) && !line.contains("osc52") && line.contains("Span::") {
                complaints.push(format!("{path}:{number}: a screen shows text by .shown(width)"));
            }
        }
    }
    fail_on(&complaints);
}

#[test]
fn files_stay_short_and_begin_by_saying_what_they_are() {
    let mut complaints = Vec::new();
    for source in &sources() {
        let lines = source.text.lines().count();
        // What a domain noun's own decoder needs stands in one table; everything else must be split.
        let cap = if source.path.ends_with("domain/decode.rs") { 520 } else { LONGEST_FILE };
        if lines > cap {
            complaints.push(format!("{}: {lines} lines — split it by its nouns", source.path.display()));
        }
        if !source.text.starts_with("//!") {
            complaints.push(format!("{}: does not begin with //! and what belongs in it", source.path.display()));
        }
        if source.path.file_name().is_some_and(|n| n == "mod.rs" || n == "utils.rs") {
            complaints.push(format!("{}: name it by what is in it", source.path.display()));
        }
    }
    fail_on(&complaints);
}

#[test]
fn the_test_itself_sees_what_it_should() {
    assert_eq!(named("use crate::adapters::sqlite::Sqlite;"), ["adapters"]);
    assert_eq!(operators("let x = *a + b - f(\"c * d\");").collect::<Vec<_>>(), [" + ", " - "]);
    assert_eq!(named("use crate::{app::x, domain};"), ["app", "domain"]);
    assert_eq!(named("fn f(x: &crate::tui::Model, y: crate::domain::Y)"), ["tui", "domain"]);
    assert_eq!(code("a // crate::x\n//! y\nb\n#[cfg(test)]\nmod tests {}").map(|(n, l)| (n, l.trim())).collect::<Vec<_>>(), [(1, "a"), (3, "b")]);
}
