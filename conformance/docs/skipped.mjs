// What does not run here, and why. An entry that no block needs any more fails the lane.

/** Languages whose compilers or hosts the tests do not have. */
export const LANGUAGES_NOT_RUN = {
    dart: "needs the Flutter SDK",
    kotlin: "needs an Android SDK",
    swift: "needs Apple's toolchain",
    jsx: "needs a bundler and React; the calls in it are those of the js blocks",
    nginx: "needs nginx",
    caddy: "needs Caddy",
};

/** Single blocks, named by their page and how they begin. */
export const BLOCKS_NOT_RUN = [
    { page: "README.md", begins: "cargo run --release -- serve", why: "the lane has started the server" },
    { page: "README.md", begins: "mkdir hello", why: "serves a page until it is stopped; the lane web opens one like it" },
    { page: "README.md", begins: "cargo xtask test", why: "this lane is a part of it" },
    { page: "docs/start.md", begins: "cargo build --release", why: "the lane has built and started the server" },
    { page: "docs/api.md", begins: "const url =", why: "Node has no EventSource; conformance/tests/streams reads the stream" },
    { page: "docs/operating.md", begins: "dpkg --install", why: "cargo xtask package-test does it, as root" },
    { page: "docs/operating.md", begins: "cd /var/lib/herenow", why: "needs an installed package and sqlite3" },
    { page: "docs/performance.md", begins: "cargo build --release", why: "takes a quiet machine and long" },
];
