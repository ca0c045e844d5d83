//! Reads the tables.

use herenow_wire::{ErrorType, model::platform_kinds};

const ROUTES: &str = include_str!("routes.txt");
const MODELS: &str = include_str!("models.txt");

/// One operation of the API.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its method, in capitals.
    pub method: &'static str,
    /// Its path, with placeholders in braces.
    pub path: String,
    /// What it does.
    pub summary: &'static str,
    /// Who may call it.
    pub(super) who: Who,
    /// With which scope.
    pub(super) scope: Option<&'static str>,
    /// Its parameters beside those of the path.
    pub(super) params: Vec<Field>,
    /// The status of success.
    pub status: u16,
    /// The model of its answer.
    pub(super) answer: Option<&'static str>,
    /// Errors of its own.
    pub(super) errors: Vec<ErrorType>,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// No project is named.
    Nobody,
    /// Everybody, for a project.
    Anyone,
    /// Guests and users.
    Client,
    /// Users.
    User,
    /// Users and keys.
    All,
    /// Keys and operators.
    Key,
    /// Operators.
    Operator,
}

/// Whether a field may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// A named value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) need: Need,
    pub(super) kind: &'static str,
}

/// A model, or a list of one.
#[derive(Debug, Clone)]
pub(super) enum Model {
    Fields(Vec<Field>),
    List { of: &'static str, key: &'static str },
}

/// All operations.
///
/// # Panics
/// Where the table is not understood, which a test finds.
#[must_use]
pub fn operations() -> Vec<Operation> {
    lines(ROUTES).flat_map(expand).collect()
}

/// All models.
pub(super) fn models() -> Vec<(&'static str, Model)> {
    lines(MODELS)
        .map(|line| {
            let (name, rest) = line.split_once(" | ").expect("a model has a name");
            let model = match rest.strip_prefix("of ").and_then(|rest| rest.split_once(' ')) {
                Some((of, key)) => Model::List { of, key },
                None => Model::Fields(fields(rest)),
            };
            (name, model)
        })
        .collect()
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// One line is one operation for each path that it stands for.
fn expand(line: &'static str) -> Vec<Operation> {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let [route, summary, access, params, answer, errors] = columns[..] else { panic!("six columns: {line}") };
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let (who, scope) = access.split_once(' ').map_or((access, None), |(who, scope)| (who, Some(scope)));
    let (status, answer) = answer.split_once(' ').map_or((answer, None), |(status, model)| (status, Some(model)));
    let operation = Operation {
        method,
        path: String::new(),
        summary,
        who: who_of(who),
        scope,
        params: fields(params),
        status: status.parse().expect("a status"),
        answer,
        errors: errors.split_whitespace().map(|name| ErrorType::from_name(name).expect("a type of error")).collect(),
    };
    paths(path).into_iter().map(|path| Operation { path, ..operation.clone() }).collect()
}

fn paths(path: &str) -> Vec<String> {
    let projects = ["/v1/project", "/v1/projects/{projectId}"].map(str::to_owned);
    let webhooks = ["/v1/webhooks", "/v1/projects/{projectId}/webhooks"].map(str::to_owned);
    let kinds: Vec<String> = platform_kinds().map(|(kind, _)| kind.to_owned()).collect();
    let mut paths = vec![path.to_owned()];
    for (word, meanings) in [("{project}", &projects[..]), ("{webhooks}", &webhooks[..]), ("{kind}", &kinds[..])] {
        if path.contains(word) {
            let filled = |path: String| meanings.iter().map(move |meaning| path.replace(word, meaning));
            paths = paths.into_iter().flat_map(filled).collect();
        }
    }
    paths
}

fn who_of(word: &str) -> Who {
    match word {
        "nobody" => Who::Nobody,
        "anyone" => Who::Anyone,
        "client" => Who::Client,
        "user" => Who::User,
        "all" => Who::All,
        "key" | "manager" => Who::Key,
        "operator" => Who::Operator,
        other => panic!("{other} says nothing of who may call"),
    }
}

fn fields(text: &'static str) -> Vec<Field> {
    text.split_whitespace()
        .map(|field| {
            let (name, kind) = field.split_once(':').expect("a name and a kind");
            match name.strip_suffix('?') {
                Some(name) => Field { name, need: Need::Optional, kind },
                None => Field { name, need: Need::Required, kind },
            }
        })
        .collect()
}
