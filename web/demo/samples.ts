// What the page does, in the few lines with which an app does it. `room.ts` is these lines, and what a page needs around.

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
const permissions = [Permission.read(Role.users())];
const metadata = { name, page: location.pathname };
const say = (status) => realtime.upsertPresence(
    { presenceId, status, metadata, permissions });
say("online");`,
    },
    {
        title: "See who is here",
        what: "The list first, then every change of it. Closing a tab is a delete, at once.",
        code: `const list = (await presences.list()).presences;
for (const one of list) people.set(one.userId, one);
realtime.subscribe(Channel.presences(), (event) => {
    const { events, payload: one } = event;
    if (events.includes("presences.*.delete"))
        people.delete(one.userId);
    else people.set(one.userId, one);
});`,
    },
    {
        title: "Away, and back",
        what: "A status is any word that you choose.",
        code: `addEventListener("blur", () => say("away"));
addEventListener("focus", () => say("online"));`,
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
        what: "Where the pointer is, eight times a second at most. A slow reader skips to the newest.",
        code: `sheet.addEventListener("pointermove", throttled(125,
    (event) => {
        metadata.cursor = placeOn(sheet, event);
        say(status);
    }));`,
    },
    {
        title: "The text",
        what: "Each line travels in the metadata with the number of its last change; the higher one wins. It lasts as long as somebody is here.",
        code: `const change = lines[index].change + 1;
lines[index] = { text, change, by: userId };
metadata.lines = lines;
say("typing");
// whoever hears it:
lines = lines.map((line, index) =>
    newer(line, payload.metadata.lines[index]));`,
    },
    {
        title: "Sign out",
        what: "Leaving does not wait for a timeout.",
        code: `await presences.delete({ presenceId });
await realtime.disconnect();
await account.deleteSession({ sessionId: "current" });`,
    },
];
