// What the page does, in the five lines with which an app does it. `room.ts` is these lines, and what a page needs around.

export interface Sample {
    title: string;
    what: string;
    code: string;
}

export const SAMPLES: Sample[] = [
    {
        title: "Join",
        what: "An anonymous session, then a presence on the socket. It lives as long as the tab does.",
        code: `await account.createAnonymousSession();
await realtime.upsertPresence({
    presenceId, status: "online", metadata: { name, page: "/demo" },
    permissions: [Permission.read(Role.users())],
});`,
    },
    {
        title: "See who is here",
        what: "The list first, then every change of it. Closing a tab is a delete, at once.",
        code: `const { presences: list } = await presences.list();
for (const one of list) people.set(one.userId, one);
await realtime.subscribe(Channel.presences(), ({ events, payload }) =>
    events.includes("presences.*.delete")
        ? people.delete(payload.userId) : people.set(payload.userId, payload));`,
    },
    {
        title: "Away, and back",
        what: "The status is a word of your own choice.",
        code: `const say = (status) =>
    realtime.upsertPresence({ presenceId, status, metadata, permissions });
addEventListener("focus", () => say("online"));
addEventListener("blur", () => say("away"));`,
    },
    {
        title: "Typing",
        what: "Said with the first key, taken back when the keys rest.",
        code: `line.addEventListener("input", () => {
    say("typing");
    clearTimeout(rest);
    rest = setTimeout(() => say("online"), 1500);
});`,
    },
    {
        title: "Live cursors",
        what: "Where the pointer is, eight times a second at most; slow readers skip to the newest.",
        code: `sheet.addEventListener("pointermove", throttled(125, (event) => {
    metadata.cursor = spotOn(sheet, event);
    say(status);
}));`,
    },
    {
        title: "The text",
        what: "Each line travels in the metadata with the number of its last change; the higher one wins. It lasts as long as somebody is here.",
        code: `metadata.lines[index] = { text, change: change + 1, by: userId };
say("typing");
// and whoever hears it:
lines = lines.map((line, index) => newer(line, payload.metadata.lines[index]));`,
    },
    {
        title: "Leave",
        what: "Sign-out does not wait for a timeout.",
        code: `await presences.delete({ presenceId });
await realtime.disconnect();
await account.deleteSession({ sessionId: "current" });`,
    },
];
