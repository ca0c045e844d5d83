// Account: each method with good and with bad input, as a user calls it, and a server for one.

import { Account, ID } from "node-appwrite";

import { equal, refused, truth } from "../../harness/checks.mjs";
import { ACCOUNT, PASSWORD, SESSION, backend, guest, has, newUser, signedIn, users } from "./people.mjs";

const invalid = (call) => refused(400, "general_argument_invalid", call);
const out = (call) => refused(401, "general_unauthorized_scope", call);
const anybody = () => new Account(guest());
/** Signing in for a user as a server does: the answer carries the secret. */
const server = new Account(backend);

/** Holds that refused calls left the caller as they were, and that nobody else may call. */
async function unchanged(calls, asGuest) {
    const ada = await signedIn();
    const before = await ada.account.get();
    await calls(ada);
    equal(await ada.account.get(), before, "the account");
    if (asGuest) await out(() => asGuest(anybody()));
}

async function signsIn(session, userId) {
    equal((await new Account(guest().setSession(session.secret)).get()).$id, userId, "whom the session signs in");
}

export const account = {
    get: {
        async good() {
            const ada = await signedIn();
            const got = await ada.account.get();
            has(got, ACCOUNT);
            equal([got.$id, got.email, "password" in got, "hash" in got], [ada.userId, ada.email, false, false], "the account");
        },
        async bad() {
            await out(() => anybody().get());
            await out(() => new Account(backend).get());
        },
    },
    create: {
        async good() {
            const userId = ID.unique();
            const made = await anybody().create({ userId, email: `${userId}@example.com`, password: PASSWORD, name: "Ada" });
            has(made, ACCOUNT);
            equal([made.$id, made.email, made.name], [userId, `${userId}@example.com`, "Ada"], "the account");
            equal((await users.listSessions({ userId })).total, 0, "its sessions");
        },
        async bad() {
            const { email } = await newUser();
            const before = (await users.list()).total;
            const good = { userId: ID.unique(), email: "new@example.com", password: PASSWORD };
            await refused(409, "user_already_exists", () => anybody().create({ ...good, email }));
            for (const fields of [{ userId: "_x" }, { email: "x" }, { password: "short" }]) {
                await invalid(() => anybody().create({ ...good, ...fields }));
            }
            equal((await users.list()).total, before, "how many users there are");
        },
    },
    createEmailPasswordSession: {
        async good() {
            const user = await newUser();
            const session = await server.createEmailPasswordSession({ email: user.email, password: PASSWORD });
            has(session, SESSION);
            const facts = [session.userId, session.provider, session.providerUid, session.factors, session.current];
            equal(facts, [user.$id, "email", user.email, ["password"], true], "the session");
            await signsIn(session, user.$id);
        },
        async bad() {
            const { $id: userId, email } = await newUser();
            const wrong = (credentials) => refused(401, "user_invalid_credentials", () => anybody().createEmailPasswordSession(credentials));
            await wrong({ email, password: "another-password" });
            await wrong({ email: "nobody@example.com", password: PASSWORD });
            await invalid(() => anybody().createEmailPasswordSession({ email: "x", password: PASSWORD }));
            equal((await users.listSessions({ userId })).total, 0, "the sessions of the user");
        },
    },
    createAnonymousSession: {
        async good() {
            const session = await server.createAnonymousSession();
            has(session, SESSION);
            equal([session.provider, session.factors], ["anonymous", ["anonymous"]], "the session");
            await signsIn(session, session.userId);
        },
        async bad() {
            const before = (await users.list()).total;
            const ada = await signedIn();
            await refused(401, "user_session_already_exists", () => ada.account.createAnonymousSession());
            equal((await users.list()).total, before + 1, "how many users there are, with the one who asked");
        },
    },
    createSession: {
        async good() {
            const { $id: userId } = await newUser();
            const { secret } = await users.createToken({ userId });
            const session = await server.createSession({ userId, secret });
            has(session, SESSION);
            equal([session.userId, session.provider, session.factors], [userId, "token", ["token"]], "the session");
            await refused(401, "user_invalid_token", () => server.createSession({ userId, secret }));
        },
        async bad() {
            const { $id: userId } = await newUser();
            await refused(401, "user_invalid_token", () => anybody().createSession({ userId, secret: "guessed" }));
            await refused(401, "user_invalid_token", () => anybody().createSession({ userId: "nobody", secret: "guessed" }));
            await invalid(() => anybody().createSession({ userId, secret: "" }));
            equal((await users.listSessions({ userId })).total, 0, "the sessions of the user");
        },
    },
    getSession: {
        async good() {
            const ada = await signedIn();
            const got = await ada.account.getSession({ sessionId: "current" });
            has(got, SESSION);
            equal([got.$id, got.current, got.secret], [ada.session.$id, true, ""], "the session");
        },
        async bad() {
            const [ada, bob] = [await signedIn(), await signedIn()];
            await refused(404, "user_session_not_found", () => ada.account.getSession({ sessionId: bob.session.$id }));
            await out(() => anybody().getSession({ sessionId: "current" }));
        },
    },
    listSessions: {
        async good() {
            const ada = await signedIn();
            const found = await ada.account.listSessions();
            equal([found.total, found.sessions.map((one) => [one.$id, one.current, one.secret])], [1, [[ada.session.$id, true, ""]]], "the list");
        },
        bad: () => out(() => anybody().listSessions()),
    },
    updateSession: {
        async good() {
            const ada = await signedIn();
            const longer = await ada.account.updateSession({ sessionId: "current" });
            has(longer, SESSION);
            truth(Date.parse(longer.expire) >= Date.parse(ada.session.expire), "it lasts at least as long");
        },
        async bad() {
            const [ada, bob] = [await signedIn(), await signedIn()];
            await refused(404, "user_session_not_found", () => ada.account.updateSession({ sessionId: bob.session.$id }));
            await out(() => anybody().updateSession({ sessionId: "current" }));
        },
    },
    deleteSession: {
        async good() {
            const ada = await signedIn();
            await ada.account.deleteSession({ sessionId: "current" });
            await out(() => ada.account.get());
        },
        async bad() {
            const bob = await signedIn();
            await unchanged(
                (ada) => refused(404, "user_session_not_found", () => ada.account.deleteSession({ sessionId: bob.session.$id })),
                (as) => as.deleteSession({ sessionId: "current" }),
            );
            equal((await bob.account.get()).$id, bob.userId, "who is still signed in");
        },
    },
    deleteSessions: {
        async good() {
            const ada = await signedIn();
            await users.createSession({ userId: ada.userId });
            await ada.account.deleteSessions();
            equal((await users.listSessions({ userId: ada.userId })).total, 0, "how many are left");
        },
        bad: () => out(() => anybody().deleteSessions()),
    },
    createJWT: {
        async good() {
            const ada = await signedIn();
            const { jwt } = await ada.account.createJWT({ duration: 60 });
            equal((await new Account(guest().setJWT(jwt)).get()).$id, ada.userId, "whom it signs in");
        },
        async bad() {
            const ada = await signedIn();
            await invalid(() => ada.account.createJWT({ duration: 3601 }));
            const { jwt } = await ada.account.createJWT();
            await refused(403, "user_jwt_creation_denied", () => new Account(guest().setJWT(jwt)).createJWT());
            await out(() => anybody().createJWT());
        },
    },
    getPrefs: {
        good: async () => equal(await (await signedIn()).account.getPrefs(), {}, "the prefs of a new user"),
        bad: () => out(() => anybody().getPrefs()),
    },
    updatePrefs: {
        async good() {
            const ada = await signedIn();
            const changed = await ada.account.updatePrefs({ prefs: { theme: "dark" } });
            has(changed, ACCOUNT);
            equal([changed.prefs, await ada.account.getPrefs()], [{ theme: "dark" }, { theme: "dark" }], "the prefs");
        },
        bad: () => unchanged(
            (ada) => invalid(() => ada.account.updatePrefs({ prefs: ["a"] })),
            (as) => as.updatePrefs({ prefs: {} }),
        ),
    },
    updateName: {
        async good() {
            const ada = await signedIn();
            const changed = await ada.account.updateName({ name: "Grace" });
            has(changed, ACCOUNT);
            equal([changed.name, (await ada.account.get()).name], ["Grace", "Grace"], "the name");
        },
        bad: () => unchanged(
            async (ada) => {
                await invalid(() => ada.account.updateName({ name: "" }));
                await invalid(() => ada.account.updateName({ name: "x".repeat(129) }));
            },
            (as) => as.updateName({ name: "x" }),
        ),
    },
    updatePassword: {
        async good() {
            const ada = await signedIn();
            has(await ada.account.updatePassword({ password: "a new long one", oldPassword: PASSWORD }), ACCOUNT);
            await refused(401, "user_invalid_credentials", () => server.createEmailPasswordSession({ email: ada.email, password: PASSWORD }));
            await signsIn(await server.createEmailPasswordSession({ email: ada.email, password: "a new long one" }), ada.userId);
        },
        async bad() {
            await unchanged(
                async (ada) => {
                    const wrong = { password: "a new long one", oldPassword: "not this one" };
                    await refused(401, "user_invalid_credentials", () => ada.account.updatePassword(wrong));
                    await invalid(() => ada.account.updatePassword({ password: "short", oldPassword: PASSWORD }));
                    await signsIn(await server.createEmailPasswordSession({ email: ada.email, password: PASSWORD }), ada.userId);
                },
                (as) => as.updatePassword({ password: PASSWORD }),
            );
        },
    },
    updateStatus: {
        async good() {
            const ada = await signedIn();
            const blocked = await ada.account.updateStatus();
            has(blocked, ACCOUNT);
            equal([blocked.status, (await users.get({ userId: ada.userId })).status], [false, false], "the status");
        },
        bad: () => out(() => anybody().updateStatus()),
    },
};
