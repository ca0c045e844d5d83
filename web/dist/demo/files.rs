// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-DHpkgWcd.js", tag: "\"65db09c5d098b130\"", bytes: include_bytes!("assets/index-DHpkgWcd.js") },
    File { path: "assets/index-nARK1mXp.css", tag: "\"8e403aaf88b9253c\"", bytes: include_bytes!("assets/index-nARK1mXp.css") },
    File { path: "index.html", tag: "\"5caf45e6643ad841\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"95f60be7a1be18ef\"", bytes: include_bytes!("licences.md") },
]
