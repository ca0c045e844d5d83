// Blocks that are pages: opened in a real browser, as who reads them would.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

import { DEADLINE_MS, equal, truth } from "../harness/checks.mjs";

const CHROMIUM = process.env.HERENOW_CHROMIUM ?? "/usr/bin/chromium";
const TYPES = { ".html": "text/html", ".js": "text/javascript" };
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];
const packages = realpathSync(fileURLToPath(new URL("node_modules", import.meta.url)));

/** Which blocks are opened: their page, how they begin, and what must be seen. */
export const BROWSER_BLOCKS = [
    { page: "README.md", begins: "mkdir hello", fact: "two windows see each other, and a backend's write", missing, open: hello },
    { page: "docs/api.md", begins: "const url =", fact: "a page hears a presence through EventSource", missing, open: eventSource },
];

function missing() {
    return existsSync(CHROMIUM) ? undefined : "Chromium";
}

/** The page of the README, made by its own commands; npm and the server of the page are stood in for. */
async function hello(text, api) {
    const shims = `set -e
        npm() { [ "$*" = "install appwrite@28" ] && ln -s ${JSON.stringify(packages)} node_modules; }
        python3() { [ "$*" = "-m http.server 3000" ]; }\n`;
    const made = spawnSync("bash", ["-c", shims + text], { cwd: api.folder, encoding: "utf8" });
    equal(made.status, 0, `the exit code of the commands: ${made.stderr}`);
    await inBrowser(join(api.folder, "hello"), async (window) => {
        const pages = [await window(), await window()];
        const both = () => log.textContent.match(/^presences\.\w+\.upsert {2}online$/gm)?.length === 2;
        for (const page of pages) await page.waitForFunction(both, null, { timeout: DEADLINE_MS });
        await writeByKey(api, "alice-laptop");
        const third = () => log.textContent.endsWith("\npresences.alice-laptop.upsert  online\n");
        for (const page of pages) await page.waitForFunction(third, null, { timeout: DEADLINE_MS });
    });
}

/** A page that only listens, as a guest. */
async function eventSource(text, api) {
    const folder = join(api.folder, "stream");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "index.html"), `<script type="module">${text}</script>`);
    await inBrowser(folder, async (window) => {
        const said = [];
        await window((message) => said.push(message.text()));
        await writeByKey(api, "told");
        const end = Date.now() + DEADLINE_MS;
        while (!said.some((line) => line.startsWith("presences.told.upsert")) && Date.now() < end) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        truth(said.some((line) => line.startsWith("presences.told.upsert")), `it said ${JSON.stringify(said)}`);
        truth(said.some((line) => line.startsWith("presences.snapshot.end")), "the snapshot came first");
    });
}

/** Writes, as a backend does, the presence of a user of the same id, for all to read. */
async function writeByKey({ origin, key }, id) {
    const headers = { "X-Appwrite-Project": "demo", "X-Appwrite-Key": key, "Content-Type": "application/json" };
    const call = async (method, path, body, status) => {
        const answer = await fetch(`${origin}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
        equal(answer.status, status, `${method} ${path}: ${await answer.text()}`);
    };
    await call("POST", "users", { userId: id }, 201);
    await call("PUT", `presences/${id}`, { userId: id, status: "online", permissions: ['read("any")'] }, 200);
}

/** Serves a folder, and opens its page in windows that share nothing with each other. */
async function inBrowser(folder, work) {
    const files = createServer((request, response) => serve(folder, request, response));
    await new Promise((resolve) => files.listen(0, "127.0.0.1", resolve));
    // Chromium writes fonts and crash reports to the home folder, which may not be there.
    const home = mkdtempSync(join(tmpdir(), "herenow-docs-browser-"));
    const env = { ...process.env, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home };
    const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS, env });
    try {
        await work(async (onConsole) => {
            const page = await (await browser.newContext()).newPage();
            if (onConsole) page.on("console", onConsole);
            await page.goto(`http://localhost:${files.address().port}/`);
            return page;
        });
    } finally {
        await browser.close();
        files.close();
        rmSync(home, { recursive: true, force: true });
    }
}

async function serve(folder, request, response) {
    const path = join(folder, normalize(request.url === "/" ? "/index.html" : request.url));
    if (!existsSync(path) || !statSync(path).isFile()) {
        response.writeHead(404).end();
        return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(await readFile(path));
}
