// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-BonIVGbl.js", tag: "\"f73ea3ccb4860ced\"", bytes: include_bytes!("assets/index-BonIVGbl.js") },
    File { path: "index.html", tag: "\"c2b69c846ed9351d\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"b0e81618f0996d42\"", bytes: include_bytes!("licences.md") },
]
