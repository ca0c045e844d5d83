// Lifetimes in a real browser: what a second user sees, event by event, when pages reload, tabs close, browsers die and
// networks fail. The server's grace is its default, 5 s.

import { Client, Presences, Users } from "node-appwrite";

import { check, equal, eventually, fresh, openSockets, runLane, server, truth } from "../harness/checks.mjs";
import { Browser } from "./browser.mjs";
import { CuttingProxy } from "./proxy.mjs";

const GRACE_MS = 5_000;
const BLIP_MS = 3_000;
/** By so much may the clocks of two processes differ over a grace. */
const CLOCK_SLACK_MS = 100;

const backend = new Client().setEndpoint(server.endpoint).setProject(server.project).setKey(server.key);
const [presences, users] = [new Presences(backend), new Users(backend)];

const upsertOnSocket = ([presenceId, status]) => {
    const { Permission, Role } = Appwrite;
    return lane.realtime.upsertPresence({ presenceId, status, permissions: [Permission.read(Role.users())] });
};

/** The guide's own way: paint the list, then keep it true by events. */
const paintAndFollow = async () => {
    lane.painted = new Map();
    lane.heard.all = [];
    const { presences } = await lane.presences.list();
    for (const presence of presences) lane.painted.set(presence.$id, presence.status);
    await lane.realtime.subscribe(Appwrite.Channel.presences(), (event) => {
        lane.heard.all.push(event);
        const gone = event.events.some((name) => name.endsWith(".delete"));
        if (gone) lane.painted.delete(event.payload.$id);
        else lane.painted.set(event.payload.$id, event.payload.status);
    });
};
const painted = () => [...lane.painted].sort();
const listed = () => lane.presences.list().then(({ presences }) => presences.map(({ $id, status }) => [$id, status]).sort());

/** A new person with an anonymous session and a tab. */
async function stranger(browser, place) {
    const person = await browser.person();
    const tab = await person.tab(place);
    const { userId } = await tab.run(() => lane.account.createAnonymousSession());
    return { person, tab, userId };
}

