//! What a document may cost before it is run: how deep its text nests, how much its fragments unfold to.
//!
//! The library checks depth and complexity only after it has parsed values by recursion and unfolded every fragment
//! wherever it is named, so a small document could overflow the stack or double its work with each line.

use std::collections::HashMap;

use async_graphql::{
    Pos, Positioned, Request, ServerError,
    parser::{
        parse_query,
        types::{Directive, ExecutableDocument, OperationType, Selection, SelectionSet},
    },
};

use super::question::Question;

/// Deepest nesting of brackets in a document, whatever they hold.
const MAX_NESTING: usize = 64;
/// Most fields, spreads, arguments, directives and variables of a document, each fragment counted wherever it is named:
/// the library tells an error of each by itself.
const MAX_PARTS: usize = 1_000;

/// A document that may be run.
pub(super) struct Checked {
    /// For the schema.
    pub(super) request: Request,
    /// Whether the operation that is asked for changes something.
    pub(super) is_mutation: bool,
}

/// Parses a document within its bounds.
///
/// # Errors
/// As GraphQL tells them, for `errors`.
pub(super) fn check(question: Question) -> Result<Checked, ServerError> {
    if nesting(&question.document) > MAX_NESTING {
        return Err(refusal("Query is nested too deep."));
    }
    let parsed = parse_query(&question.document)?;
    let mut unfolding = Unfolding { document: &parsed, fragments: HashMap::new() };
    let mut parts = 0_usize;
    for (_, operation) in parsed.operations.iter() {
        let own = operation.node.variable_definitions.len() + directives(&operation.node.directives);
        parts = parts.saturating_add(own).saturating_add(unfolding.set(&operation.node.selection_set.node)?);
    }
    // Also those that no operation names, since they are checked as well.
    for name in parsed.fragments.keys() {
        parts = parts.saturating_add(unfolding.fragment(name)?);
    }
    if parts > MAX_PARTS {
        return Err(refusal("Query is too complex."));
    }
    let name = question.operation.as_deref();
    let asked = |found: Option<&str>| name.is_none() || found == name;
    let mutations = |kind: OperationType| kind == OperationType::Mutation;
    let is_mutation = parsed
        .operations
        .iter()
        .any(|(found, operation)| asked(found.map(async_graphql::Name::as_str)) && mutations(operation.node.ty));
    let mut request = Request::new(question.document).variables(question.variables);
    if let Some(name) = question.operation {
        request = request.operation_name(name);
    }
    request.set_parsed_query(parsed);
    Ok(Checked { request, is_mutation })
}

fn refusal(text: &str) -> ServerError {
    ServerError::new(text, None)
}

/// How deep the brackets of a document nest, outside of its texts and comments.
fn nesting(document: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = document;
    while let Some(next) = rest.chars().next() {
        let mut skipped = next.len_utf8();
        match next {
            '{' | '[' | '(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            '#' => skipped = rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => skipped = text_bytes(rest),
            _ => {}
        }
        rest = &rest[skipped..];
    }
    deepest
}

/// How long the text is that `rest` begins with, quotes included; one that does not end goes to the end.
fn text_bytes(rest: &str) -> usize {
    if let Some(block) = rest.strip_prefix("\"\"\"") {
        let mut at = 0;
        while let Some(found) = block[at..].find("\"\"\"") {
            at += found;
            if !block[..at].ends_with('\\') {
                return at + 6;
            }
            at += 3;
        }
        return rest.len();
    }
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at + 1,
            // A text ends with its line; what follows is no text, however it goes on.
            '\n' | '\r' => return at,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    rest.len()
}

/// What a fragment unfolds to.
#[derive(Clone, Copy)]
enum Fragment {
    /// It is being counted: who meets it again stands in it.
    Open,
    /// So many parts.
    Counted(usize),
}

/// Directives with their arguments.
fn directives(all: &[Positioned<Directive>]) -> usize {
    all.iter().map(|directive| 1 + directive.node.arguments.len()).sum()
}

/// Counts parts, each fragment once.
struct Unfolding<'a> {
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a str, Fragment>,
}

