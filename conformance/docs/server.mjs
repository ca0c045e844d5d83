// A server as the README starts it: no configuration, data in its folder, the project `demo`. One for each page.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.HERENOW_BINARY;
const READY = /^herenow: listening on (\S+)$/m;

/** Starts it on a free port, with settings by environment, in a folder of its own where none is named; gives its origin, its folder and how to stop it. */
export async function startServer(settings, folder = mkdtempSync(join(tmpdir(), "herenow-docs-"))) {
    const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0"], {
        cwd: folder,
        env: { ...process.env, ...settings },
        stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    const origin = await new Promise((resolve, reject) => {
        let heard = "";
        child.stdout.on("data", (data) => {
            heard += data;
            const ready = READY.exec(heard);
            if (ready) resolve(ready[1]);
        });
        ended.then((code) => reject(new Error(`the server ended with ${code}`)));
    });
    return {
        folder,
        origin,
        async stop() {
            child.kill("SIGTERM");
            await ended;
            rmSync(folder, { recursive: true });
        },
    };
}
