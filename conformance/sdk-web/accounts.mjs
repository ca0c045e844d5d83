// Stage two: the published guide, start to end, as people in browsers would live it.

import { Client, ID, Teams } from "node-appwrite";

import { check, equal, fresh, runLane, server } from "../harness/checks.mjs";
import { Browser, wholeEvent } from "./browser.mjs";

const teams = new Teams(new Client().setEndpoint(server.endpoint).setProject(server.project).setKey(server.key));

const signInAnonymously = () => lane.account.createAnonymousSession();
const listed = () => lane.presences.list().then(({ presences }) => presences.map((presence) => presence.$id));
const visit = (presenceId) => lane.presences.get({ presenceId }).catch(({ code, type }) => `${code} ${type}`);
const upsertForUsers = ([presenceId, status]) => {
    const { Permission, Role } = Appwrite;
    return lane.presences.upsert({ presenceId, status, permissions: [Permission.read(Role.users())] });
};
const upsertOnSocket = ([presenceId, status]) => {
    const { Permission, Role } = Appwrite;
    return lane.realtime.upsertPresence({ presenceId, status, permissions: [Permission.read(Role.users())] });
};

/** A new person with an anonymous session and a tab; `userId` says who they are. */
async function stranger(browser, place) {
    const person = await browser.person();
    const tab = await person.tab(place);
    const { userId } = await tab.run(signInAnonymously);
    return { person, tab, userId };
}

await runLane(async () => {
    const browser = await Browser.start();
    const alice = { person: await browser.person() };
    alice.tab = await alice.person.tab();
    alice.presence = fresh("alice");

    await check("a visitor signs up and signs in with email and password", async () => {
        const email = `${ID.unique()}@example.com`;
        const [user, session, account] = await alice.tab.run(async (email) => {
            const password = "correct horse battery";
            const userId = Appwrite.ID.unique();
            const user = await lane.account.create({ userId, email, password, name: "Alice" });
            const session = await lane.account.createEmailPasswordSession({ email, password });
            return [user, session, await lane.account.get()];
        }, email);
        alice.userId = user.$id;
        equal([user.email, user.name], [email, "Alice"], "the new account");
        equal([session.userId, session.current, session.provider], [user.$id, true, "email"], "the session");
        equal(account.$id, user.$id, "who is signed in");
    });

    await check("every list of the world is there for a guest and for a user", async () => {
        const lists = () => {
            const locale = new Appwrite.Locale(lane.client);
            return Promise.all([
                locale.get(), locale.listCodes(), locale.listContinents(), locale.listCountries(),
                locale.listCountriesEU(), locale.listCountriesPhones(), locale.listCurrencies(), locale.listLanguages(),
            ]);
        };
        const guest = await (await browser.person()).tab();
        const found = await guest.run(lists);
        equal(found.slice(1).map(({ total }) => total), [131, 7, 197, 27, 197, 153, 184], "how long they are");
        equal(found[4].countries[0], { name: "Austria", code: "AT" }, "the first member of the European Union");
        equal(await alice.tab.run(lists), found, "what a user gets");
    });

    const bob = await stranger(browser);

    await check("an anonymous session is a signed-in user", async () => {
        const account = await bob.tab.run(() => lane.account.get());
        equal([account.$id, account.email], [bob.userId, ""], "the account");
    });

    await check("a signed-in user sets a presence, and it is theirs", async () => {
        const presence = await alice.tab.run(async (presenceId) => {
            const { Permission, Role } = Appwrite;
            const permissions = [Permission.read(Role.users())];
            return lane.presences.upsert({ presenceId, status: "online", metadata: { page: "/dashboard" }, permissions });
        }, alice.presence);
        equal([presence.$id, presence.userId], [alice.presence, alice.userId], "the presence's ids");
        equal([presence.status, presence.metadata], ["online", { page: "/dashboard" }], "its state");
        equal(presence.$permissions, ['read("users")'], "its permissions");
    });

    await check("GraphQL reads and changes it as the signed-in user, and refuses a guest", async () => {
        const ask = ([method, query, variables]) =>
            new Appwrite.Graphql(lane.client)[method]({ query: { query, variables } });
        const update = `mutation U($id: String!, $metadata: Json) {
            presencesUpdate(presenceId: $id, metadata: $metadata) { _id userId metadata }
        }`;
        const metadata = { page: "/dashboard" };
        const changed = await alice.tab.run(ask, ["mutation", update, { id: alice.presence, metadata }]);
        const expected = { _id: alice.presence, userId: alice.userId, metadata };
        equal(changed.data.presencesUpdate, expected, "the presence");
        const get = ["query", `{ presencesGet(presenceId: "${alice.presence}") { status } }`];
        equal((await bob.tab.run(ask, get)).data.presencesGet, { status: "online" }, "what another user reads");
        const guest = await (await browser.person()).tab();
        const refused = await guest.run(ask, get);
        equal([refused.data.presencesGet, refused.errors.length], [null, 1], "what a guest is told");
    });

    await check("another user's list shows it", async () => {
        const result = await bob.tab.run(() => lane.presences.list());
        const shown = result.presences.find((presence) => presence.userId === alice.userId);
        equal(shown?.$id, alice.presence, "the presence shown for her");
        equal(result.total, result.presences.length, "the total");
    });

    await check("another user's page hears every change", async () => {
        await bob.tab.follow();
        await alice.tab.run(upsertForUsers, [alice.presence, "away"]);
        const upsert = await bob.tab.hears(alice.presence, "upsert");
        wholeEvent(upsert, alice.presence, "upsert");
        equal(upsert.payload.status, "away", "the status");
        await alice.tab.run((presenceId) => lane.presences.update({ presenceId, metadata: { page: "/chat" } }), alice.presence);
        const update = await bob.tab.hears(alice.presence, "update");
        equal([update.payload.status, update.payload.metadata], ["away", { page: "/chat" }], "the updated state");
    });

    await check("window focus and blur flip the status", async () => {
        await alice.tab.run((presenceId) => {
            const { Permission, Role } = Appwrite;
            const permissions = [Permission.read(Role.users())];
            const setStatus = (status) => lane.presences.upsert({ presenceId, status, permissions });
            window.addEventListener("focus", () => setStatus("online"));
            window.addEventListener("blur", () => setStatus("away"));
        }, alice.presence);
        for (const [event, status] of [["focus", "online"], ["blur", "away"]]) {
            const after = await bob.tab.mark();
            await alice.tab.run((event) => window.dispatchEvent(new Event(event)), event);
            equal((await bob.tab.hears(alice.presence, "upsert", { after })).payload.status, status, `the status on ${event}`);
        }
    });

    await check("two users' pages see each other come, change and go", async () => {
        await alice.tab.follow();
        const presenceId = fresh("bob");
        await bob.tab.run(upsertForUsers, [presenceId, "online"]);
        await alice.tab.hears(presenceId, "upsert");
        await bob.tab.run((presenceId) => lane.presences.update({ presenceId, status: "typing" }), presenceId);
        equal((await alice.tab.hears(presenceId, "update")).payload.status, "typing", "the status");
        await bob.tab.run((presenceId) => lane.presences.delete({ presenceId }), presenceId);
        await alice.tab.hears(presenceId, "delete");
        const after = await bob.tab.mark();
        await alice.tab.run(upsertForUsers, [alice.presence, "still here"]);
        await bob.tab.hears(alice.presence, "upsert", { after });
    });

    await scoping(browser, alice, bob);
    await sockets(browser, bob);
    await crossSite(browser, bob);
    await signOut(alice, bob);

    await check("no error reached the pages that did nothing wrong", async () => {
        for (const { tab } of [alice, bob]) equal(await tab.run(() => lane.errors), [], "its errors");
    });
    await browser.stop();
});

