// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-CwaLsLT_.js", tag: "\"b7154070691c731a\"", bytes: include_bytes!("assets/index-CwaLsLT_.js") },
    File { path: "assets/index-DO1krluQ.css", tag: "\"985a80e6b1f97918\"", bytes: include_bytes!("assets/index-DO1krluQ.css") },
    File { path: "index.html", tag: "\"e79f24a48bbeaf08\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"30ede2b324e79972\"", bytes: include_bytes!("licences.md") },
]
