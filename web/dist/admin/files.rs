// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-B0ykoAqz.js", tag: "\"24678d63a2fe375c\"", bytes: include_bytes!("assets/index-B0ykoAqz.js") },
    File { path: "assets/index-DWp5as3w.css", tag: "\"f612b2e8d1c41320\"", bytes: include_bytes!("assets/index-DWp5as3w.css") },
    File { path: "index.html", tag: "\"2e85c85c087ed33a\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"30ede2b324e79972\"", bytes: include_bytes!("licences.md") },
]
