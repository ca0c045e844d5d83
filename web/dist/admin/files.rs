// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-DWp5as3w.css", tag: "\"f612b2e8d1c41320\"", bytes: include_bytes!("assets/index-DWp5as3w.css") },
    File { path: "assets/index-xOs3nyML.js", tag: "\"4015a0679c928f5d\"", bytes: include_bytes!("assets/index-xOs3nyML.js") },
    File { path: "index.html", tag: "\"ef90f06443ec1aa9\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"30ede2b324e79972\"", bytes: include_bytes!("licences.md") },
]
