//! The JSON schema of `dualrun.toml` for editors, made from the key table the parser uses.

use super::keys::{KeySpec, ROOT, SECRET, SIDE, Shape};
use super::known::ANSWERED;
use crate::domain::contract::Entity;
use serde_json::{Map, Value, json};

/// JSON schema, draft 2020-12. An editor that knows it completes and checks keys; what needs the whole file
/// (a word listed twice, a missing SQL file) only the program tells.
pub fn schema() -> Value {
    let mut root = section(ROOT);
    if let Some(map) = root.as_object_mut() {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".to_owned(), json!("dualrun.toml"));
        map.insert("description".to_owned(), json!("A dual run: one service, its two sides, and what is asked there."));
    }
    root
}

/// The same of `runbook.toml`.
pub fn runbook_schema() -> Value {
    let mut root = section(super::runbook::keys::RUNBOOK);
    if let Some(map) = root.as_object_mut() {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".to_owned(), json!("runbook.toml"));
        map.insert("description".to_owned(), json!("The stages of a cutover, each with what proves it and who signs."));
    }
    root
}

fn section(keys: &[KeySpec]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys.iter().filter(|k| k.required).map(|k| k.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(key: &KeySpec) -> Value {
    let mut value = of_shape(key.shape);
    if let Some(map) = value.as_object_mut() {
        map.insert("description".to_owned(), json!(key.about));
    }
    value
}

fn of_shape(shape: Shape) -> Value {
    match shape {
        Shape::Text | Shape::Path | Shape::Zone => json!({ "type": "string", "minLength": 1 }),
        Shape::Currency => json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
        Shape::Number => json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$" }),
        Shape::Signed => json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$" }),
        Shape::Span => json!({ "type": "string", "pattern": "^[0-9]+ ?(s|m|h|d|days|weeks)( ?[0-9]+ ?(s|m|h|d))*$" }),
        Shape::Moment => json!({ "type": "string", "format": "date-time" }),
        Shape::Query => query(),
        Shape::Parameters => parameters(),
        Shape::Duration => json!({ "type": "string", "pattern": "^[0-9]+ ?(ms|s|m|h)( ?[0-9]+ ?(ms|s|m|h))*$" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Integer(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Words => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
        Shape::WordMap(words) => json!({ "type": "object", "additionalProperties": { "enum": words } }),
        Shape::Secret => secret(),
        Shape::Queries => queries(),
        Shape::Checks => json!({ "type": "object", "additionalProperties": query() }),
        Shape::Section(keys) if keys == SIDE => side(),
        Shape::Section(keys) => section(keys),
        Shape::Sections(keys) => json!({ "type": "array", "items": section(keys) }),
    }
}

/// A side: what else it must have depends on its kind; and what a known system answers need not be written.
fn side() -> Value {
    let mut side = section(SIDE);
    if let Some(required) = side["required"].as_array_mut() {
        required.retain(|name| !ANSWERED.iter().any(|answered| name == answered));
    }
    if let Some(map) = side.as_object_mut() {
        map.insert("anyOf".to_owned(), json!([{ "required": ["profile"] }, { "required": ANSWERED }]));
        map.insert("if".to_owned(), json!({ "properties": { "kind": { "const": "sqlite" } } }));
        map.insert("then".to_owned(), json!({ "required": ["path"] }));
        map.insert("else".to_owned(), json!({ "required": ["host", "database", "user"] }));
    }
    side
}

fn secret() -> Value {
    let [env, file, command] = SECRET;
    json!({
        "type": "object",
        "properties": {
            env: { "type": "string", "pattern": "^[A-Z_][A-Z0-9_]*$" },
            file: { "type": "string", "minLength": 1 },
            command: { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        },
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
    })
}

fn query() -> Value {
    let sql = json!({ "type": "string", "minLength": 1 });
    json!({
        "oneOf": [
            sql,
            {
                "type": "object",
                "properties": {
                    "sql": sql,
                    "file": { "type": "string", "minLength": 1 },
                    "parameters": parameters(),
                },
                "oneOf": [{ "required": ["sql"] }, { "required": ["file"] }],
                "additionalProperties": false,
            },
        ],
    })
}

fn parameters() -> Value {
    json!({
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" },
        "additionalProperties": { "type": ["string", "integer"] },
    })
}

fn queries() -> Value {
    let entities: Map<String, Value> = Entity::ALL.iter().map(|entity| (entity.word().to_owned(), query())).collect();
    json!({ "type": "object", "properties": entities, "additionalProperties": false, "minProperties": 1 })
}
