// Writes the table with which the server takes a built page into its binary: `files.rs` beside the page's files. A tag is
// the hash of what is in the file, so that the table changes exactly when a file does.

import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

const TABLE = "files.rs";

export function embedded() {
    let folder;
    return {
        name: "embedded",
        apply: "build",
        configResolved(config) {
            folder = config.build.outDir;
        },
        async closeBundle() {
            const entries = await readdir(folder, { recursive: true, withFileTypes: true });
            const names = entries.filter((entry) => entry.isFile()).map((entry) => path(folder, entry));
            const rows = await Promise.all(names.filter((name) => name !== TABLE).sort().map((name) => row(folder, name)));
            await writeFile(join(folder, TABLE), `// Made by the build of the pages: \`cargo xtask pages\`.\n[\n${rows.join("")}]\n`);
        },
    };
}

function path(folder, entry) {
    return relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
}

async function row(folder, name) {
    const hash = createHash("sha256").update(await readFile(join(folder, name))).digest("hex").slice(0, 16);
    return `    File { path: "${name}", tag: "\\"${hash}\\"", bytes: include_bytes!("${name}") },\n`;
}