impl<'a> Unfolding<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<usize, ServerError> {
        let mut count = 0_usize;
        for selection in &set.items {
            let (own, inner) = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    (field.arguments.len() + directives(&field.directives), self.set(&field.selection_set.node)?)
                }
                Selection::InlineFragment(inline) => {
                    (directives(&inline.node.directives), self.set(&inline.node.selection_set.node)?)
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let inner = self.fragment(name).map_err(|error| at(error, selection.pos))?;
                    (directives(&spread.node.directives), inner)
                }
            };
            count = count.saturating_add(1 + own).saturating_add(inner);
        }
        Ok(count)
    }

    /// A name that no fragment has counts nothing: the schema refuses it.
    fn fragment(&mut self, name: &str) -> Result<usize, ServerError> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else { return Ok(0) };
        match self.fragments.insert(name.as_str(), Fragment::Open) {
            Some(Fragment::Open) => {
                return Err(refusal(&format!("Cannot spread fragment \"{name}\" within itself.")));
            }
            Some(Fragment::Counted(count)) => {
                self.fragments.insert(name.as_str(), Fragment::Counted(count));
                return Ok(count);
            }
            None => {}
        }
        let count = self.set(&fragment.node.selection_set.node)? + directives(&fragment.node.directives);
        self.fragments.insert(name.as_str(), Fragment::Counted(count));
        Ok(count)
    }
}

/// The same error, at the innermost place that is known.
fn at(mut error: ServerError, place: Pos) -> ServerError {
    if error.locations.is_empty() {
        error.locations.push(place);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(document: &str, operation: Option<&str>) -> Result<Checked, String> {
        let question = Question { operation: operation.map(str::to_owned), ..Question::new(document.to_owned()) };
        check(question).map_err(|error| error.message)
    }

    #[test]
    fn brackets_in_texts_and_comments_do_not_nest() {
        assert_eq!(nesting("{ a(b: [1]) }"), 3);
        for document in ["{ a(b: \"[[{(\\\"[[\") }", "{ a(b: \"\"\"[[ \\\"\"\" \" [[\"\"\") }", "{ a(b: 1) # [[[\n }"] {
            assert_eq!(nesting(document), 2, "{document}");
        }
        assert_eq!(nesting("{ a(b: \"never ends [[\n[)}"), 3);
        assert_eq!(nesting("}}}{"), 1);
        assert_eq!(nesting("\"\"\"never ends {{"), 0);
    }

    #[test]
    fn a_value_that_nests_without_end_is_refused_before_it_is_parsed() {
        let deep = |open: &str| checked(&format!("{{ a(b: {}", open.repeat(500_000)), None).err();
        for open in ["[", "{c:"] {
            assert_eq!(deep(open).as_deref(), Some("Query is nested too deep."), "{open}");
        }
    }

    #[test]
    fn fragments_that_double_each_other_are_refused_at_once() {
        let mut document = "{ ...F0 }".to_owned();
        for number in 0..60 {
            let next = number + 1;
            document += &format!(" fragment F{number} on Query {{ ...F{next} ...F{next} }}");
        }
        document += " fragment F60 on Query { a }";
        assert_eq!(checked(&document, None).err().as_deref(), Some("Query is too complex."));
    }

    #[test]
    fn a_fragment_within_itself_is_refused() {
        let error = checked("{ ...A } fragment A on Query { ...B } fragment B on Query { a ...A }", None).err();
        assert_eq!(error.as_deref(), Some("Cannot spread fragment \"A\" within itself."));
    }

    #[test]
    fn as_many_parts_as_the_bound_allows_pass() {
        for (before, part, after) in
            [("{ a ", "a ", "}"), ("{ a(", "b: 1 ", ") }"), ("{ a ", "@b ", "}"), ("query(", "$a: Int ", ") { a }")]
        {
            let document = |count: usize| format!("{before}{}{after}", part.repeat(count));
            assert!(checked(&document(MAX_PARTS - 1), None).is_ok(), "{part}");
            assert!(checked(&document(MAX_PARTS), None).is_err(), "{part}");
        }
    }

    #[test]
    fn the_operation_that_is_asked_for_says_whether_something_changes() {
        let both = "query Q { a } mutation M { b }";
        for (document, operation, expected) in [
            ("{ a }", None, false),
            ("mutation { b }", None, true),
            (both, Some("Q"), false),
            (both, Some("M"), true),
            (both, None, true),
        ] {
            let found = checked(document, operation).expect(document).is_mutation;
            assert_eq!(found, expected, "{document} {operation:?}");
        }
    }
}
