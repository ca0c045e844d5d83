// Blocks that compilers read and nothing here runs: React by TypeScript against the types of the SDK and React, Dart,
// Kotlin and Swift by a grammar and a table of the SDKs' calls, in native.py.

import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { check, equal } from "../harness/checks.mjs";

const NATIVE = ["dart", "kotlin", "swift"];
const packages = realpathSync(fileURLToPath(new URL("node_modules", import.meta.url)));
const TSC = ["--noEmit", "--strict", "--allowJs", "--checkJs", "--skipLibCheck", "--jsx", "preserve"];
const MODULES = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"];

/** Languages that are read so. */
export const COMPILED_LANGUAGES = ["jsx", "tsx", ...NATIVE];

/** One check for each block. */
export async function checkCompiled(page, blocks) {
    for (const block of blocks.filter(({ language }) => !NATIVE.includes(language))) {
        await check(`${page}:${block.line} (${block.language}) passes TypeScript`, async () => equal(typed(block), "", "what tsc says"));
    }
    const native = blocks.filter(({ language }) => NATIVE.includes(language));
    const found = native.length > 0 ? parsed(native) : [];
    for (const [at, block] of native.entries()) {
        const name = `${page}:${block.line} (${block.language}) is of its grammar and makes calls that the SDK has`;
        await check(name, async () => equal(found[at], [], "its faults"));
    }
    const languages = [...new Set(native.map(({ language }) => language))].sort();
    if (native.length > 0) console.log(`not checked of ${languages.join(", ")}: types, and that they run (no such SDK is here)`);
}

function typed({ language, text }) {
    const folder = mkdtempSync(join(tmpdir(), "herenow-docs-types-"));
    try {
        symlinkSync(packages, join(folder, "node_modules"));
        writeFileSync(join(folder, `block.${language}`), text);
        const tsc = join(packages, "typescript/bin/tsc");
        const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, ...TSC, ...MODULES, `block.${language}`], { cwd: folder, encoding: "utf8" });
        return status === 0 ? "" : stdout + stderr;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function parsed(blocks) {
    const script = fileURLToPath(new URL("native.py", import.meta.url));
    const input = JSON.stringify(blocks.map(({ language, text }) => ({ language, text })));
    const { stdout, stderr, status } = spawnSync(process.env.HERENOW_DOCS_PYTHON, [script], { input, encoding: "utf8" });
    if (status !== 0) throw new Error(`native.py ended with ${status}: ${stderr}`);
    return JSON.parse(stdout);
}
