//! In which form each column is sent: the server's own binary digits where there is a reader for them, the bytes of strings, and
//! everything else as the text its type prints.

use crate::domain::contract::{Column, ColumnKind, Entity};
use crate::domain::decode::Wire;
use sqlx::TypeInfo as _;
use sqlx::postgres::PgTypeInfo;

/// The form of a result column. What the contract does not name is only looked at by a person or a check, as text. A timestamp without
/// a zone stays text, for what it means is the side's to declare; so do binary floats, for their text is what is exact about them.
pub fn wire(entity: Option<Entity>, name: &str, info: &PgTypeInfo) -> Wire {
    if entity.and_then(|entity| Column::named(entity, name)).is_none() {
        return Wire::Text;
    }
    match info.name() {
        "NUMERIC" => Wire::Numeric,
        "INT2" | "INT4" | "INT8" => Wire::Integer,
        "DATE" => Wire::Date,
        "TIMESTAMPTZ" => Wire::Instant,
        "BOOL" => Wire::Bool,
        "UUID" => Wire::Uuid,
        _ => Wire::Text,
    }
}

/// The form a column is handed on in. What the contract takes for text is printed on its way, whatever digits it is sent in.
pub fn read_as(entity: Option<Entity>, name: &str, sent: Wire) -> Wire {
    let kind = entity.and_then(|entity| Column::named(entity, name)).map(Column::kind);
    if kind == Some(ColumnKind::Text) { Wire::Text } else { sent }
}

/// What to select for a column so that it arrives in its form. A value whose text has no natural bound is held back by the server
/// beyond `limit` bytes, since the driver would hold a whole message in memory: `mark` and its length come instead.
pub fn expression(name: &str, wire: Wire, info: &PgTypeInfo, limit: usize, mark: &str) -> String {
    let held_back =
        |text: &str| format!("WHEN pg_catalog.octet_length({text}) > {limit} THEN pg_catalog.concat('{mark}', pg_catalog.octet_length({text}))");
    // No cast to text: some types have one of their own that is not what they print (bool, inet). And no IS NULL: it is true of a
    // composite value all of whose fields are NULL.
    let printed = format!("pg_catalog.concat({name})");
    let unless_null = format!("CASE WHEN {name} IS NOT DISTINCT FROM NULL THEN NULL");
    match info.name() {
        _ if wire != Wire::Text => name.to_owned(),
        "NAME" => name.to_owned(),
        "TEXT" => format!("CASE {}::pg_catalog.text ELSE {name} END", held_back(name)),
        "VARCHAR" => format!("CASE {}::pg_catalog.varchar ELSE {name} END", held_back(name)),
        "CHAR" => format!("CASE {}::pg_catalog.bpchar ELSE {name} END", held_back(name)),
        "BOOL" | "INT2" | "INT4" | "INT8" | "FLOAT4" | "FLOAT8" | "NUMERIC" | "DATE" | "TIME" | "TIMETZ" | "TIMESTAMP" | "TIMESTAMPTZ"
        | "INTERVAL" | "UUID" | "OID" | "\"CHAR\"" | "INET" | "CIDR" | "MACADDR" | "MACADDR8" | "VOID" => {
            format!("{unless_null} ELSE {printed} END")
        }
        _ => format!("{unless_null} {} ELSE {printed} END", held_back(&printed)),
    }
}