/** Somebody whom the backend keeps online. */
async function online() {
    const { $id: userId } = await users.create({ userId: fresh("user") });
    return presences.upsert({ presenceId: fresh("there"), userId, status: "there", permissions: ['read("users")'] });
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const through = (proxy) => ({ endpoint: `http://localhost:${proxy.port}/v1` });

await runLane(async () => {
    const browser = await Browser.start();
    const bob = await stranger(browser);
    await bob.tab.follow();

    await check("a reload is a departure and an arrival", async () => {
        const alice = await stranger(browser);
        const presenceId = fresh("alice");
        await alice.tab.run(upsertOnSocket, [presenceId, "before"]);
        const before = await bob.tab.hears(presenceId, "upsert");
        await alice.tab.reload();
        await bob.tab.hears(presenceId, "delete");
        const after = await bob.tab.mark();
        await alice.tab.run(upsertOnSocket, [presenceId, "after"]);
        const arrival = await bob.tab.hears(presenceId, "upsert", { after });
        truth(arrival.payload.$createdAt > before.payload.$createdAt, "the record is a new one");
        await alice.tab.close();
        await bob.tab.hears(presenceId, "delete", { after });
        equal(await bob.tab.actions(presenceId), ["upsert", "delete", "upsert", "delete"], "all that was heard of it");
    });

    await check("of three tabs any may close, and the last one takes the user along at once", async () => {
        const alice = await stranger(browser);
        const presenceId = fresh("alice");
        const tabs = [alice.tab, await alice.person.tab(), await alice.person.tab()];
        for (const [index, tab] of tabs.entries()) {
            const after = await bob.tab.mark();
            await tab.run(upsertOnSocket, [fresh("alice"), `tab ${index}`]);
            await bob.tab.eventually((status) => lane.heard.all.some(({ payload }) => payload.status === status), `tab ${index}`);
            truth((await bob.tab.mark()) > after, "it was heard");
        }
        const [first] = await bob.tab.run((userId) => {
            return lane.heard.all.filter(({ payload }) => payload.userId === userId).map(({ payload }) => payload.$id);
        }, alice.userId);
        truth(first !== presenceId, "the record keeps the id that its first tab gave it");
        // The one in the middle does not show: nobody sees it go.
        const sockets = await openSockets();
        await tabs[1].close();
        await eventually("the end of its socket", async () => (await openSockets()) < sockets);
        await tabs[2].close();
        equal((await bob.tab.hears(first, "update")).payload.status, "tab 0", "what is left");
        // Somebody whose connection is lost just before goes after them: a clean close waits for no grace.
        const proxy = await CuttingProxy.start(new URL(server.endpoint).port);
        const lost = await stranger(browser, through(proxy));
        const lostId = fresh("lost");
        await lost.tab.run(upsertOnSocket, [lostId, "online"]);
        await bob.tab.hears(lostId, "upsert");
        proxy.cut();
        proxy.reset();
        await tabs[0].close();
        await bob.tab.hears(first, "delete");
        truth(!(await bob.tab.actions(lostId)).includes("delete"), "a clean close waits for no grace");
        await bob.tab.hears(lostId, "delete");
        await lost.tab.close();
        proxy.stop();
        equal(await bob.tab.actions(first), ["upsert", "upsert", "upsert", "update", "delete"], "all that was heard of it");
    });

    await check("a browser that is killed leaves its user online for the grace, and no longer", async () => {
        const doomed = await Browser.start();
        const alice = await stranger(doomed);
        const presenceId = fresh("alice");
        await alice.tab.run(upsertOnSocket, [presenceId, "online"]);
        await bob.tab.hears(presenceId, "upsert");
        // Before the kill: the grace cannot have begun earlier.
        const killed = Date.now();
        await doomed.kill();
        await bob.tab.hears(presenceId, "delete");
        const took = Date.now() - killed;
        truth(took > GRACE_MS - CLOCK_SLACK_MS, `it has the whole grace, and not ${took} ms`);
        equal(await bob.tab.actions(presenceId), ["upsert", "delete"], "all that was heard of it");
    });

    await check("a user who is cut off for 3 s does not go", async () => {
        const proxy = await CuttingProxy.start(new URL(server.endpoint).port);
        const alice = await stranger(browser, through(proxy));
        const presenceId = fresh("alice");
        await alice.tab.follow();
        await alice.tab.run(upsertOnSocket, [presenceId, "online"]);
        await bob.tab.hears(presenceId, "upsert");
        const after = await bob.tab.mark();
        proxy.cut();
        await pause(BLIP_MS);
        proxy.reset();
        proxy.heal();
        // The SDK says again what it said last.
        await bob.tab.hears(presenceId, "upsert", { after });
        // Longer than the grace of the connection that was lost.
        await pause(GRACE_MS);
        equal(await bob.tab.actions(presenceId), ["upsert", "upsert"], "all that was heard of it");
        await alice.tab.close();
        await bob.tab.hears(presenceId, "delete");
        equal(await bob.tab.actions(presenceId), ["upsert", "upsert", "delete"], "all that was heard of it");
        proxy.stop();
    });

    for (const [way, reset] of [["is cut off", "reset"], ["changes networks", "resetClients"]]) {
        await check(`the guide's list and subscription have no ghost after a blip where a page ${way}`, async () => {
            const proxy = await CuttingProxy.start(new URL(server.endpoint).port);
            const [stays, goes] = [await online(), await online()];
            const alice = await stranger(browser, through(proxy));
            await alice.tab.subscribe(paintAndFollow);
            const has = async (id) => (await alice.tab.run(painted)).some(([painted]) => painted === id);
            truth((await has(stays.$id)) && (await has(goes.$id)), "both were painted");
            proxy.cut();
            await presences.delete({ presenceId: goes.$id });
            const comes = await online();
            await presences.update({ presenceId: stays.$id, userId: stays.userId, status: "changed" });
            await pause(BLIP_MS);
            proxy[reset]();
            proxy.heal();
            await alice.tab.hears(goes.$id, "delete");
            await alice.tab.hears(stays.$id, "update");
            await alice.tab.hears(comes.$id, "upsert");
            equal(await alice.tab.run(painted), await alice.tab.run(listed), "what is painted, against the list");
            await alice.tab.close();
            for (const { $id } of [stays, comes]) await presences.delete({ presenceId: $id });
            proxy.stop();
        });
    }

    await check("no error reached the page that did nothing wrong", async () => {
        equal(await bob.tab.run(() => lane.errors), [], "its errors");
    });
    await browser.stop();
});