/** Who sees a presence. */
async function scoping(browser, alice, bob) {
    const carol = await stranger(browser);
    await carol.tab.follow();

    await check("a direct message's typing state reaches its recipient alone", async () => {
        const sender = await stranger(browser);
        const presenceId = fresh("typing");
        await sender.tab.run(
            ([presenceId, recipient]) => {
                const { Permission, Role } = Appwrite;
                const permissions = [Permission.read(Role.user(recipient))];
                return lane.presences.upsert({ presenceId, status: "typing", permissions });
            },
            [presenceId, bob.userId],
        );
        equal((await bob.tab.hears(presenceId, "upsert")).payload.status, "typing", "what the recipient hears");
        equal((await bob.tab.run(listed)).includes(presenceId), true, "the recipient's list has it");
        equal((await carol.tab.run(listed)).includes(presenceId), false, "somebody else's list has it");
        equal(await carol.tab.run(visit, presenceId), "404 presence_not_found", "somebody else's look at it");
        const after = await carol.tab.mark();
        await alice.tab.run(upsertForUsers, [alice.presence, "online"]);
        await carol.tab.hears(alice.presence, "upsert", { after });
        equal(await carol.tab.actions(presenceId), [], "what somebody else heard");
        await sender.tab.close();
    });

    await check("a narrowed presence goes with a delete for those who may read it no longer", async () => {
        const presenceId = fresh("narrowed");
        const sender = await stranger(browser);
        await sender.tab.run(upsertForUsers, [presenceId, "for all"]);
        await carol.tab.hears(presenceId, "upsert");
        await sender.tab.run(
            ([presenceId, reader]) => {
                const { Permission, Role } = Appwrite;
                return lane.presences.update({ presenceId, status: "for one", permissions: [Permission.read(Role.user(reader))] });
            },
            [presenceId, bob.userId],
        );
        equal((await bob.tab.hears(presenceId, "update")).payload.status, "for one", "what the reader hears");
        equal((await carol.tab.hears(presenceId, "delete")).payload.status, "for all", "what the other hears");
        await sender.tab.close();
    });

    await check("a team's presence is seen by teammates alone", async () => {
        const team = await teams.create({ teamId: ID.unique(), name: "Crew" });
        for (const { userId } of [alice, bob]) await teams.createMembership({ teamId: team.$id, roles: [], userId });
        // A new page, so that its socket is opened by a member.
        const teammate = await bob.person.tab();
        await teammate.follow();
        await alice.tab.run(
            ([presenceId, teamId]) => {
                const { Permission, Role } = Appwrite;
                return lane.presences.upsert({ presenceId, status: "on the team", permissions: [Permission.read(Role.team(teamId))] });
            },
            [alice.presence, team.$id],
        );
        equal((await teammate.hears(alice.presence, "upsert")).payload.status, "on the team", "what a teammate hears");
        equal((await teammate.run(listed)).includes(alice.presence), true, "a teammate's list has it");
        equal((await carol.tab.run(listed)).includes(alice.presence), false, "a stranger's list has it");
        await carol.tab.hears(alice.presence, "delete");
        await teammate.close();
    });

    await check("a presence without permissions is its owner's alone", async () => {
        const owner = await stranger(browser);
        const presenceId = fresh("private");
        await owner.tab.follow();
        await owner.tab.run((presenceId) => lane.presences.upsert({ presenceId, status: "online" }), presenceId);
        await owner.tab.hears(presenceId, "upsert");
        equal((await owner.tab.run(listed)).includes(presenceId), true, "the owner's list has it");
        equal(await carol.tab.run(visit, presenceId), "404 presence_not_found", "somebody else's look at it");
        await owner.tab.close();
    });
    await carol.tab.close();
}

