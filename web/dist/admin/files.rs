// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/icon-qm7DLRxs.svg", tag: "\"ff6bfc995d665bdf\"", bytes: include_bytes!("assets/icon-qm7DLRxs.svg") },
    File { path: "assets/index-RwnBDPmB.css", tag: "\"502ae737d6a86d12\"", bytes: include_bytes!("assets/index-RwnBDPmB.css") },
    File { path: "assets/index-wtgcGgzN.js", tag: "\"eef80f75f15e5c27\"", bytes: include_bytes!("assets/index-wtgcGgzN.js") },
    File { path: "index.html", tag: "\"662fbee88dcf1883\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"30ede2b324e79972\"", bytes: include_bytes!("licences.md") },
]
