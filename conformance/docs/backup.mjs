// The block that backs a server up: run beside the server, and restored from as the page says.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { equal, eventually } from "../harness/checks.mjs";
import { startServer } from "./server.mjs";

/** Which blocks these are. */
export const BACKUP_BLOCKS = [
    {
        page: "docs/operating.md",
        begins: "cd /var/lib/herenow",
        fact: "a backup beside the running server restores keys, sessions and presences",
        missing: () => (spawnSync("sh", ["-c", "command -v sqlite3"]).status === 0 ? undefined : "sqlite3"),
        open: backUp,
    },
];

async function backUp(text, { folder, origin, key }) {
    const asKey = { "X-Appwrite-Key": key };
    await call(origin, asKey, "POST", "users", { userId: "ada" }, 201);
    const { secret } = await call(origin, asKey, "POST", "users/ada/sessions", {}, 201);
    const asAda = { "X-Appwrite-Session": secret };
    await call(origin, asAda, "PUT", "presences/ada", { status: "before" }, 200);
    const [data, backup] = [join(folder, "herenow-data"), join(folder, "backup")];
    // What was answered is in the journal first.
    const saved = [join(data, "presences.db"), "SELECT 'saved' FROM presences WHERE id = 'ada' AND data LIKE '%before%'"];
    await eventually("the presence in its database", () => spawnSync("sqlite3", saved).stdout.includes("saved"));
    mkdirSync(backup);
    const adapted = text.replaceAll("/var/lib/herenow", data).replaceAll("/backup/", `${backup}/`);
    const made = spawnSync("bash", ["-ec", adapted], { encoding: "utf8" });
    equal(made.status, 0, `the exit code of the commands: ${made.stderr}`);
    await call(origin, asAda, "PUT", "presences/ada", { status: "after" }, 200);

    const restored = join(folder, "restored");
    mkdirSync(join(restored, "herenow-data"), { recursive: true });
    for (const name of readdirSync(backup)) copyFileSync(join(backup, name), join(restored, "herenow-data", name));
    const server = await startServer({}, restored);
    try {
        for (const caller of [asKey, asAda]) {
            equal((await call(server.origin, caller, "GET", "presences/ada", undefined, 200)).status, "before", "the status");
        }
    } finally {
        await server.stop();
    }
}

async function call(origin, caller, method, path, body, status) {
    const headers = { "X-Appwrite-Project": "demo", "Content-Type": "application/json", ...caller };
    const answer = await fetch(`${origin}/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const said = await answer.text();
    equal(answer.status, status, `${method} ${path}: ${said}`);
    return JSON.parse(said);
}
