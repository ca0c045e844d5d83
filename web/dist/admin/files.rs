// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-CWj1_JVq.js", tag: "\"faeea58e8d096fad\"", bytes: include_bytes!("assets/index-CWj1_JVq.js") },
    File { path: "assets/index-DAkmBXVJ.css", tag: "\"cfa3f4f7cc44c55c\"", bytes: include_bytes!("assets/index-DAkmBXVJ.css") },
    File { path: "index.html", tag: "\"27310abbb1867876\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"30ede2b324e79972\"", bytes: include_bytes!("licences.md") },
]
