//! The rating engine: the properties it must have, held against slow oracles in whole numbers, and charges of every model through
//! whole runs.
//!
//! The 21 properties of billing arithmetic, and what holds each. The oracles are `rating/oracle.rs` (fractions of whole numbers, counted
//! unit by unit and day by day) and `runs/oracle.sql` (one FULL OUTER JOIN over the same random books).
//!
//! | | property | held by |
//! |---|---|---|
//! | 1 | the same input in any order, by any number of desks, is the same bytes | `runs::properties::sums_hold_and_order_changes_nothing`, `runs::differential`, `whole::the_order_of_what_was_used_changes_nothing` |
//! | 2 | rating is a fold: other batches and repeated keys change nothing | `book::how_usage_was_recorded_changes_nothing`, `runs::usage_sums::sums_are_what_their_records_are` |
//! | 3 | nothing used is the flat price, with the first tier's fee where that is declared; the quota is free | `whole::nothing_used_costs_what_is_declared`, `charges::packages_are_counted` |
//! | 4 | more is never cheaper, but by volume | `charges::graduated_rises_adds_up_and_steps_only_by_fees`, `charges::packages_are_counted`, `charges::what_volume_is_known_to_do` |
//! | 5 | graduated steps only by fees, and is volume in its first tier | `charges::graduated_rises_adds_up_and_steps_only_by_fees`, `charges::tiers_are_what_counting_says` |
//! | 6 | what is used later costs the difference | `charges::graduated_rises_adds_up_and_steps_only_by_fees` |
//! | 7 | a pool is never dearer than each for itself | `charges::a_pooled_quota_never_costs_more` |
//! | 8 | parts of a period add up to it | `days::parts_of_a_period_add_up`, `changes::each_day_is_billed_as_it_was` |
//! | 9 | days are counted alike by first and last day and by half-open spans | `days::day_counts_agree_with_their_rules`, `days::parts_of_a_period_add_up`, the case `calendar_days_tz` |
//! | 10 | changing and changing back is nothing, and no credit is above its charge | `days::changing_and_changing_back_is_nothing`, `changes::there_and_back_on_a_day_is_nothing` |
//! | 11 | anchors of the 29th to the 31st never drift | `days::anchors_never_drift` |
//! | 12 | periods tile, and arrears are advance one later | `days::periods_tile_and_arrears_are_advance_one_later` |
//! | 13 | rounding is near, symmetric and idempotent | `money::rounding_is_what_looking_at_both_neighbours_says` |
//! | 14 | tax: net and tax are the gross, stages differ within bounds, a credit for all takes all back | `money::tax_of_lines_by_every_stage`, `money::a_held_tax_comes_out_and_goes_in_again`, `money::canada_by_parts_and_whole` |
//! | 15 | a split loses nothing; by equal weights no part is a unit off its share, by others the odd units gather at the front | `money::a_split_loses_nothing` |
//! | 16 | prices scale before rounding, a currency's digits matter at the last stage only | `bounds::prices_scale_and_a_currency_rounds_only_at_the_end`, `money::scale_and_digits_matter_where_they_should` |
//! | 17 | currencies are never added, and an unknown one has no digits | `money::money_of_two_currencies_is_never_added` |
//! | 18 | no number panics; what does not fit is an error that names its plan or row | `bounds::a_rating_is_an_amount_or_an_error_that_names_its_plan`, `money::nothing_panics`, `runs::properties::parsing_never_panics_and_never_shortens` |
//! | 19 | deltas turn round with the sides, keys are unique, blank ids join nothing, sums are conserved | `runs::properties`, `runs::integrity`, `runs::specimen` |
//! | 20 | the explainer: a cause put in is first, without its row never confirmed, noise is left alone, a match stays one | `explain::properties`, `explain::calibrate` |
//! | 21 | what is written reads back, and is rounded, never cut | `bounds::what_is_printed_is_rounded_and_reads_back`, `runs::properties::money_prints_and_parses_to_itself`, `cli_reconcile::reports_are_the_same_rows_in_every_form` |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "support/memory.rs"]
mod memory;
#[path = "support/project.rs"]
#[allow(dead_code, reason = "the specimen book is another program's")]
mod project;
#[path = "support/side_profile.rs"]
mod side_profile;

#[path = "rating/bill.rs"]
mod bill;
#[path = "rating/book.rs"]
mod book;
#[path = "rating/bounds.rs"]
mod bounds;
#[path = "rating/changed.rs"]
mod changed;
#[path = "rating/changes.rs"]
mod changes;
#[path = "rating/charges.rs"]
mod charges;
#[path = "rating/days.rs"]
mod days;
#[path = "rating/money.rs"]
mod money;
#[path = "rating/oracle.rs"]
mod oracle;
#[path = "rating/whole.rs"]
mod whole;
