// What goes wrong around the page: a server that is gone, one that wants rest, a session that has ended. It says so and
// goes on by itself.

import { check, equal } from "../harness/checks.mjs";
import { barriers } from "./browser.mjs";
import { button, forgive, PASSWORD, rows, tab } from "./desk.mjs";

/** Where the page was told that everybody may sign up, the server has the last word. */
async function strangerIsRefused(page) {
    const start = { operator: true, signUp: true, codeRequired: false };
    await page.route("**/v1/herenow/start", (route) => route.fulfill({ json: start }));
    await page.reload();
    await button(page, "Create an account").click();
    await page.getByLabel("Email").fill("stranger@example.com");
    await page.getByLabel("Password").fill(PASSWORD);
    await button(page, "Create account").click();
    await page.getByRole("alert").waitFor();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await button(page, "I have an account").click();
}

export async function holes(page, faults, email) {
    await check("a server that is gone, or asks for rest, is said and found again", async () => {
        await tab(page, "Here now");
        await rows(page).first().waitFor();
        for (const [answer, said] of [
            [(route) => route.abort("connectionrefused"), "The server does not answer."],
            [(route) => route.fulfill({ status: 429, json: { code: 429, message: "Rate limit exceeded" } }), "Too many requests"],
        ]) {
            await page.route("**/v1/**", answer);
            await page.getByLabel("Search status, user or id").fill(said);
            await page.locator("section[aria-label='Here now']").getByRole("alert").filter({ hasText: said }).waitFor();
            await page.locator(".counters").getByRole("alert").filter({ hasText: said }).waitFor();
            equal(await barriers(page), [], "what keeps people out");
            await page.unrouteAll({ behavior: "ignoreErrors" });
            await page.getByText("Nobody fits.").waitFor();
            await page.getByRole("alert").first().waitFor({ state: "detached" });
            await button(page, "Clear all").click();
            await rows(page).first().waitFor();
        }
        forgive(faults);
    });

    await check("who has a server that is gone at the start gets in when it is back", async () => {
        await page.route("**/v1/**", (route) => route.abort("connectionrefused"));
        await page.reload();
        await page.getByRole("alert").filter({ hasText: "The server does not answer." }).waitFor();
        await page.unrouteAll({ behavior: "ignoreErrors" });
        await rows(page).first().waitFor();
        forgive(faults);
    });

    await check("whose session has ended signs in again and is where they were", async () => {
        await page.getByLabel("Status begins with").fill("online");
        await rows(page).first().waitFor();
        const before = page.url();
        // As another window would do it.
        const ended = await page.evaluate(async () => {
            const headers = { "X-Appwrite-Project": "console" };
            return (await fetch("/v1/account/sessions/current", { method: "DELETE", headers })).status;
        });
        equal(ended, 204, "the answer to the end of the session");
        await page.getByText("Your session has ended.").waitFor();
        await page.getByRole("heading", { name: "Sign in" }).waitFor();
        equal(await button(page, "Create an account").count(), 0, "ways to sign up, now that there is an operator");
        await strangerIsRefused(page);
        await page.getByLabel("Email").fill(email);
        await page.getByLabel("Password").fill("another password");
        await button(page, "Sign in").click();
        await page.getByRole("alert").waitFor();
        await page.getByLabel("Password").fill(PASSWORD);
        await button(page, "Sign in").click();
        await rows(page).first().waitFor();
        equal(page.url(), before, "the address");
        forgive(faults);
    });
}
