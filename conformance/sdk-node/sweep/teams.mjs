// Teams: each method with good and with bad input, as a server and as members call it.

import { ID, Query, Teams } from "node-appwrite";

import { equal, refused } from "../../harness/checks.mjs";
import { MEMBERSHIP, TEAM, backend, guest, has, newUser, signedIn } from "./people.mjs";

const own = new Teams(backend);
const invalid = (call) => refused(400, "general_argument_invalid", call);
const unknown = (call) => refused(404, "team_not_found", call);
const NOWHERE = { teamId: "nowhere" };

/** A team that its owner made, with a member. */
async function crew() {
    const [owner, member, stranger] = [await signedIn(), await signedIn(), await signedIn()];
    const as = (person) => new Teams(person.client);
    const { $id: teamId } = await as(owner).create({ teamId: ID.unique(), name: "Crew" });
    const { $id: membershipId } = await own.createMembership({ teamId, roles: ["helm"], userId: member.userId });
    return { teamId, membershipId, owner: as(owner), member: as(member), stranger: as(stranger), memberId: member.userId };
}

/** Holds that refused calls left a team and its members as they were. */
async function unchanged(calls) {
    const team = await crew();
    const look = async () => [await own.get({ teamId: team.teamId }), await own.listMemberships({ teamId: team.teamId })];
    const before = await look();
    await calls(team);
    equal(await look(), before, "the team");
}

