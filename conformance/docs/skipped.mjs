// What does not run here, and why. An entry that no block needs any more fails the lane.

/** Single blocks, named by their page and how they begin. */
export const BLOCKS_NOT_RUN = [
    { page: "README.md", begins: "cargo run --release -- serve", why: "the lane has started the server" },
    { page: "README.md", begins: "cargo xtask test", why: "this lane is a part of it" },
    { page: "docs/start.md", begins: "cargo build --release", why: "the lane has built and started the server" },
    { page: "docs/operating.md", begins: "dpkg --install", why: "cargo xtask package-test does it, as root" },
    { page: "docs/performance.md", begins: "cargo build --release", why: "takes a quiet machine and long" },
];
