//! The palette: found by a few letters, done as by its key.

use crate::driver::Driver;
use dualrun::domain::currency::Currency;
use dualrun::tui::Effect;
use dualrun::tui::keymap::Command;
use dualrun::tui::model::job::JobAsked;
use dualrun::tui::model::palette::Choice;
use dualrun::tui::model::{Overlay, Screen};
use insta::assert_snapshot;

const SIZES: [((u16, u16), &str); 2] = [((140, 42), "140x42"), ((80, 24), "80x24")];

fn found(driver: &Driver) -> Vec<Choice> {
    let Some(Overlay::Palette(palette)) = driver.model.overlays.last() else { panic!("no palette") };
    palette.found.iter().map(|found| palette.items[found.item].choice.clone()).collect()
}

#[test]
fn it_offers_what_can_be_done_here_with_its_keys() {
    for (size, label) in SIZES {
        let mut driver = Driver::demo(size);
        driver.press("3:");
        assert_snapshot!(format!("open_{label}"), driver.picture());
        driver.press("wai");
        assert_snapshot!(format!("wai_{label}"), driver.picture());
        assert_eq!(found(&driver)[0], Choice::Do(Command::Waive));
        driver.press("<enter>");
        assert!(matches!(&driver.model.overlays[..], [Overlay::Waive(_)]), "as by its key");
    }
}

#[test]
fn words_may_be_given_in_any_order_and_screens_and_months_are_found() {
    let mut driver = Driver::demo((100, 30));
    driver.press(":import go");
    assert_eq!(found(&driver)[0], Choice::Do(Command::Go(Screen::Import)));
    driver.press("<enter>");
    assert_eq!((driver.model.screen, driver.model.overlays.len()), (Screen::Import, 0));
    driver.press(":2026-03<enter>");
    assert_eq!(driver.model.month.unwrap().to_string(), "2026-03");
    driver.press(":theme contrast<enter>");
    assert_eq!(driver.model.setup.theme.name, dualrun::config::user::ThemeName::HighContrast);
    driver.press(":q?<esc>");
    assert!(driver.left.is_empty() && driver.model.overlays.is_empty(), "letters are letters");
}

#[test]
fn what_is_no_command_is_an_id_to_jump_to() {
    let mut driver = Driver::demo((140, 42));
    driver.press("1:sub-1003");
    assert_eq!(found(&driver), [Choice::SaveView, Choice::Jump]);
    driver.press("<down><enter>");
    assert_eq!(driver.model.screen, Screen::Reconcile);
    assert_eq!(driver.model.table.selected_row().unwrap().key.raw(), "sub-1003");
    let cad = Currency::known("CAD").unwrap();
    assert_eq!(driver.model.table.totals.as_ref().unwrap().money[0].0, cad);
}

#[test]
fn a_jump_leaves_a_filter_that_hides_the_row_and_goes_on_from_there() {
    let mut driver = Driver::demo((80, 24));
    driver.press("3/verdict:match<enter>Jsub-1003<enter>");
    assert_eq!(driver.model.table.selected_row().unwrap().key.raw(), "sub-1003");
    assert!(driver.picture().contains("the filter is off"));
    assert_eq!(driver.model.table.totals.as_ref().unwrap().rows, 9);
    driver.press("u");
    assert_eq!(driver.model.table.filter.verdicts.len(), 1, "the filter comes back");
    driver.press("cJsub-1<enter>");
    let first = driver.model.table.selected_row().unwrap().key.clone();
    driver.press("n");
    let second = driver.model.table.selected_row().unwrap().key.clone();
    assert_ne!(first, second);
    driver.press("N");
    assert_eq!(driver.model.table.selected_row().unwrap().key, first);
    driver.press("N");
    assert!(driver.picture().contains("no further row has sub-1"));
    driver.press("Jnobody<enter>");
    assert!(driver.picture().contains("no row of this run has nobody"));
}

#[test]
fn the_table_is_written_as_it_is_seen() {
    let mut driver = Driver::demo((80, 24));
    driver.press("3/verdict:delta<enter>E");
    assert_snapshot!("write_80x24", driver.picture());
    driver.press("json<enter>");
    let [Effect::Start(JobAsked::Write(asked))] = &driver.left[..] else { panic!("{:?}", driver.left) };
    assert_eq!((asked.run, &asked.filter, asked.columns.len()), (14, &driver.model.table.filter, 13));
    assert_eq!(asked.kind.extension(), "jsonl");
}

#[test]
fn what_is_written_has_the_rows_order_and_columns_that_are_seen() {
    let mut driver = Driver::demo((140, 42));
    // Without customers, greatest delta first.
    driver.press("3/verdict:delta<enter>sCjj <esc>E<enter>");
    let effect = driver.left.pop().unwrap();
    driver.work(effect);
    assert!(driver.picture().contains("4 rows in"), "{}", driver.picture());
    let path = driver.folder.path().join("exports/rows-2026-05.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("verdict,subscription_id,plan,period,currency,actual_net,expected_net,delta_net,"), "{}", lines[0]);
    assert!(lines[1].starts_with("delta,sub-1001,Large,2026-05,CAD,9.13,200.00,190.87,"), "{}", lines[1]);
    let keys: Vec<&str> = lines[1..].iter().filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(keys, ["sub-1001", "sub-1002", "sub-1003", "sub-1004"]);
    // A second one has a name of its own.
    driver.press("Ejson<enter>");
    let effect = driver.left.pop().unwrap();
    driver.work(effect);
    driver.press("E<enter>");
    let effect = driver.left.pop().unwrap();
    driver.work(effect);
    assert!(driver.folder.path().join("exports/rows-2026-05-2.csv").exists());
    let json = std::fs::read_to_string(driver.folder.path().join("exports/rows-2026-05.jsonl")).unwrap();
    assert!(json.starts_with("{\"verdict\":\"delta\",\"subscription_id\":\"sub-1001\",\"plan\":"), "{json}");
    assert_eq!(std::fs::read_dir(driver.folder.path().join("exports")).unwrap().count(), 3, "and nothing else is left");
}
