// The web SDK expects a browser: Node 20 has no WebSocket of its own (`ws` stands in) and no window. The SDK's code is
// untouched. Import this before the SDK.

import WebSocket from "ws";

const stored = new Map();

globalThis.WebSocket = WebSocket;
globalThis.window = {
    setInterval: (...call) => setInterval(...call),
    setTimeout: (...call) => setTimeout(...call),
    clearInterval: (timer) => clearInterval(timer),
    console,
    localStorage: {
        getItem: (name) => stored.get(name) ?? null,
        setItem: (name, value) => stored.set(name, value),
        removeItem: (name) => stored.delete(name),
    },
};
