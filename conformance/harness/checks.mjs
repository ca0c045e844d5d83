// Named checks for the JavaScript lanes: one line each, one closing line, an exit code. Knows no SDK.

/** Where the lane's server is; xtask sets these. */
export const server = {
    endpoint: fromEnvironment("HERENOW_ENDPOINT"),
    project: fromEnvironment("HERENOW_PROJECT"),
    key: fromEnvironment("HERENOW_KEY"),
};

/** How long anything may take before it counts as not happening. */
export const DEADLINE_MS = 15_000;

const CHECK_DEADLINE_MS = 60_000;
const PROBE_EVERY_MS = 20;
const counts = { passed: 0, failed: 0 };

/** Runs one check; what it throws is the reason of its failure, and the next check runs all the same. */
export async function check(name, body) {
    try {
        await withDeadline(CHECK_DEADLINE_MS, "the whole check", body());
        counts.passed += 1;
        console.log(`ok ${name}`);
    } catch (error) {
        counts.failed += 1;
        console.log(`FAIL ${name}: ${describe(error)}`);
    }
}

/** Runs the lane, prints the closing line and ends the process. */
export async function runLane(lane) {
    try {
        await lane();
    } catch (error) {
        counts.failed += 1;
        console.log(`FAIL the lane itself: ${describe(error)}`);
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed`);
    process.exit(counts.failed === 0 ? 0 : 1);
}

/** Waits until `probe` gives something truthy and gives that back. */
export async function eventually(what, probe) {
    const end = Date.now() + DEADLINE_MS;
    for (;;) {
        const found = await probe();
        if (found) return found;
        if (Date.now() > end) throw new Error(`waited ${DEADLINE_MS / 1000} s in vain for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
    }
}

/** How many sockets the server has open, as its metrics tell. */
export async function openSockets() {
    const metrics = await (await fetch(new URL("/metrics", server.endpoint))).text();
    return Number(/^herenow_connections (\d+)$/m.exec(metrics)[1]);
}

/** Holds that a call is refused with this status and error type. */
export async function refused(code, type, call) {
    let answer;
    try {
        answer = await call();
    } catch (error) {
        equal(`${error.code} ${error.type}`, `${code} ${type}`, "the refusal");
        return;
    }
    throw new Error(`expected ${code} ${type}, but it was answered: ${JSON.stringify(answer)}`);
}

/** Holds that two values are the same, as JSON; the order of keys means nothing. */
export function equal(actual, expected, what) {
    const [have, want] = [actual, expected].map((value) => JSON.stringify(value, sortedKeys));
    if (have !== want) throw new Error(`${what} is ${have}, not ${want}`);
}

/** Holds that something is true. */
export function truth(condition, claim) {
    if (!condition) throw new Error(`not so: ${claim}`);
}

/** A name that no other check of this run has used. */
export function fresh(prefix) {
    fresh.count = (fresh.count ?? 0) + 1;
    return `${prefix}-${fresh.count}`;
}

/** A moment to come, as `expiresAt` wants it. */
export function inSeconds(seconds) {
    return new Date(Date.now() + seconds * 1000).toISOString();
}

function fromEnvironment(name) {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set: run this lane through \`cargo xtask lanes\``);
    return value;
}

function sortedKeys(_, value) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function withDeadline(milliseconds, what, work) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} took over ${milliseconds / 1000} s`)), milliseconds);
    });
    try {
        return await Promise.race([work, late]);
    } finally {
        clearTimeout(timer);
    }
}

function describe(error) {
    if (!(error instanceof Error)) return String(error);
    const status = error.code ? ` (${error.code} ${error.type})` : "";
    return `${error.message}${status}`.replaceAll("\n", " ");
}