export const teams = {
    list: {
        async good() {
            const { teamId, member, stranger } = await crew();
            const found = await member.list({ queries: [Query.equal("name", "Crew")], search: teamId });
            equal([found.total, found.teams.map((team) => team.$id)], [1, [teamId]], "what a member lists");
            has(found.teams[0], TEAM);
            equal(await stranger.list(), { total: 0, teams: [] }, "what a stranger lists");
        },
        async bad() {
            await invalid(() => own.list({ queries: [Query.equal("prefs", "x")] }));
            await refused(400, "general_cursor_not_found", () => own.list({ queries: [Query.cursorAfter("nowhere")] }));
            await refused(401, "general_unauthorized_scope", () => new Teams(guest()).list());
        },
    },
    create: {
        async good() {
            const owner = await signedIn();
            const teamId = ID.unique();
            const made = await new Teams(owner.client).create({ teamId, name: "Band", roles: ["drums"] });
            has(made, TEAM);
            equal([made.$id, made.name, made.total, made.prefs], [teamId, "Band", 1, {}], "the team");
            const { memberships } = await own.listMemberships({ teamId });
            equal(memberships[0].roles, ["drums", "owner"], "what its maker is in it");
        },
        bad: () => unchanged(async ({ teamId, owner }) => {
            await refused(409, "team_already_exists", () => owner.create({ teamId, name: "x" }));
            await invalid(() => own.create({ teamId: ID.unique(), name: "" }));
            await invalid(() => own.create({ teamId: "_x", name: "x" }));
        }),
    },
    get: {
        async good() {
            const { teamId, member } = await crew();
            const team = await member.get({ teamId });
            has(team, TEAM);
            equal([team.$id, team.name, team.total], [teamId, "Crew", 2], "the team");
        },
        async bad() {
            const { teamId, stranger } = await crew();
            await unknown(() => stranger.get({ teamId }));
            await unknown(() => own.get(NOWHERE));
        },
    },
    updateName: {
        async good() {
            const { teamId, owner } = await crew();
            equal((await owner.updateName({ teamId, name: "Cast" })).name, "Cast", "the name");
            equal((await own.get({ teamId })).name, "Cast", "what is kept");
        },
        bad: () => unchanged(async ({ teamId, member, stranger, owner }) => {
            await refused(401, "user_unauthorized", () => member.updateName({ teamId, name: "Mine" }));
            await unknown(() => stranger.updateName({ teamId, name: "Mine" }));
            await invalid(() => owner.updateName({ teamId, name: "x".repeat(129) }));
        }),
    },
    delete: {
        async good() {
            const { teamId, owner } = await crew();
            await owner.delete({ teamId });
            await unknown(() => own.get({ teamId }));
        },
        bad: () => unchanged(async ({ teamId, member, stranger }) => {
            await refused(401, "user_unauthorized", () => member.delete({ teamId }));
            await unknown(() => stranger.delete({ teamId }));
            await unknown(() => own.delete(NOWHERE));
        }),
    },
    listMemberships: {
        async good() {
            const { teamId, membershipId, memberId } = await crew();
            const found = await own.listMemberships({ teamId, queries: [Query.equal("userId", memberId)] });
            equal([found.total, found.memberships.map((one) => one.$id)], [1, [membershipId]], "the list");
            has(found.memberships[0], MEMBERSHIP);
        },
        async bad() {
            const { teamId, stranger } = await crew();
            await unknown(() => stranger.listMemberships({ teamId }));
            await invalid(() => own.listMemberships({ teamId, queries: [Query.equal("secret", "x")] }));
        },
    },
    createMembership: {
        async good() {
            const { teamId } = await crew();
            const user = await newUser();
            const made = await own.createMembership({ teamId, roles: ["sails"], userId: user.$id });
            has(made, MEMBERSHIP);
            const facts = [made.userId, made.userName, made.userEmail, made.teamId, made.teamName, made.confirm, made.roles];
            equal(facts, [user.$id, "Ada", user.email, teamId, "Crew", true, ["sails"]], "the membership");
            equal((await own.get({ teamId })).total, 3, "how many are in the team");
        },
        bad: () => unchanged(async ({ teamId, memberId, owner }) => {
            await refused(409, "membership_already_confirmed", () => own.createMembership({ teamId, roles: [], userId: memberId }));
            await refused(404, "user_not_found", () => own.createMembership({ teamId, roles: [], userId: "nobody" }));
            await unknown(() => own.createMembership({ ...NOWHERE, roles: [], userId: memberId }));
            await invalid(() => own.createMembership({ teamId, roles: [] }));
            const mail = { teamId, roles: [], email: "new@example.com", url: "http://localhost/join" };
            await refused(503, "general_smtp_disabled", () => owner.createMembership(mail));
        }),
    },
    getMembership: {
        async good() {
            const { teamId, membershipId, memberId, member } = await crew();
            const got = await own.getMembership({ teamId, membershipId });
            has(got, MEMBERSHIP);
            equal([got.$id, got.userId, got.roles], [membershipId, memberId, ["helm"]], "the membership");
            equal((await member.getMembership({ teamId, membershipId })).userEmail, "", "what members may not see");
        },
        async bad() {
            const { teamId, membershipId, stranger } = await crew();
            await unknown(() => stranger.getMembership({ teamId, membershipId }));
            await refused(404, "membership_not_found", () => own.getMembership({ teamId, membershipId: "none" }));
        },
    },
    updateMembership: {
        async good() {
            const { teamId, membershipId, owner } = await crew();
            const changed = await owner.updateMembership({ teamId, membershipId, roles: ["helm", "cook"] });
            has(changed, MEMBERSHIP);
            equal(changed.roles, ["helm", "cook"], "the roles");
            equal((await own.getMembership({ teamId, membershipId })).roles, ["helm", "cook"], "what is kept");
        },
        bad: () => unchanged(async ({ teamId, membershipId, member, stranger, owner }) => {
            const roles = ["owner"];
            await refused(401, "user_unauthorized", () => member.updateMembership({ teamId, membershipId, roles }));
            await unknown(() => stranger.updateMembership({ teamId, membershipId, roles }));
            await refused(404, "membership_not_found", () => owner.updateMembership({ teamId, membershipId: "none", roles }));
            await invalid(() => owner.updateMembership({ teamId, membershipId, roles: "owner" }));
        }),
    },
    deleteMembership: {
        async good() {
            const { teamId, membershipId, member } = await crew();
            await member.deleteMembership({ teamId, membershipId });
            await unknown(() => member.get({ teamId }));
            equal((await own.get({ teamId })).total, 1, "how many are left");
        },
        bad: () => unchanged(async ({ teamId, membershipId, stranger, owner }) => {
            await unknown(() => stranger.deleteMembership({ teamId, membershipId }));
            await refused(404, "team_invite_not_found", () => owner.deleteMembership({ teamId, membershipId: "none" }));
        }),
    },
    updateMembershipStatus: {
        good: "no client can have the secret: it comes by mail, and none is sent; tests/teams/invitations.rs accepts one",
        bad: () => unchanged(async ({ teamId, membershipId, memberId }) => {
            const answer = { teamId, membershipId, userId: memberId, secret: "guessed" };
            const as = new Teams(guest());
            await refused(401, "team_invalid_secret", () => as.updateMembershipStatus(answer));
            await refused(404, "membership_not_found", () => as.updateMembershipStatus({ ...answer, membershipId: "none" }));
            await invalid(() => as.updateMembershipStatus({ ...answer, secret: "" }));
        }),
    },
    getPrefs: {
        async good() {
            const { teamId, member } = await crew();
            equal(await member.getPrefs({ teamId }), {}, "the prefs of a new team");
        },
        async bad() {
            const { teamId, stranger } = await crew();
            await unknown(() => stranger.getPrefs({ teamId }));
        },
    },
    updatePrefs: {
        async good() {
            const { teamId, owner } = await crew();
            equal(await owner.updatePrefs({ teamId, prefs: { colour: "blue" } }), { colour: "blue" }, "the answer");
            equal(await owner.getPrefs({ teamId }), { colour: "blue" }, "what is kept");
        },
        bad: () => unchanged(async ({ teamId, member, owner }) => {
            await refused(401, "user_unauthorized", () => member.updatePrefs({ teamId, prefs: {} }));
            await invalid(() => owner.updatePrefs({ teamId, prefs: ["a"] }));
        }),
    },
};
