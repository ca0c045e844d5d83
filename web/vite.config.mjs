// Builds one page: `vite build --mode demo` or `--mode admin`. Each is whole by itself, so that either can be built and
// reviewed without the other. Knows no page's content.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

import { embedded } from "./embedded.mjs";

const PAGES = ["demo", "admin"];
/** Where the pages look for the API while they are worked on. */
const SERVER = process.env.HERENOW_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => {
    if (!PAGES.includes(mode)) throw new Error(`--mode is one of ${PAGES.join(", ")}, not ${mode}`);
    const folder = process.env.HERENOW_DIST ?? fileURLToPath(new URL("dist", import.meta.url));
    return {
        root: fileURLToPath(new URL(mode, import.meta.url)),
        base: `/${mode}/`,
        publicDir: false,
        define: { "process.env.NODE_ENV": '"production"' },
        build: {
            outDir: `${folder}/${mode}`,
            emptyOutDir: true,
            target: "es2022",
            // Everything is a file of its own: the policy of the pages allows nothing inline.
            assetsInlineLimit: 0,
            modulePreload: { polyfill: false },
            license: { fileName: "licences.md" },
        },
        plugins: [embedded()],
        server: { proxy: { "/v1": { target: SERVER, ws: true } } },
    };
});
