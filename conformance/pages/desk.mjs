// What the checks of the operators' page share: finding things on it, and calling the API beside it. Holds no check.

import { equal, server } from "../harness/checks.mjs";

/** So many rows a table of the page has at most. */
export const ROWS = 25;
export const PASSWORD = "a long password";

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const rows = (page) => page.locator("tbody tr");
export const row = (page, text) => rows(page).filter({ hasText: text });
export const dialog = (page) => page.getByRole("dialog");
export const focused = (page) =>
    page.evaluate(() => {
        const at = document.activeElement;
        return at?.labels?.[0]?.textContent?.trim() || at?.getAttribute("aria-label") || at?.textContent;
    });

/** Opens a part of the project. */
export async function tab(page, name) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.locator(`section[aria-label="${name}"]`).waitFor();
}

/** Presses Tab until something with this name has the focus, as somebody without a mouse does. */
export async function tabTo(page, name) {
    for (let pressed = 0; pressed < 60; pressed += 1) {
        if ((await focused(page)) === name) return;
        await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not lead to ${name}, but to ${await focused(page)}`);
}

/** Calls the API as a server with a key does. */
export async function api(project, key, method, path, body) {
    const headers = { "X-Appwrite-Project": project, "X-Appwrite-Key": key, "Content-Type": "application/json" };
    const response = await fetch(`${server.endpoint}${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json().catch(() => null) };
}

export async function comes(project, key, name, status, more = {}) {
    await api(project, key, "POST", "/users", { userId: name });
    const permissions = ['read("any")'];
    const answer = await api(project, key, "PUT", `/presences/${name}`, { userId: name, status, permissions, ...more });
    equal(answer.status, 200, "the answer to a presence");
}

/** Forgets that calls were refused, which browsers print: only where a check saw to it that they are. */
export function forgive(faults) {
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.startsWith("Failed to load resource")));
}