/** Presences that a page's own socket holds. */
async function sockets(browser, bob) {
    await check("a presence set over the socket ends with its tab", async () => {
        const dave = await stranger(browser);
        const presenceId = fresh("dave");
        await dave.tab.run(upsertOnSocket, [presenceId, "online"]);
        const upsert = await bob.tab.hears(presenceId, "upsert");
        equal([upsert.payload.userId, upsert.payload.source], [dave.userId, "realtime"], "whose it is and where from");
        await dave.tab.close();
        await bob.tab.hears(presenceId, "delete");
        equal(await bob.tab.actions(presenceId), ["upsert", "delete"], "all that was heard of it");
    });

    await check("of two tabs one may close, and the user stays with what the other said", async () => {
        const erin = await stranger(browser);
        const presenceId = fresh("erin");
        await erin.tab.run(upsertOnSocket, [presenceId, "first tab"]);
        await bob.tab.hears(presenceId, "upsert");
        const after = await bob.tab.mark();
        const second = await erin.person.tab();
        await second.run(upsertOnSocket, [fresh("erin"), "second tab"]);
        equal((await bob.tab.hears(presenceId, "upsert", { after })).payload.status, "second tab", "the newest state");
        await second.close();
        equal((await bob.tab.hears(presenceId, "update")).payload.status, "first tab", "the state that is left");
        await erin.tab.close();
        await bob.tab.hears(presenceId, "delete");
        equal(await bob.tab.actions(presenceId), ["upsert", "upsert", "update", "delete"], "all that was heard of it");
    });

    await check("disconnect() ends a presence set over the socket", async () => {
        const frank = await stranger(browser);
        const presenceId = fresh("frank");
        await frank.tab.run(upsertOnSocket, [presenceId, "online"]);
        await bob.tab.hears(presenceId, "upsert");
        await frank.tab.run(() => lane.realtime.disconnect());
        await bob.tab.hears(presenceId, "delete");
        await frank.tab.close();
    });
}

/** The API under another host name than the page's: the SDK keeps the session in localStorage and signs the socket in. */
async function crossSite(browser, bob) {
    await check("a page of another site stays signed in without cookies, over HTTP and on the socket", async () => {
        const grace = await stranger(browser, { endpoint: server.endpoint });
        const kept = await grace.tab.run(() => window.localStorage.getItem("cookieFallback"));
        equal(Object.keys(JSON.parse(kept)), [`a_session_${server.project}`], "what the SDK keeps");
        equal((await grace.tab.run(() => lane.account.get())).$id, grace.userId, "who is signed in");
        const presenceId = fresh("grace");
        await grace.tab.run(upsertOnSocket, [presenceId, "online"]);
        equal((await bob.tab.hears(presenceId, "upsert")).payload.userId, grace.userId, "whose presence it is");
        await grace.tab.close();
    });
}

/** The guide's last step. */
async function signOut(alice, bob) {
    await check("signing out deletes the presence and ends the session", async () => {
        await alice.tab.run(upsertForUsers, [alice.presence, "leaving"]);
        const after = await bob.tab.mark();
        await alice.tab.run(async (presenceId) => {
            await lane.presences.delete({ presenceId });
            await lane.account.deleteSession({ sessionId: "current" });
        }, alice.presence);
        await bob.tab.hears(alice.presence, "delete", { after });
        const refusal = await alice.tab.run(() => lane.account.get().catch(({ code, type }) => `${code} ${type}`));
        equal(refusal, "401 general_unauthorized_scope", "the signed-out page's account");
    });
}
