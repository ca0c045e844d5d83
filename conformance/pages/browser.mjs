// A real browser on the server's own pages. Knows how to open them for a person, to look for faults that every page could
// have, and to take pictures; holds no check and knows no page.

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

import { DEADLINE_MS, server } from "../harness/checks.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const GRAVE = ["serious", "critical"];
/** Where pictures for the documentation go, where they are asked for; without that, a run changes nothing. */
const PICTURES = process.env.HERENOW_PICTURES ? fileURLToPath(new URL("../../docs/images", import.meta.url)) : null;

/** The server itself, without the path of its API. */
export const ORIGIN = new URL(server.endpoint).origin;
export const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };

export class Browser {
    static async start() {
        const browser = new Browser();
        // Chromium writes fonts and crash reports to the home folder, which may not be there.
        browser.home = await mkdtemp(join(tmpdir(), "herenow-pages-"));
        browser.chromium = await chromium.launch({
            executablePath: process.env.HERENOW_CHROMIUM ?? "/usr/bin/chromium",
            args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"],
            env: { ...process.env, XDG_CONFIG_HOME: browser.home, XDG_CACHE_HOME: browser.home },
        });
        return browser;
    }

    /** A page in a browser profile of its own, with everything noted that went wrong in it. */
    async person({ viewport = DESK, colorScheme = "light", reducedMotion = "no-preference" } = {}) {
        const context = await this.chromium.newContext({ viewport, colorScheme, reducedMotion, locale: "en" });
        context.setDefaultTimeout(DEADLINE_MS);
        const page = await context.newPage();
        const faults = [];
        page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
        page.on("pageerror", (error) => faults.push(error.message));
        page.on("request", (request) => {
            if (new URL(request.url()).host !== new URL(ORIGIN).host) faults.push(`a request to ${request.url()}`);
        });
        await page.addInitScript(() => {
            document.addEventListener("securitypolicyviolation", (event) => {
                console.error(`the policy forbids ${event.violatedDirective}: ${event.blockedURI}`);
            });
        });
        return { context, page, faults };
    }

    async stop() {
        await this.chromium.close();
        await rm(this.home, { recursive: true, force: true });
    }
}

/** What axe finds on the page that keeps people out, each as a line. */
export async function barriers(page) {
    // The page's own policy lets in no script: this one goes through the debugger.
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => axe.run(document));
    return violations
        .filter(({ impact }) => GRAVE.includes(impact))
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/** How many pixels the page is wider than its window. */
export function overhang(page) {
    return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** A picture for the documentation, where one is asked for. */
export async function picture(page, name) {
    if (!PICTURES) return;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
}
