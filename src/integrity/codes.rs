//! Every finding integrity can make: its stable word, its weight, what it means and what to do.

use crate::domain::finding::Weight;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable word in reports.
    pub word: &'static str,
    /// How it weighs.
    pub weight: Weight,
    /// What it means.
    pub message: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

macro_rules! codes {
    ($($name:ident $word:literal $weight:ident: $message:literal => $remedy:literal;)*) => {
        $(#[doc = $message]
        pub const $name: Code = Code { word: $word, weight: Weight::$weight, message: $message, remedy: $remedy };)*

        /// All of them.
        pub const ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    BLANK_ID "blank_id" Blocking: "documents whose subscription id is only blanks: they stay unlinked and never join an empty id" => "correct the ids in the source";
    UNLINKED_INVOICE "unlinked_invoice" Warning: "money billed with no subscription: it is in no match rate, only in coverage" => "decide per document whether it is a one-off or lost its subscription";
    UNLINKED_TARGET "unlinked_target_document" Blocking: "target documents with no subscription: nothing in the source stands against them" => "give them their subscription or cancel them";
    VOID "void_left_out" Note: "documents left out because their status says void" => "none, unless the status is not trusted";
    DRAFT "draft_left_out" Note: "documents left out because they are not issued" => "none, unless the status is not trusted";
    ZERO "zero_left_out" Note: "documents of nothing, left out" => "none";
    ZERO_WITH_MONEY "zero_with_money" Warning: "documents left out because their net is nought, while their tax or lines are not" => "check their headers";
    UNKNOWN_DOCUMENT_STATUS "unknown_document_status" Blocking: "documents without a status, or with one the vocabulary does not know: nobody can say whether they count" => "add the word to billable or left_out in dualrun.toml";
    HEADER_ONLY "header_only" Note: "documents that carry their charge only in the header; summing lines would lose it" => "none: the header counts";
    HEADER_LINES_DIFFER "header_lines_differ" Warning: "header differs from the sum of its lines (header less lines beside the id); the header is what the customer was billed" => "find the missing or extra lines";
    STRAY_LINE "orphan_line" Warning: "lines whose document was not read" => "check the queries of invoices and invoice_lines";
    TOTAL_DIFFERS "total_differs" Warning: "total is not subtotal plus tax" => "find which of the three is wrong";
    DUPLICATE_ID "duplicate_id" Blocking: "the same document id read more than once: all are counted, none is chosen" => "find out which is real";
    DUPLICATE_SUBSCRIPTION "duplicate_subscription_id" Blocking: "several subscriptions with one id; where more than one is due the row is not comparable" => "make the ids unique, or end all but one";
    DUPLICATE_PLAN "duplicate_plan_id" Blocking: "several plans with one id: neither is chosen, their subscriptions are not comparable" => "make the ids unique";
    DUPLICATE_CUSTOMER "duplicate_customer_id" Warning: "several customers with one id; the first of them in the order of their texts names the rows" => "make the ids unique";
    LOOKALIKE "lookalike_id" Warning: "ids that differ only by case, blanks, invisible characters or Unicode form: they are kept apart" => "check that they are meant to be two";
    LOOKALIKE_ACROSS "lookalike_across_sides" Warning: "a source id without partner that looks like a target id: perhaps one subscription spelled two ways" => "correct one side, or declare the key kind";
    ORPHAN_INVOICE "orphan_invoice" Warning: "documents that name a subscription the side does not have" => "check the subscriptions query, or the document";
    ORPHAN_USAGE "orphan_usage" Warning: "usage of subscriptions the side does not have" => "check the subscriptions query, or the meter";
    ORPHAN_CUSTOMER "orphan_subscription_customer" Warning: "subscriptions whose customer is not there" => "check the customers query";
    ORPHAN_PLAN "orphan_subscription_plan" Blocking: "subscriptions whose plan is not there: they cannot be rated" => "check the plans query";
    DUPLICATE_CHARGE "duplicate_charge" Blocking: "a plan charges one metric twice: neither is chosen, its subscriptions are not comparable" => "leave one charge a metric and plan";
    DUPLICATE_TAX "duplicate_tax" Warning: "a tax rate that stands twice: it is taken once" => "leave one";
    ORDER_CLASH "order_id_is_subscription" Warning: "orders with the id of a subscription: the id means the subscription, the order stands for nothing" => "give the order an id of its own";
    ANCHORS_DIFFER "anchor_differs" Warning: "the two sides bill from different days of the month: the source's periods are compared" => "make the anchor days agree";
    TAX_NOT_COMPARED "tax_not_compared" Warning: "the source stores tax and the target's is not known: only net amounts are compared" => "map the target's taxes";
    EMPTY_ENTITY "empty_entity" Blocking: "a mapped query delivered no row at all" => "check the query, and the table it reads";
    STRAY_CHARGE "orphan_charge" Warning: "charges of plans that are not there" => "check the plans query";
    UNKNOWN_STATUS "unknown_status" Blocking: "subscriptions without a status, or with one the vocabulary does not know" => "add the word to active, ended or inactive in dualrun.toml";
    ENDED_WITHOUT_DATE "ended_without_date" Warning: "subscriptions whose status says ended and that have no end date: they are not due" => "give them their end date";
    INACTIVE_SUBSCRIPTION "inactive_subscription" Note: "subscriptions that are not active: filtered, counted, and billed only for days before their end" => "none";
    INACTIVE_PLAN "inactive_plan" Note: "plans that are not sold: filtered, counted" => "none";
    ACTIVE_ON_INACTIVE_PLAN "active_on_inactive_plan" Warning: "active subscriptions on a plan that is not sold any more" => "check that an import that leaves inactive plans out does not lose them";
    NEGATIVE "negative_amount" Warning: "amounts or prices below nought where none belong" => "check signs and the credit rule (credit_amounts)";
    ABSURD "absurd_amount" Warning: "amounts beyond ten million major units" => "check the money unit (money_unit)";
    OVERLAP "overlapping_periods" Warning: "two documents of one subscription cover some of the same days" => "check for double billing";
    CURRENCY_MIX "currency_mix" Blocking: "the two sides are in different currencies: no delta, in no sum" => "correct the plan or the document";
    UNIT_MISMATCH "unit_mismatch" Blocking: "every row with both amounts differs by exactly the minor unit's factor (100 for cents): one side is read in cents, the other in whole units" => "declare money_unit = \"minor\" on the side whose query delivers cents, or correct the query";
    DUPLICATE_DOCUMENT "duplicate_document" Blocking: "equal documents for one subscription and period that together are a multiple of what is expected" => "credit the extra ones";
    SEVERAL_DOCUMENTS "several_documents" Note: "rows whose actual is the sum of several documents" => "none";
    DRAFT_RATING_DIFFER "draft_rating_differ" Warning: "the target's own document differs from dualrun's rating of the target's catalogue: the document decides" => "find out what the target's engine does differently";
    LATE_USAGE "late_usage" Warning: "usage that arrived after its invoice was issued: it is rated, the source did not bill it" => "bill it in the next invoice, or agree a cut-off";
    NO_TAX_RATE "no_tax_rate" Warning: "no tax rate is known for the customer: tax is not compared" => "add the rate to taxes";
    DUE_UNBILLED "due_unbilled" Warning: "due in the source, not in the target, and billed by nobody" => "decide whether the customer owes for it";
    IDLE_USAGE "usage_not_due" Warning: "usage of subscriptions that are not due and not billed" => "check whether they should be running";
    REPEATED_USAGE "repeated_usage" Warning: "usage records that came more than once with one idempotency key: each is added once" => "check the meter; the source may have billed them twice";
    UNCHARGED_METRIC "metric_of_another_plan" Warning: "usage of a metric that the target's plan does not charge, while another plan does" => "check that the charge is linked to the right plan";
    PRECISION_PRICE "price_precision_loss" Warning: "the target's unit price is the source's, cut to fewer digits; the money is the loss per year at this month's usage" => "store the price with all its digits, per package";
    PRECISION_UNIT "coarse_unit_price" Warning: "a unit price so small that its last stored digit decides money: worst case per year at this month's usage" => "store the price per package of units, not per unit";
}
