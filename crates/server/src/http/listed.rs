//! A router that knows its routes, so that a test can hold each against the table of who may call it. It is built as
//! axum's own, and becomes one.

use axum::{handler::Handler, routing::MethodRouter};
use http::Method;

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its method; `HEAD` goes with `GET`.
    pub method: Method,
    /// Its path, placeholders in braces.
    pub path: String,
}

/// What a path answers to.
#[derive(Clone, Default)]
pub(super) struct Methods {
    inner: MethodRouter,
    methods: Vec<Method>,
}

macro_rules! methods {
    ($($name:ident $method:ident,)*) => {
        $(
            /// A path that answers to this method.
            pub(super) fn $name<H: Handler<T, ()>, T: 'static>(handler: H) -> Methods {
                Methods::default().$name(handler)
            }
        )*

        impl Methods {
            $(
                /// The same path, answering to this method too.
                pub(super) fn $name<H: Handler<T, ()>, T: 'static>(mut self, handler: H) -> Self {
                    self.inner = self.inner.$name(handler);
                    self.methods.push(Method::$method);
                    self
                }
            )*
        }
    };
}

methods! {
    get GET,
    post POST,
    put PUT,
    patch PATCH,
    delete DELETE,
}

/// Routes, in the order in which they were named.
#[derive(Default)]
pub(super) struct Router {
    inner: axum::Router,
    routes: Vec<Route>,
}

impl Router {
    /// No routes.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// With one more path.
    pub(super) fn route(mut self, path: &str, methods: Methods) -> Self {
        self.inner = self.inner.route(path, methods.inner);
        self.routes.extend(methods.methods.into_iter().map(|method| Route { method, path: path.to_owned() }));
        self
    }

    /// With one more path that is a case of one with a placeholder, told apart for what it does not answer to.
    pub(super) fn case(mut self, path: &str, methods: Methods) -> Self {
        self.inner = self.inner.route(path, methods.inner);
        self
    }

    /// With all of another's.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.inner = self.inner.merge(other.inner);
        self.routes.extend(other.routes);
        self
    }

    /// All of them.
    pub(super) fn into_routes(self) -> Vec<Route> {
        self.routes
    }

    /// The router that serves them.
    pub(super) fn into_axum(self) -> axum::Router {
        self.inner
    }
}
