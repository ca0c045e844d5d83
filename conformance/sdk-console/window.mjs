// The console SDK expects a browser: Node 20 has no WebSocket of its own (`ws` stands in) and no window. The SDK's code
// is untouched. Import this before the SDK.
//
// A browser sends the console's cookie along when a page of the server opens a socket, and this does so too. The SDK's
// Realtime cannot ask for admin mode, which a project other than the console needs, so it is asked for here.

import WebSocket from "ws";

const stored = new Map();

globalThis.WebSocket = class extends WebSocket {
    constructor(url) {
        const session = JSON.parse(stored.get("cookieFallback") ?? "{}").a_session_console ?? "";
        const cookie = `a_session_console=${encodeURIComponent(session)}`;
        const console = new URL(url).searchParams.get("project") === "console";
        super(url, { headers: console ? { cookie } : { cookie, "x-appwrite-mode": "admin" } });
    }
};
globalThis.window = {
    setInterval: (...call) => setInterval(...call),
    clearInterval: (timer) => clearInterval(timer),
    console: { ...console, warn() {} },
    localStorage: {
        getItem: (name) => stored.get(name) ?? null,
        setItem: (name, value) => stored.set(name, value),
        removeItem: (name) => stored.delete(name),
    },
};
