// The lane `docs`: every fenced block of README.md and docs/*.md runs, is opened in a browser, is compiled as far as that
// is possible here, stands before a server as a proxy, or is listed in skipped.mjs with the reason; and every relative link
// of every page leads somewhere.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { check, equal, runLane, truth } from "../harness/checks.mjs";
import { anchorsOf, blocksOf, linksOf } from "./blocks.mjs";
import { BACKUP_BLOCKS } from "./backup.mjs";
import { BROWSER_BLOCKS } from "./browser.mjs";
import { COMPILED_LANGUAGES, checkCompiled } from "./compile.mjs";
import { BEHIND_A_PROXY, PROXY_LANGUAGES, checkProxy, proxyIsThere } from "./proxies.mjs";
import { startServer } from "./server.mjs";
import { BLOCKS_NOT_RUN } from "./skipped.mjs";
import { STORY_LANGUAGES, patternOf, run, tell } from "./stories.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (page) => readFileSync(join(root, page), "utf8");
const pages = ["README.md", ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
/** Blocks that are used as their reader would use them, each in its own way. */
const USED_BLOCKS = [...BROWSER_BLOCKS, ...BACKUP_BLOCKS];
const used = new Set();

const named = (list, page, block) => list.find((entry) => entry.page === page && block.text.trimStart().startsWith(entry.begins));

/** The blocks of a page that run, each with the output that the page shows for it. */
function runnable(page) {
    const blocks = blocksOf(read(page));
    for (const [at, block] of blocks.entries()) {
        if (block.language === "text" && at > 0) blocks[at - 1].expected = block.text;
        const skip = named(BLOCKS_NOT_RUN, page, block);
        block.opened = named(USED_BLOCKS, page, block);
        for (const entry of [skip, block.opened]) if (entry) used.add(entry);
        block.skipped = Boolean(skip) || block.language === "text";
    }
    return blocks.filter((block) => !block.skipped);
}

await runLane(async () => {
    for (const page of pages) {
        const blocks = runnable(page);
        if (blocks.length > 0) await runPage(page, blocks);
    }
    await check("what is listed as not run is there", async () => {
        const listed = [...BLOCKS_NOT_RUN, ...USED_BLOCKS];
        equal(listed.filter((entry) => !used.has(entry)), [], "what no page has any more");
    });
    await links();
});

/** Runs the blocks of a page: those of each language against a server that nobody has used before. */
async function runPage(page, blocks) {
    await checkCompiled(page, blocks.filter(({ language }) => COMPILED_LANGUAGES.includes(language)));
    for (const block of blocks.filter((block) => block.opened)) await open(page, block);
    for (const block of blocks.filter(({ language }) => PROXY_LANGUAGES.includes(language))) await before(page, block);
    const elsewhere = [...COMPILED_LANGUAGES, ...PROXY_LANGUAGES];
    const rest = blocks.filter((block) => !block.opened && !elsewhere.includes(block.language));
    const data = rest.filter((block) => !STORY_LANGUAGES.includes(block.language));
    if (data.length > 0) await withServer((server, environment) => checkData(page, data, server, environment));
    for (const language of STORY_LANGUAGES) {
        const story = rest.filter((block) => block.language === language);
        if (story.length === 0) continue;
        await withServer(async (server, environment) => {
            const adapt = (text) => text.replaceAll(/http:\/\/(127\.0\.0\.1|localhost):8080/g, server.origin);
            const folder = join(server.folder, "story");
            await checkStory(page, story, await tell(language, story, { folder, environment, adapt }));
        });
    }
}

/** Uses a block, with a server under the page's own host name, so that cookies are the page's own. */
async function open(page, { line, text, opened }) {
    const missing = opened.missing();
    if (missing) return console.log(`${page}:${line} is not tried: there is no ${missing} here`);
    await withServer((server, { KEY }) =>
        check(`${page}:${line} ${opened.fact}`, () => {
            const origin = server.origin.replace("127.0.0.1", "localhost");
            return opened.open(text.replaceAll("http://localhost:8080", origin), { folder: server.folder, origin: server.origin, key: KEY });
        }),
    );
}

/** Starts the proxy of a block before a server that is told of it. */
async function before(page, block) {
    const { language, line } = block;
    if (!proxyIsThere(language)) return console.log(`${page}:${line} is not tried: there is no ${language} or openssl here`);
    const use = (server, { KEY }) =>
        check(`${page}:${line} (${language}) lets requests, sockets and event streams through`, () =>
            checkProxy(block, { folder: server.folder, origin: server.origin, key: KEY }),
        );
    await withServer(use, BEHIND_A_PROXY);
}

/** Starts a server, makes a key of its project `demo`, which blocks find in `KEY`, and stops it afterwards. */
async function withServer(work, settings = {}) {
    const server = await startServer(settings);
    try {
        const environment = { DOCS_ORIGIN: server.origin, DOCS_FOLDER: server.folder, CHAT_KEY: process.env.HERENOW_KEY };
        for (const name of ["HERENOW_KEY", "HERENOW_ENDPOINT", "HERENOW_PROJECT"]) environment[name] = undefined;
        const made = await run(process.env.HERENOW_BINARY, ["key", "create", "--project", "demo"], server.folder, environment);
        environment.KEY = made.output.trim();
        await work(server, environment);
    } finally {
        await server.stop();
    }
}

/** One check for each block that is no program: what reads such data takes it. */
async function checkData(page, blocks, server, environment) {
    for (const block of blocks) {
        const name = `${page}:${block.line} is valid ${block.language || "of no language"}`;
        await check(name, () => parse(block, server, environment));
    }
}

/** One check for each block: it came to its end and printed what the page says. */
async function checkStory(page, story, { code, printed, rest }) {
    for (const [at, block] of story.entries()) {
        await check(`${page}:${block.line} (${block.language}) runs`, async () => {
            truth(at < printed.length, `it came to its end (exit ${code}): ${rest.slice(-1500)}`);
            if (block.expected === undefined) return;
            const matches = new RegExp(patternOf(block.expected), "s").test(printed[at]);
            truth(matches, `it printed ${JSON.stringify(block.expected)}, but ${JSON.stringify(printed[at])}`);
        });
    }
    await check(`${page} (${story[0].language}) ends well`, async () => equal(code, 0, "the exit code"));
}

/** Holds blocks that are data against what reads such data. */
async function parse({ language, text, line }, server, environment) {
    if (language === "json") return JSON.parse(text);
    truth(language === "toml", `the lane knows the language ${JSON.stringify(language)}`);
    const file = join(server.folder, `line-${line}.toml`);
    writeFileSync(file, text);
    const options = ["check", "--config", file, "--data", join(server.folder, "checked")];
    const { code, output, errors } = await run(process.env.HERENOW_BINARY, options, server.folder, environment);
    truth(code === 0, `herenow check takes it: ${output}${errors}`);
}

/** Relative links of all pages in git lead to files, and their anchors to headings. */
async function links() {
    const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" });
    for (const page of tracked.trim().split("\n").filter((name) => !name.startsWith("web/dist/") && existsSync(join(root, name)))) {
        await check(`the links of ${page} lead somewhere`, async () => {
            for (const link of linksOf(read(page)).filter((target) => !/^[a-z]+:/.test(target))) {
                const [path, anchor] = link.split("#");
                const target = path === "" ? page : normalize(join(dirname(page), path));
                truth(existsSync(join(root, target)), `${link} is there`);
                if (!anchor || statSync(join(root, target)).isDirectory()) continue;
                truth(anchorsOf(read(target)).includes(anchor), `${link} names a heading`);
            }
        });
    }
}
