//! Columns as constants, for the readers of rows: a name the contract does not have is an error of the compiler.

/// One module an entity, one constant a column.
macro_rules! columns {
    ($($module:ident of $entity:ident { $($name:ident = $text:literal),* $(,)? })*) => {
        $(
            #[doc = concat!("Columns of `", stringify!($entity), "`.")]
            pub mod $module {
                use crate::domain::contract::{Column, Entity};
                $(
                    #[doc = concat!("`", $text, "`")]
                    pub const $name: Column = Column::of(Entity::$entity, $text);
                )*
            }
        )*
    };
}

columns! {
    customers of Customers {
        ID = "id",
        NAME = "name",
        EMAIL = "email",
        COUNTRY = "country",
        REGION = "region",
        CURRENCY = "currency",
        EXTERNAL_ID = "external_id",
    }
    plans of Plans {
        ID = "id",
        NAME = "name",
        CURRENCY = "currency",
        INTERVAL = "interval",
        INTERVAL_COUNT = "interval_count",
        FLAT_PRICE = "flat_price",
        ACTIVE = "active",
        EXTERNAL_ID = "external_id",
    }
    charges of Charges {
        PLAN_ID = "plan_id",
        METRIC = "metric",
        MODEL = "model",
        INCLUDED = "included",
        PACKAGE_SIZE = "package_size",
        UNIT_PRICE = "unit_price",
        TIERS = "tiers",
        MINIMUM = "minimum",
        MAXIMUM = "maximum",
    }
    subscriptions of Subscriptions {
        ID = "id",
        CUSTOMER_ID = "customer_id",
        PLAN_ID = "plan_id",
        STATUS = "status",
        STARTED_ON = "started_on",
        ENDED_ON = "ended_on",
        TRIAL_END = "trial_end",
        QUANTITY = "quantity",
        PRICE_OVERRIDE = "price_override",
        DISCOUNT_PERCENT = "discount_percent",
        ANCHOR_DAY = "anchor_day",
        IN_ADVANCE = "in_advance",
        CURRENCY = "currency",
    }
    usage of Usage {
        SUBSCRIPTION_ID = "subscription_id",
        METRIC = "metric",
        OCCURRED_AT = "occurred_at",
        PERIOD_START = "period_start",
        QUANTITY = "quantity",
        INGESTED_AT = "ingested_at",
        IDEMPOTENCY_KEY = "idempotency_key",
    }
    invoices of Invoices {
        ID = "id",
        NUMBER = "number",
        SUBSCRIPTION_ID = "subscription_id",
        CUSTOMER_ID = "customer_id",
        STATUS = "status",
        KIND = "kind",
        PERIOD_START = "period_start",
        PERIOD_END = "period_end",
        ISSUED_ON = "issued_on",
        CURRENCY = "currency",
        SUBTOTAL = "subtotal",
        TAX = "tax",
        TOTAL = "total",
    }
    lines of InvoiceLines {
        INVOICE_ID = "invoice_id",
        SUBSCRIPTION_ID = "subscription_id",
        PERIOD_START = "period_start",
        KIND = "kind",
        DESCRIPTION = "description",
        QUANTITY = "quantity",
        AMOUNT = "amount",
    }
    links of Links {
        ORDER_ID = "order_id",
        SUBSCRIPTION_ID = "subscription_id",
    }
    taxes of Taxes {
        NAME = "name",
        RATE = "rate",
        REGION = "region",
        CUSTOMER_ID = "customer_id",
        VALID_FROM = "valid_from",
        VALID_TO = "valid_to",
        EXEMPT = "exempt",
        COMPOUND = "compound",
    }
    price_versions of PriceVersions {
        PLAN_ID = "plan_id",
        METRIC = "metric",
        PRICE = "price",
        VALID_FROM = "valid_from",
        VALID_TO = "valid_to",
    }
    exchange_rates of ExchangeRates {
        FROM_CURRENCY = "from_currency",
        TO_CURRENCY = "to_currency",
        VALID_FROM = "valid_from",
        RATE = "rate",
    }
    discounts of Discounts {
        SUBSCRIPTION_ID = "subscription_id",
        CODE = "code",
        KIND = "kind",
        VALUE = "value",
        VALID_FROM = "valid_from",
        VALID_TO = "valid_to",
        POSITION = "position",
    }
    events of Events {
        SUBSCRIPTION_ID = "subscription_id",
        AT = "at",
        WHAT = "what",
        FROM = "from",
        TO = "to",
    }
    jobs of Jobs {
        NAME = "name",
        CRON = "cron",
        ACTIVE = "active",
        LAST_RUN = "last_run",
        NEXT_RUN = "next_run",
    }
}
