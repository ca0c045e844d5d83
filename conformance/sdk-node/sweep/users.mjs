// Users: each method with good and with bad input, as a server calls it.

import { Account, ID, Query, Users } from "node-appwrite";

import { equal, refused, truth } from "../../harness/checks.mjs";
import { SESSION, TOKEN, USER, guest, has, newUser, signedIn, users as own } from "./people.mjs";

const NOBODY = { userId: "nobody" };
const invalid = (call) => refused(400, "general_argument_invalid", call);
const unknown = (call) => refused(404, "user_not_found", call);

/** Holds that a refused call left the user as it was. */
async function unchanged(call, ...others) {
    const { $id: userId } = await newUser();
    const before = await own.get({ userId });
    await invalid(() => call(userId));
    equal(await own.get({ userId }), before, "the user");
    for (const other of others) await unknown(other);
}

const total = async () => (await own.list({ queries: [Query.limit(1)] })).total;

export const users = {
    list: {
        async good() {
            const user = await newUser({ name: "Only one of this name" });
            const found = await own.list({ queries: [Query.equal("name", user.name), Query.limit(5)], search: user.$id });
            equal([found.total, found.users.map((one) => one.$id)], [1, [user.$id]], "the list");
            has(found.users[0], USER);
            equal((await own.list({ total: false })).total, 0, "a total that was not asked for");
        },
        async bad() {
            await invalid(() => own.list({ queries: [Query.equal("password", "x")] }));
            await invalid(() => own.list({ search: "" }));
            await refused(400, "general_cursor_not_found", () => own.list({ queries: [Query.cursorAfter("nobody")] }));
            await refused(401, "general_unauthorized_scope", () => new Users(guest()).list());
        },
    },
    create: {
        async good() {
            const userId = ID.unique();
            const made = await own.create({ userId, email: `${userId}@Example.com`, phone: "+49123456", password: "long enough", name: "Ada" });
            has(made, USER);
            const facts = [made.$id, made.email, made.phone, made.name, made.status, made.labels, made.prefs];
            equal(facts, [userId, `${userId}@example.com`, "+49123456", "Ada", true, [], {}], "the user");
            truth(!Number.isNaN(Date.parse(made.passwordUpdate)), "the password was set at some time");
            equal(await own.get({ userId }), { ...made, password: (await own.get({ userId })).password }, "what is kept");
        },
        async bad() {
            const known = await newUser();
            const before = await total();
            await refused(409, "user_already_exists", () => own.create({ userId: known.$id }));
            await refused(409, "user_already_exists", () => own.create({ userId: ID.unique(), email: known.email }));
            for (const fields of [{ userId: "_x" }, { email: "x" }, { phone: "123" }, { password: "short" }, { name: "x".repeat(129) }]) {
                await invalid(() => own.create({ userId: ID.unique(), ...fields }));
            }
            equal(await total(), before, "how many users there are");
        },
    },
    get: {
        async good() {
            const made = await newUser();
            const got = await own.get({ userId: made.$id });
            has(got, USER);
            equal([got.$id, got.email, got.name], [made.$id, made.email, made.name], "the user");
        },
        async bad() {
            await unknown(() => own.get(NOBODY));
            await invalid(() => own.get({ userId: "x".repeat(37) }));
        },
    },
    delete: {
        async good() {
            const { $id: userId } = await newUser();
            await own.delete({ userId });
            await unknown(() => own.get({ userId }));
        },
        async bad() {
            const before = await total();
            await unknown(() => own.delete(NOBODY));
            await invalid(() => own.delete({ userId: "x".repeat(37) }));
            equal(await total(), before, "how many users there are");
        },
    },
    updateLabels: {
        async good() {
            const { $id: userId } = await newUser();
            const changed = await own.updateLabels({ userId, labels: ["vip", "Beta", "vip"] });
            has(changed, USER);
            equal([changed.labels, (await own.get({ userId })).labels], [["vip", "Beta"], ["vip", "Beta"]], "the labels");
        },
        bad: () => unchanged(
            (userId) => own.updateLabels({ userId, labels: ["not a label"] }),
            () => own.updateLabels({ ...NOBODY, labels: [] }),
        ),
    },
    updateStatus: {
        async good() {
            const ada = await signedIn();
            equal((await own.updateStatus({ userId: ada.userId, status: false })).status, false, "the status");
            await refused(403, "user_blocked", () => ada.account.get());
            equal((await own.updateStatus({ userId: ada.userId, status: true })).status, true, "the status");
        },
        bad: () => unchanged(
            (userId) => own.updateStatus({ userId, status: "perhaps" }),
            () => own.updateStatus({ ...NOBODY, status: false }),
        ),
    },
    updateName: {
        async good() {
            const { $id: userId } = await newUser();
            const changed = await own.updateName({ userId, name: "Grace" });
            has(changed, USER);
            equal([changed.name, (await own.get({ userId })).name], ["Grace", "Grace"], "the name");
            equal((await own.updateName({ userId, name: "" })).name, "", "no name");
        },
        bad: () => unchanged(
            (userId) => own.updateName({ userId, name: "x".repeat(129) }),
            () => own.updateName({ ...NOBODY, name: "x" }),
        ),
    },
    updateEmailVerification: {
        async good() {
            const { $id: userId } = await newUser();
            const changed = await own.updateEmailVerification({ userId, emailVerification: true });
            equal([changed.emailVerification, changed.phoneVerification], [true, false], "what is verified");
        },
        bad: () => unchanged(
            (userId) => own.updateEmailVerification({ userId, emailVerification: "perhaps" }),
            () => own.updateEmailVerification({ ...NOBODY, emailVerification: true }),
        ),
    },
    updatePhoneVerification: {
        async good() {
            const { $id: userId } = await newUser();
            const changed = await own.updatePhoneVerification({ userId, phoneVerification: true });
            equal([changed.emailVerification, changed.phoneVerification], [false, true], "what is verified");
        },
        bad: () => unchanged(
            (userId) => own.updatePhoneVerification({ userId, phoneVerification: "perhaps" }),
            () => own.updatePhoneVerification({ ...NOBODY, phoneVerification: true }),
        ),
    },
    updatePrefs: {
        async good() {
            const { $id: userId } = await newUser();
            equal(await own.updatePrefs({ userId, prefs: { theme: "dark", deep: { a: [1] } } }), { theme: "dark", deep: { a: [1] } }, "the answer");
            equal(await own.getPrefs({ userId }), { theme: "dark", deep: { a: [1] } }, "what is kept");
        },
        bad: () => unchanged(
            (userId) => own.updatePrefs({ userId, prefs: ["a"] }),
            () => own.updatePrefs({ ...NOBODY, prefs: {} }),
        ),
    },
    getPrefs: {
        good: async () => equal(await own.getPrefs({ userId: (await newUser()).$id }), {}, "the prefs of a new user"),
        bad: () => unknown(() => own.getPrefs(NOBODY)),
    },
    createSession: {
        async good() {
            const { $id: userId } = await newUser();
            const session = await own.createSession({ userId });
            has(session, SESSION);
            equal([session.userId, session.provider, session.factors], [userId, "server", ["server"]], "the session");
            const signed = new Account(guest().setSession(session.secret));
            equal((await signed.get()).$id, userId, "whom its secret signs in");
        },
        async bad() {
            await unknown(() => own.createSession(NOBODY));
            await refused(401, "general_unauthorized_scope", () => new Users(guest()).createSession(NOBODY));
        },
    },
    listSessions: {
        async good() {
            const ada = await signedIn();
            const found = await own.listSessions({ userId: ada.userId });
            equal([found.total, found.sessions.map((one) => one.$id)], [1, [ada.session.$id]], "the list");
            has(found.sessions[0], SESSION);
            equal([found.sessions[0].current, (await own.listSessions({ userId: ada.userId, total: false })).total], [false, 0], "the rest");
        },
        bad: () => unknown(() => own.listSessions(NOBODY)),
    },
    deleteSession: {
        async good() {
            const ada = await signedIn();
            await own.deleteSession({ userId: ada.userId, sessionId: ada.session.$id });
            await refused(401, "general_unauthorized_scope", () => ada.account.get());
        },
        async bad() {
            const [ada, bob] = [await signedIn(), await signedIn()];
            const another = { userId: bob.userId, sessionId: ada.session.$id };
            await refused(404, "user_session_not_found", () => own.deleteSession(another));
            await unknown(() => own.deleteSession({ ...NOBODY, sessionId: ada.session.$id }));
            equal((await ada.account.get()).$id, ada.userId, "who is still signed in");
        },
    },
    deleteSessions: {
        async good() {
            const ada = await signedIn();
            await own.createSession({ userId: ada.userId });
            await own.deleteSessions({ userId: ada.userId });
            equal((await own.listSessions({ userId: ada.userId })).total, 0, "how many are left");
        },
        bad: () => unknown(() => own.deleteSessions(NOBODY)),
    },
    createToken: {
        async good() {
            const { $id: userId } = await newUser();
            const token = await own.createToken({ userId, length: 32, expire: 60 });
            has(token, TOKEN);
            truth(/^[0-9a-f]{32}$/.test(token.secret), "the secret has the length that was asked for");
            const session = await new Account(guest()).createSession({ userId, secret: token.secret });
            equal([session.userId, session.provider], [userId, "token"], "the session that it gives");
        },
        async bad() {
            const { $id: userId } = await newUser();
            await invalid(() => own.createToken({ userId, length: 3 }));
            await invalid(() => own.createToken({ userId, expire: 59 }));
            await unknown(() => own.createToken(NOBODY));
        },
    },
    createJWT: {
        async good() {
            const ada = await signedIn();
            const { jwt } = await own.createJWT({ userId: ada.userId, sessionId: ada.session.$id, duration: 60 });
            equal((await new Account(guest().setJWT(jwt)).get()).$id, ada.userId, "whom it signs in");
        },
        async bad() {
            const { $id: userId } = await newUser();
            await invalid(() => own.createJWT({ userId, duration: 3601 }));
            await unknown(() => own.createJWT(NOBODY));
        },
    },
};
