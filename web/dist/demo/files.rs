// Made by the build of the pages: `cargo xtask pages`.
[
    File { path: "assets/index-C0HOz3mL.css", tag: "\"d3f23b67015f4b30\"", bytes: include_bytes!("assets/index-C0HOz3mL.css") },
    File { path: "assets/index-CZCiw-1D.js", tag: "\"941cd79206a45ac9\"", bytes: include_bytes!("assets/index-CZCiw-1D.js") },
    File { path: "index.html", tag: "\"a3fa949744ed27df\"", bytes: include_bytes!("index.html") },
    File { path: "licences.md", tag: "\"95f60be7a1be18ef\"", bytes: include_bytes!("licences.md") },
]
