// Runs the blocks of one page and language as one program, and tells how each ended and what it printed. What a block
// prints is held against the ```text block that follows it.

import { spawn } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const STORY_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_MS = 15_000;
const END = "::end of block";
const sdks = fileURLToPath(new URL("../sdk-node", import.meta.url));

// A stream never ends, so it is read for a while. The names of the README become the binary under test.
const SHELL = `
set -e
shopt -s expand_aliases
curl() {
    case " $* " in *" -"[a-zA-Z]*N" "*|*" -N "*) command curl --fail-with-body --max-time 3 "$@" || [ $? = 28 ];;
    *) command curl --fail-with-body --max-time 20 "$@";; esac
}
herenow() {
    if [ "$1" = watch ]; then
        timeout 3 "$HERENOW_BINARY" "$@" --endpoint "$DOCS_ORIGIN/v1" || [ $? = 124 ]
    else "$HERENOW_BINARY" "$@"; fi
}
cargo() { while [ "$1" != -- ]; do shift; done; shift; herenow "$@"; }
`;

// A page without a document: what a block listens to on the window happens once when the block has run.
const SCRIPT = `
import ${JSON.stringify(new URL("../sdk-node/window.mjs", import.meta.url).href)};
const said = [];
const log = console.log;
console.log = (...words) => { said.push(words.join(" ")); log(...words); };
const listened = new Set();
const toEnd = async (number, wanted) => {
    for (const type of listened) target.dispatchEvent(Object.assign(new Event(type), { clientX: 3, clientY: 4 }));
    listened.clear();
    const end = Date.now() + ${OUTPUT_LIMIT_MS};
    const matches = () => new RegExp(wanted, "s").test(said.join("\\n"));
    while (wanted && !matches() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    said.length = 0;
    log("${END} " + number);
};
const target = new EventTarget();
for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) {
    window[name] = target[name].bind(target);
    globalThis[name] ??= window[name];
}
const listen = window.addEventListener;
window.addEventListener = (type, ...more) => {
    listened.add(type);
    listen(type, ...more);
};
globalThis.location = { pathname: "/notes" };
`;

/** What a block must print, as a pattern: \`…\` stands for anything. */
export function patternOf(text) {
    const escaped = text.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return `^\\s*${escaped.replaceAll("…", ".*?")}\\s*$`;
}

const PROGRAMS = {
    sh: (blocks) => ["bash", "story.sh", SHELL + blocks.map(({ text }, at) => `${text}\necho "${END} ${at}"`).join("\n")],
    python: (blocks) => {
        const ended = blocks.map(({ text }, at) => `${text}\nprint("${END} ${at}", flush=True)`);
        return [process.env.HERENOW_PYTHON, "story.py", ended.join("\n")];
    },
    js: scriptOf,
    mjs: scriptOf,
};

/** Which languages run as stories; `js` is for browsers, `mjs` for Node. */
export const STORY_LANGUAGES = Object.keys(PROGRAMS);

/** Runs the story; gives, for each block that came to its end, what it printed, and how the program ended. */
export async function tell(language, blocks, { folder, environment, adapt }) {
    mkdirSync(folder, { recursive: true });
    if (language === "js" || language === "mjs") {
        symlinkSync(realpathSync(join(sdks, "node_modules")), join(folder, "node_modules"));
    }
    const [program, name, text] = PROGRAMS[language](blocks);
    writeFileSync(join(folder, name), adapt(text));
    const workingFolder = language === "sh" ? environment.DOCS_FOLDER : folder;
    const { code, output, errors } = await run(program, [join(folder, name)], workingFolder, environment);
    const printed = output.split(new RegExp(`${END} \\d+\\n`));
    return { code, printed: printed.slice(0, -1), rest: printed.at(-1) + errors };
}

/** One module: imports come first, once each, as a page may repeat them. */
function scriptOf(blocks) {
    const imports = new Map();
    const bodies = blocks.map(({ text, expected }, at) => {
        const body = text.replace(/^import \{([^}]*)\} from "([^"]+)";$/gm, (_, names, from) => {
            const known = imports.get(from) ?? new Set();
            imports.set(from, known);
            for (const one of names.split(",")) if (one.trim()) known.add(one.trim());
            return "";
        });
        return `${body}\nawait toEnd(${at}, ${JSON.stringify(expected ? patternOf(expected) : "")});`;
    });
    const lines = [...imports].map(([from, names]) => `import { ${[...names].join(", ")} } from "${from}";`);
    return [process.execPath, "story.mjs", [SCRIPT, ...lines, ...bodies, "process.exit(0);"].join("\n")];
}

/** Runs a program to its end, or to the limit. */
export function run(program, options, folder, environment) {
    return new Promise((resolve, reject) => {
        const child = spawn(program, options, { cwd: folder, env: { ...process.env, ...environment } });
        const heard = { output: "", errors: "" };
        child.stdout.on("data", (data) => (heard.output += data));
        child.stderr.on("data", (data) => (heard.errors += data));
        child.stdin.end();
        const timer = setTimeout(() => child.kill("SIGKILL"), STORY_LIMIT_MS);
        child.on("error", reject);
        child.on("close", (code) => {
            clearTimeout(timer);
            resolve({ code, ...heard });
        });
    });
}
