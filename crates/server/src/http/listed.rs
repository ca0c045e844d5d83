//! The routes: which handler answers to which method of which path. A list first, so that a test can hold each against
//! the table of who may call it; then a table in which requests find theirs.

use std::{borrow::Cow, pin::Pin, sync::Arc};

use axum::response::Response;
use http::{HeaderValue, Method};
use percent_encoding::percent_decode_str;
use smol_str::SmolStr;

use super::{call::Call, pipeline};
use crate::{failure::Failure, metrics::RouteMeter};

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its method; `HEAD` goes with `GET`.
    pub method: Method,
    /// Its path, placeholders in braces.
    pub path: String,
}

/// An answer that is being made.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send>>;

/// What answers to a call.
type Handler = Arc<dyn Fn(Call) -> Answering + Send + Sync>;

/// What a path answers to.
#[derive(Clone, Default)]
pub(super) struct Methods(Vec<(Method, Handler)>);

macro_rules! methods {
    ($($name:ident $method:ident,)*) => {
        $(
            /// A path that answers to this method.
            pub(super) fn $name<A>(handler: impl Fn(Call) -> A + Send + Sync + 'static) -> Methods
            where
                A: Future<Output = Result<Response, Failure>> + Send + 'static,
            {
                Methods::default().$name(handler)
            }
        )*

        impl Methods {
            $(
                /// The same path, answering to this method too.
                pub(super) fn $name<A>(mut self, handler: impl Fn(Call) -> A + Send + Sync + 'static) -> Self
                where
                    A: Future<Output = Result<Response, Failure>> + Send + 'static,
                {
                    self.0.push((Method::$method, handler_of(handler)));
                    self
                }
            )*
        }
    };
}

fn handler_of<A>(handler: impl Fn(Call) -> A + Send + Sync + 'static) -> Handler
where
    A: Future<Output = Result<Response, Failure>> + Send + 'static,
{
    Arc::new(move |call| Box::pin(handler(call)))
}

methods! {
    get GET,
    post POST,
    put PUT,
    patch PATCH,
    delete DELETE,
}

impl Methods {
    fn find(&self, method: &Method) -> Option<&Handler> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.0.iter().find(|(of, _)| of == method).map(|(_, handler)| handler)
    }

    /// The value of `Allow`.
    fn allowed(&self) -> HeaderValue {
        let words = self.0.iter().map(|(method, _)| if *method == Method::GET { "GET,HEAD" } else { method.as_str() });
        let words: Vec<_> = words.collect();
        HeaderValue::try_from(words.join(",")).expect("methods are words")
    }
}

/// Routes, in the order in which they were named.
#[derive(Default)]
pub(super) struct Router {
    paths: Vec<(String, Methods)>,
    routes: Vec<Route>,
}

impl Router {
    /// No routes.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// With one more path.
    pub(super) fn route(mut self, path: &str, methods: Methods) -> Self {
        self.routes.extend(methods.0.iter().map(|(method, _)| Route { method: method.clone(), path: path.to_owned() }));
        self.case(path, methods)
    }

    /// With one more path that is a case of one with a placeholder, told apart for what it does not answer to.
    pub(super) fn case(mut self, path: &str, methods: Methods) -> Self {
        self.paths.push((path.to_owned(), methods));
        self
    }

    /// With all of another's.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        self.routes.extend(other.routes);
        self
    }

    /// All of them.
    pub(super) fn into_routes(self) -> Vec<Route> {
        self.routes
    }

    /// The table in which requests find them.
    pub(super) fn into_table(self) -> Table {
        let mut tree = matchit::Router::new();
        for (pattern, methods) in self.paths {
            let path = Path { meter: Arc::new(RouteMeter::new(&*pattern)), allowed: methods.allowed(), methods };
            tree.insert(pattern, path).expect("no two paths are named alike");
        }
        Table {
            tree,
            nowhere: Arc::new(RouteMeter::new("unmatched")),
            unmatched: handler_of(pipeline::unmatched),
            wrong_method: handler_of(pipeline::wrong_method),
        }
    }
}

/// The routes as requests find them.
pub struct Table {
    tree: matchit::Router<Path>,
    /// Counts what there is no path for.
    nowhere: Arc<RouteMeter>,
    /// Answers where there is no such path.
    unmatched: Handler,
    /// Answers where the path is not answered to by the method.
    wrong_method: Handler,
}

struct Path {
    meter: Arc<RouteMeter>,
    methods: Methods,
    /// The value of `Allow`.
    allowed: HeaderValue,
}

/// The placeholders of a path by their names, percent-decoded.
pub(super) type Placeholders = Vec<(SmolStr, String)>;

/// What a request found.
pub(super) struct Found<'table> {
    /// Counts what the path answers; its name is that of the path, or says that there is no such one.
    pub(super) meter: &'table Arc<RouteMeter>,
    /// What the placeholders of the path stand for.
    pub(super) placeholders: Placeholders,
    /// What answers.
    pub(super) handler: &'table Handler,
    /// The methods that the path answers to, where it does not answer to this one.
    pub(super) allowed: Option<&'table HeaderValue>,
}

impl Table {
    /// Finds what answers.
    pub(super) fn find<'table>(&'table self, method: &Method, path: &str) -> Found<'table> {
        let Ok(found) = self.tree.at(path) else {
            return Found { meter: &self.nowhere, placeholders: Vec::new(), handler: &self.unmatched, allowed: None };
        };
        let (path, handler) = (found.value, found.value.methods.find(method));
        Found {
            meter: &path.meter,
            placeholders: decoded(found.params.iter()).unwrap_or_default(),
            handler: handler.unwrap_or(&self.wrong_method),
            allowed: if handler.is_none() { Some(&path.allowed) } else { None },
        }
    }
}

/// The placeholders of a path; none where one is no UTF-8.
fn decoded<'sent>(sent: impl Iterator<Item = (&'sent str, &'sent str)>) -> Option<Placeholders> {
    let decode = |text: &str| match text.contains('%') {
        true => percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned),
        false => Some(text.to_owned()),
    };
    sent.map(|(name, value)| Some((name.into(), decode(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_finds_its_path_and_what_that_answers_to() {
        let routes = Router::new().route("/a/{id}", get(pipeline::unmatched).put(pipeline::unmatched)).into_table();
        for method in [Method::GET, Method::HEAD, Method::PUT] {
            let found = routes.find(&method, "/a/%C3%A9");
            assert_eq!((&**found.meter.name(), found.allowed), ("/a/{id}", None), "{method}");
            assert_eq!(found.placeholders, [("id".into(), "é".to_owned())]);
        }
        let wrong = routes.find(&Method::POST, "/a/b");
        assert_eq!(wrong.allowed.expect("others are"), "GET,HEAD,PUT");
        assert!(routes.find(&Method::GET, "/a/%FF").placeholders.is_empty());
        for path in ["/a", "/a/", "/a/b/c", "*", ""] {
            assert_eq!(&**routes.find(&Method::GET, path).meter.name(), "unmatched", "{path}");
        }
    }
}
