// A real browser with the SDK in its pages. Knows how to open tabs and wait for what they hear; holds no check.

import { createServer } from "node:http";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

import { DEADLINE_MS, equal, eventually, server } from "../harness/checks.mjs";

const SDK = createRequire(import.meta.url).resolve("appwrite").replace(/dist.cjs.sdk\.js$/, "dist/iife/sdk.js");
const FILES = {
    "/": ["text/html", new URL("page/index.html", import.meta.url)],
    "/lane.js": ["text/javascript", new URL("page/lane.js", import.meta.url)],
    "/appwrite.js": ["text/javascript", SDK],
};

/** A host name that the project does not allow; the browser is told to find it on the loopback. */
export const FOREIGN_HOST = "elsewhere.test";

const FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1`,
];

/** The API under the page's own host name, so that its cookies are the page's own. */
export const SAME_SITE = server.endpoint.replace("127.0.0.1", "localhost");

/** One browser and the server of its pages. */
export class Browser {
    static async start() {
        const browser = new Browser();
        browser.pages = createServer(answer);
        await new Promise((resolve) => browser.pages.listen(0, "127.0.0.1", resolve));
        // Chromium writes fonts and crash reports to the home folder, which may not be there.
        browser.home = await mkdtemp(join(tmpdir(), "herenow-web-"));
        // A process apart from its driver, so that it can be killed.
        browser.process = await chromium.launchServer({
            executablePath: process.env.HERENOW_CHROMIUM ?? "/usr/bin/chromium",
            headless: true,
            args: FLAGS,
            env: { ...process.env, XDG_CONFIG_HOME: browser.home, XDG_CACHE_HOME: browser.home },
        });
        browser.chromium = await chromium.connect(browser.process.wsEndpoint());
        return browser;
    }

    /** A person's browser profile: its tabs share cookies and storage with each other and nobody else. */
    async person() {
        return new Person(await this.chromium.newContext(), this.pages.address().port);
    }

    /** Ends the browser with all its processes at once, as the system does with one that takes too much. */
    async kill() {
        const browser = this.process.process();
        const gone = new Promise((resolve) => browser.once("exit", resolve));
        // The browser leads a process group of its own.
        process.kill(-browser.pid, "SIGKILL");
        await gone;
        await this.#tidy();
    }

    async stop() {
        await this.chromium.close();
        await this.process.close();
        await this.#tidy();
    }

    async #tidy() {
        this.pages.close();
        await rm(this.home, { recursive: true, force: true });
    }
}

class Person {
    constructor(context, port) {
        this.context = context;
        this.port = port;
    }

    /** Opens a page of the app that talks to `endpoint`. */
    async tab({ host = "localhost", endpoint = SAME_SITE } = {}) {
        const tab = new Tab(await this.context.newPage(), endpoint);
        await tab.page.goto(`http://${host}:${this.port}/`);
        await tab.begin();
        return tab;
    }
}

/** One page. What its socket receives is watched from outside, since the SDK does not tell when it is subscribed. */
class Tab {
    confirmed = 0;

    constructor(page, endpoint) {
        this.page = page;
        this.endpoint = endpoint;
        page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => this.#received(payload)));
    }

    #received(payload) {
        const message = JSON.parse(payload.toString());
        if (message.type === "response" && message.data.to === "subscribe") this.confirmed += 1;
    }

    /** Starts the app in a page that was loaded just now. */
    begin() {
        return this.run(([endpoint, project]) => lane.connect(endpoint, project), [this.endpoint, server.project]);
    }

    /** Loads the page anew, as its user would. */
    async reload() {
        await this.page.reload();
        await this.begin();
    }

    /** Waits until code in the page gives something truthy. */
    async eventually(code, argument) {
        const found = await this.page.waitForFunction(code, argument, { timeout: DEADLINE_MS });
        return found.jsonValue();
    }

    /** Runs code in the page. */
    run(code, argument) {
        return this.page.evaluate(code, argument);
    }

    /** Runs code that subscribes, and waits until the server has confirmed it. */
    async subscribe(code, argument) {
        const before = this.confirmed;
        await this.page.evaluate(code, argument);
        await eventually("the subscription's confirmation", () => this.confirmed > before);
    }

    /** Subscribes to all presences, as the guide does. */
    async follow(name = "all") {
        await this.subscribe((name) => lane.listen(name, Appwrite.Channel.presences()), name);
    }

    /** How much a subscription has heard up to now: what comes later is looked for after this. */
    mark(name = "all") {
        return this.page.evaluate((name) => lane.heard[name].length, name);
    }

    /** Waits for an event and gives it. */
    async hears(presenceId, action, { name = "all", after = 0 } = {}) {
        const wanted = [name, presenceId, action, after];
        try {
            return await this.eventually((wanted) => lane.find(...wanted), wanted);
        } catch {
            const heard = await this.page.evaluate((name) => lane.heard[name].map((event) => event.events[0]), name);
            const errors = await this.page.evaluate(() => JSON.stringify(lane.errors));
            throw new Error(`no ${action} of ${presenceId}; heard ${JSON.stringify(heard)}, errors ${errors}`);
        }
    }

    /** What was heard of a presence: the action of each event, in order. */
    actions(presenceId, { name = "all", after = 0 } = {}) {
        return this.page.evaluate(
            ([name, presenceId, after]) => {
                const events = lane.heard[name].slice(after).filter((event) => event.payload.$id === presenceId);
                return events.map((event) => event.events[0].split(".").at(-1));
            },
            [name, presenceId, after],
        );
    }

    /** Closes the tab as its user would. */
    close() {
        return this.page.close();
    }
}

/** Holds that an event is whole: the four names, channels, one subscription, a time, a presence. */
export function wholeEvent(event, presenceId, action) {
    const names = [`presences.${presenceId}.${action}`, `presences.*.${action}`, `presences.${presenceId}`, "presences.*"];
    for (const name of names) equal(event.events.includes(name), true, `${name} among the events`);
    equal(event.channels.includes("presences"), true, "presences among the channels");
    equal(event.channels.includes(`presences.${presenceId}`), true, "the presence's own channel among the channels");
    equal(event.subscriptions.length, 1, "the number of subscriptions");
    equal(Number.isNaN(Date.parse(event.timestamp)), false, "an unreadable timestamp");
    equal(event.payload.$id, presenceId, "the payload's id");
}

async function answer(request, response) {
    const [type, file] = FILES[request.url] ?? [];
    if (!file) {
        response.writeHead(404).end();
        return;
    }
    response.writeHead(200, { "content-type": type }).end(await readFile(file));
}
