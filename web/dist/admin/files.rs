// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/index-BonIVGbl.js", tag: "\"f73ea3ccb4860ced\"", bytes: include_bytes!("assets/index-BonIVGbl.js") },
    File { path: "index.html", tag: "\"5eee0910a8d48bc9\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"b0e81618f0996d42\"", bytes: include_bytes!("licences.md") },
]
