// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-BntFitKr.css", tag: "\"eeaaf75d4d586d2b\"", bytes: include_bytes!("assets/index-BntFitKr.css") },
    File { path: "assets/index-DiD78Ja5.js", tag: "\"368718920c535eda\"", bytes: include_bytes!("assets/index-DiD78Ja5.js") },
    File { path: "index.html", tag: "\"3a69a84690fff50a\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"95f60be7a1be18ef\"", bytes: include_bytes!("licences.md") },
]
