// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-CBLF9JaX.js", tag: "\"4744dd87c2951ea7\"", bytes: include_bytes!("assets/index-CBLF9JaX.js") },
    File { path: "assets/index-H7wAYZD_.css", tag: "\"f79a00899347b93f\"", bytes: include_bytes!("assets/index-H7wAYZD_.css") },
    File { path: "index.html", tag: "\"ab3170e09a851720\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"95f60be7a1be18ef\"", bytes: include_bytes!("licences.md") },
]
