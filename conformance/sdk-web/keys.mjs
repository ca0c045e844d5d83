// Stage one: only an API key writes; a page that nobody has signed in to hears what it may.

import { Client, Permission, Presences, Role, Users } from "node-appwrite";

import { check, equal, fresh, inSeconds, runLane, server } from "../harness/checks.mjs";
import { Browser, FOREIGN_HOST, wholeEvent } from "./browser.mjs";

const ANYONE = [Permission.read(Role.any())];

const backend = new Client().setEndpoint(server.endpoint).setProject(server.project).setKey(server.key);
const presences = new Presences(backend);
const users = new Users(backend);

/** Makes a user, and their presence as the backend sees it. */
async function present(fields = {}) {
    const user = await users.create({ userId: fresh("user") });
    const presenceId = fresh("presence");
    const userId = user.$id;
    return presences.upsert({ presenceId, userId, status: "online", permissions: ANYONE, ...fields });
}

await runLane(async () => {
    const browser = await Browser.start();
    const guest = await (await browser.person()).tab();
    await guest.follow();

    await check("a guest's page hears an upsert with the whole record", async () => {
        const made = await present({ metadata: { page: "/dashboard", nested: { list: [1, 2.5, null, true] } } });
        const event = await guest.hears(made.$id, "upsert");
        wholeEvent(event, made.$id, "upsert");
        equal(event.payload, made, "the payload");
        equal(event.payload.source, "rest", "the source");
    });

    await check("it hears an update with the new state", async () => {
        const made = await present();
        const changed = await presences.update({ presenceId: made.$id, userId: made.userId, status: "away" });
        const event = await guest.hears(made.$id, "update");
        wholeEvent(event, made.$id, "update");
        equal(event.payload, changed, "the payload");
        equal(event.payload.status, "away", "the status");
    });

    await check("it hears a second upsert of the same user under the first id", async () => {
        const made = await present();
        await guest.hears(made.$id, "upsert");
        const after = await guest.mark();
        await presences.upsert({ presenceId: fresh("other"), userId: made.userId, status: "busy", permissions: ANYONE });
        const event = await guest.hears(made.$id, "upsert", { after });
        equal(event.payload.status, "busy", "the status");
    });

    await check("it hears a delete with the state that went", async () => {
        const made = await present();
        await presences.delete({ presenceId: made.$id });
        const event = await guest.hears(made.$id, "delete");
        wholeEvent(event, made.$id, "delete");
        equal(event.payload.userId, made.userId, "the payload's user");
        equal(event.payload.status, "online", "the payload's status");
    });

    await check("it hears the delete of a presence that expires", async () => {
        const made = await present({ expiresAt: inSeconds(1) });
        const event = await guest.hears(made.$id, "delete");
        wholeEvent(event, made.$id, "delete");
        equal(await guest.actions(made.$id), ["upsert", "delete"], "all that was heard of it");
    });

    await check("it hears nothing of a presence that it may not read", async () => {
        const hidden = await present({ permissions: [Permission.read(Role.users())] });
        await presences.delete({ presenceId: hidden.$id });
        const shown = await present();
        await guest.hears(shown.$id, "upsert");
        equal(await guest.actions(hidden.$id), [], "what was heard of the hidden one");
    });

    await check("a presence that it may read no longer goes with a delete of the state it could read", async () => {
        const made = await present({ status: "for all" });
        const permissions = [Permission.read(Role.users())];
        await presences.update({ presenceId: made.$id, userId: made.userId, status: "for users", permissions });
        const event = await guest.hears(made.$id, "delete");
        equal(event.payload.status, "for all", "the payload's status");
        equal(await guest.actions(made.$id), ["upsert", "delete"], "all that was heard of it");
    });

    await check("a subscription to one presence hears that one alone", async () => {
        const [watched, other] = [await present(), await present()];
        await guest.subscribe((id) => lane.listen("one", Appwrite.Channel.presence(id)), watched.$id);
        await presences.update({ presenceId: other.$id, userId: other.userId, status: "away" });
        await presences.update({ presenceId: watched.$id, userId: watched.userId, status: "away" });
        await guest.hears(watched.$id, "update", { name: "one" });
        equal(await guest.actions(other.$id, { name: "one" }), [], "what was heard of the other");
    });

    await check("a subscription to one action hears that one alone", async () => {
        const made = await present();
        await guest.subscribe((id) => lane.listen("deletes", Appwrite.Channel.presence(id).delete()), made.$id);
        await presences.update({ presenceId: made.$id, userId: made.userId, status: "away" });
        await presences.delete({ presenceId: made.$id });
        await guest.hears(made.$id, "delete", { name: "deletes" });
        equal(await guest.actions(made.$id, { name: "deletes" }), ["delete"], "what was heard");
    });

    await check("a subscription with a query hears what matches", async () => {
        await guest.subscribe(() => {
            const { Channel, Query } = Appwrite;
            return lane.listen("typing", Channel.presences(), [Query.equal("status", ["typing"])]);
        });
        const [online, typing] = [await present(), await present({ status: "typing" })];
        await guest.hears(typing.$id, "upsert", { name: "typing" });
        equal(await guest.actions(online.$id, { name: "typing" }), [], "what was heard of the other");
    });

    await check("an ended subscription hears nothing more, and the others go on", async () => {
        await guest.subscribe(() => lane.listen("ended", Appwrite.Channel.presences()));
        const before = await present();
        await guest.hears(before.$id, "upsert", { name: "ended" });
        await guest.run(() => lane.subscriptions.ended.unsubscribe());
        const after = await present();
        await guest.hears(after.$id, "upsert");
        equal(await guest.actions(after.$id, { name: "ended" }), [], "what the ended one heard");
    });

    await check("a page that comes back after a disconnect is subscribed again", async () => {
        const page = await (await browser.person()).tab();
        await page.follow();
        await page.run(() => lane.realtime.disconnect());
        await page.follow("again");
        const made = await present();
        await page.hears(made.$id, "upsert", { name: "again" });
        await page.close();
    });

    await check("a guest's page may not list presences", async () => {
        const refusal = await guest.run(() => lane.presences.list().catch(({ code, type }) => ({ code, type })));
        equal(refusal, { code: 401, type: "general_unauthorized_scope" }, "the answer");
    });

    await check("a page of a host that the project does not allow is refused, and told so", async () => {
        const foreign = await (await browser.person()).tab({ host: FOREIGN_HOST });
        await foreign.run(() => lane.listen("all", Appwrite.Channel.presences()));
        await foreign.page.waitForFunction(() => lane.errors.length > 0 && lane.closings > 0);
        const [error] = await foreign.run(() => lane.errors);
        equal(error.code, 1008, "the error's code");
        equal(error.message.startsWith(`Invalid Origin. Register your new client (${FOREIGN_HOST})`), true, error.message);
        const answer = await foreign.run(() => lane.presences.list().then(() => "answered", () => "refused"));
        equal(answer, "refused", "the list");
        await foreign.close();
    });

    await check("no error reached the page that did nothing wrong", async () => {
        equal(await guest.run(() => lane.errors), [], "its errors");
    });
    await browser.stop();
});
