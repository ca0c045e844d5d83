// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-H7wAYZD_.css", tag: "\"f79a00899347b93f\"", bytes: include_bytes!("assets/index-H7wAYZD_.css") },
    File { path: "assets/index-XDah-BUW.js", tag: "\"65db09c5d098b130\"", bytes: include_bytes!("assets/index-XDah-BUW.js") },
    File { path: "index.html", tag: "\"1767ddc114793fea\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"95f60be7a1be18ef\"", bytes: include_bytes!("licences.md") },
]
