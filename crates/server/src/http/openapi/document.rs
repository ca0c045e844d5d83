//! From the tables to the document.

use std::collections::BTreeMap;

use herenow_wire::{API_VERSION, ErrorType};
use serde_json::{Map, Value, json};

use super::table::{Field, Model, Need, Operation, Who, models, operations};

/// The whole document.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for operation in operations() {
        let methods = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        methods[operation.method.to_ascii_lowercase()] = described(&operation);
    }
    let schemas: Map<String, Value> =
        models().into_iter().map(|(name, model)| (name.to_owned(), schema_of(&model))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Herenow",
            "version": API_VERSION,
            "summary": "Who is here right now, and every change of it, live.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Error": {
                "description": "Refused, with the type of the error",
                "content": {"application/json": {"schema": reference("Error")}},
            }},
            "securitySchemes": security_schemes(),
        },
    })
}

fn described(operation: &Operation) -> Value {
    let words: Vec<&str> = operation.path.split(['/', '{', '}', '.', '-']).filter(|word| !word.is_empty()).collect();
    let tag = words.iter().copied().find(|word| *word != "v1").unwrap_or("operations");
    let is_query = operation.method == "GET";
    let mut parameters: Vec<Value> = placeholders(&operation.path).map(path_parameter).collect();
    if is_query {
        parameters.extend(operation.params.iter().map(query_parameter));
    }
    let mut described = json!({
        "operationId": format!("{}_{}", operation.method.to_ascii_lowercase(), words.join("_")),
        "summary": operation.summary,
        "tags": [tag],
        "security": security(operation.who),
        "parameters": parameters,
        "responses": responses(operation),
    });
    if let Some(scope) = operation.scope {
        described["description"] = json!(format!("Needs the scope `{scope}`."));
    }
    if !is_query && !operation.params.is_empty() {
        let content = json!({"application/json": {"schema": object(&operation.params)}});
        let needed = operation.params.iter().any(|field| field.need == Need::Required);
        described["requestBody"] = json!({"required": needed, "content": content});
    }
    described
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": kind("id")})
}

fn query_parameter(field: &Field) -> Value {
    // A list is sent as name[0]=…&name[1]=…, or name[]=… again and again.
    let name = if field.kind == "texts" { format!("{}[]", field.name) } else { field.name.to_owned() };
    json!({"name": name, "in": "query", "required": field.need == Need::Required, "schema": kind(field.kind)})
}

fn responses(operation: &Operation) -> Value {
    let mut responses = Map::new();
    let mut success = json!({"description": if operation.status == 101 { "It is a WebSocket now" } else { "Done" }});
    match operation.answer {
        Some("text") => success["content"] = json!({"text/plain": {"schema": {"type": "string"}}}),
        Some("object") => success["content"] = json!({"application/json": {"schema": {"type": "object"}}}),
        Some(model) => success["content"] = json!({"application/json": {"schema": reference(model)}}),
        None => {}
    }
    responses.insert(operation.status.to_string(), success);
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for error in common_errors(operation).iter().chain(&operation.errors) {
        let types = by_status.entry(error.status()).or_default();
        if !types.contains(&error.as_str()) {
            types.push(error.as_str());
        }
    }
    for (status, types) in by_status {
        let quoted: Vec<String> = types.iter().map(|kind| format!("`{kind}`")).collect();
        let error = json!({"$ref": "#/components/responses/Error", "description": quoted.join(", ")});
        responses.insert(status.to_string(), error);
    }
    Value::Object(responses)
}

/// What every operation of its kind can answer.
fn common_errors(operation: &Operation) -> Vec<ErrorType> {
    if operation.who == Who::Nobody {
        return Vec::new();
    }
    let mut errors = vec![ErrorType::GeneralUnknownOrigin, ErrorType::ProjectNotFound];
    if !matches!(operation.who, Who::Anyone | Who::Client) {
        errors.push(ErrorType::GeneralUnauthorizedScope);
    }
    if !operation.params.is_empty() || operation.path.contains('{') {
        errors.push(ErrorType::GeneralArgumentInvalid);
    }
    if operation.method != "GET" {
        errors.extend([ErrorType::GeneralBadRequest, ErrorType::GeneralPayloadTooLarge]);
        errors.extend([ErrorType::GeneralOverloaded, ErrorType::GeneralStorageFull]);
    }
    errors
}

fn security(who: Who) -> Value {
    let with = |scheme: &str| json!({"project": [], scheme: []});
    match who {
        Who::Nobody => json!([]),
        Who::Anyone | Who::Client => json!([{"project": []}]),
        Who::User => json!([with("session"), with("jwt")]),
        Who::All => json!([with("session"), with("jwt"), with("key")]),
        Who::Key => json!([with("key"), {"project": [], "session": [], "mode": []}]),
        Who::Operator => json!([with("session")]),
    }
}

fn security_schemes() -> Value {
    let header = |name: &str, description: &str| json!({"type": "apiKey", "in": "header", "name": name, "description": description});
    json!({
        "project": header("X-Appwrite-Project", "The id of the project; `console` for what is the operators'."),
        "key": header("X-Appwrite-Key", "An API key of the project."),
        "session": header("X-Appwrite-Session", "A session; browsers send the cookie `a_session_PROJECT` instead."),
        "jwt": header("X-Appwrite-JWT", "A JWT of a user."),
        "mode": header("X-Appwrite-Mode", "`admin`: an operator acts on the project."),
    })
}

fn schema_of(model: &Model) -> Value {
    match model {
        Model::Fields(fields) => object(fields),
        Model::List { of, key } => json!({
            "type": "object",
            "required": ["total", key],
            "properties": {"total": kind("int"), *key: {"type": "array", "items": reference(of)}},
        }),
    }
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|field| (field.name.to_owned(), kind(field.kind))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.need == Need::Required).map(|field| field.name).collect();
    json!({"type": "object", "required": required, "properties": properties})
}

fn reference(model: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{model}")})
}

fn kind(kind: &str) -> Value {
    match kind {
        "id" => json!({"type": "string", "maxLength": 36}),
        "text" => json!({"type": "string"}),
        "int" => json!({"type": "integer"}),
        "number" => json!({"type": "number"}),
        "objects" => json!({"type": "array", "items": {"type": "object"}}),
        "bool" => json!({"type": "boolean"}),
        "time" => json!({"type": "string", "format": "date-time"}),
        "texts" => json!({"type": "array", "items": {"type": "string"}}),
        "object" => json!({"type": "object"}),
        "email" => json!({"type": "string", "format": "email"}),
        "phone" => json!({"type": "string", "pattern": "^\\+[1-9][0-9]{0,14}$"}),
        "url" => json!({"type": "string", "format": "uri"}),
        "password" => json!({"type": "string", "format": "password", "minLength": 8, "maxLength": 256}),
        other => panic!("{other} is no kind of value"),
    }
}
