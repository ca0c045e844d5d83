// The operators' page, as one uses it: from the first sign-up to a key that is revoked; once with the keyboard alone.

import { check, equal, eventually, fresh, runLane, truth } from "../harness/checks.mjs";
import { barriers, Browser, ORIGIN, overhang, PHONE, picture } from "./browser.mjs";
import { api, button, comes, dialog, focused, forgive, PASSWORD, row, rows, ROWS, tab, tabTo } from "./desk.mjs";
import { filters, leaving } from "./filters.mjs";
import { holes } from "./holes.mjs";
import { manage } from "./manage.mjs";

/** More presences than a page of the table has rows. */
const CROWD = 120;
const EMAIL = "olga@example.com";

async function signUpWithKeys(page) {
    await tabTo(page, "Name");
    await page.keyboard.type("Olga");
    await tabTo(page, "Email");
    await page.keyboard.type(EMAIL);
    await tabTo(page, "Password");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
}

await runLane(async () => {
    const browser = await Browser.start();
    const { context, page, faults } = await browser.person();
    await page.goto(`${ORIGIN}/admin`);
    let project, key;

    await check("who comes first from elsewhere is asked for the code, and sends it", async () => {
        const start = { operator: false, signUp: true, codeRequired: true };
        await page.route("**/v1/herenow/start", (route) => route.fulfill({ json: start }));
        await page.reload();
        await page.getByLabel("Sign-up code").fill("1234-5678");
        for (const [label, value] of [["Email", EMAIL], ["Password", PASSWORD]]) await page.getByLabel(label).fill(value);
        await page.route("**/v1/account", (route) => route.fulfill({ status: 401, json: { message: "Wrong code.", code: 401 } }));
        const sent = page.waitForRequest((request) => request.method() === "POST");
        await button(page, "Create operator").click();
        equal(await (await sent).headerValue("x-herenow-signup-code"), "1234-5678", "the code");
        await page.getByRole("alert").filter({ hasText: "Wrong code." }).waitFor();
        await page.unrouteAll();
        await page.reload();
    });

    await check("the first operator signs up with the keyboard alone", async () => {
        await page.getByRole("heading", { name: "Create the operator" }).waitFor();
        forgive(faults); // That nobody has signed in yet is a 401.
        equal(await barriers(page), [], "what keeps people out");
        await signUpWithKeys(page);
        await page.getByRole("heading", { name: "Projects" }).waitFor();
    });

    await check("scripts travel packed", async () => {
        const sizes = await page.evaluate(() => performance.getEntriesByType("resource")
            .filter(({ name }) => name.endsWith(".js"))
            .map(({ encodedBodySize, decodedBodySize }) => [encodedBodySize, decodedBodySize]));
        truth(sizes.length > 0 && sizes.every(([packed, whole]) => packed * 2 < whole), `${JSON.stringify(sizes)} is less than half`);
    });

    await check("a project is made and opened", async () => {
        await page.getByLabel("Name of a new project").fill("Chat");
        await button(page, "Create project").click();
        await page.getByRole("link", { name: "Chat", exact: true }).click();
        await page.getByText("Nobody is here.").waitFor();
        await page.getByText("Live", { exact: true }).waitFor();
        project = (await page.evaluate(() => location.hash)).split("/")[2];
    });

    await check("a key's secret is shown once and works", async () => {
        await tab(page, "Keys");
        await page.getByText("New key").click();
        await page.getByLabel("Name", { exact: true }).fill("Backend");
        await button(page, "Backend").click();
        await button(page, "Create key").click();
        key = await page.locator(".secret").innerText();
        await button(page, "Done").click();
        await row(page, "Backend").getByText("not yet").waitFor();
        truth(!(await page.content()).includes(key), "the secret is gone");
        equal((await api(project, key, "GET", "/presences")).status, 200, "the answer to the key");
    });

    await check("who comes is seen at once, with holders and events", async () => {
        await tab(page, "Here now");
        await page.getByText("Live", { exact: true }).waitFor();
        await comes(project, key, "ada", "typing");
        await row(page, "typing").waitFor();
        await button(page, "Details of ada").click();
        await page.getByText("A lease over HTTP").waitFor();
        await page.locator(".events code", { hasText: "upsert" }).waitFor();
        equal(await barriers(page), [], "what keeps people out");
        await page.keyboard.press("Escape");
        await dialog(page).waitFor({ state: "detached" });
    });

    await check("forcing offline is heard by clients, and done with the keyboard", async () => {
        const listener = await browser.person();
        await listener.page.goto(`${ORIGIN}/admin`);
        const heard = () => listener.page.evaluate(() => globalThis.heard);
        await listener.page.evaluate((project) => {
            globalThis.heard = [];
            const query = new URLSearchParams({ project, "channels[]": "presences" });
            const socket = new WebSocket(`ws://${location.host}/v1/realtime?${query}`);
            socket.onmessage = ({ data }) => {
                const message = JSON.parse(data);
                globalThis.heard.push(message.type, ...(message.data?.events ?? []));
            };
        }, project);
        await eventually("the socket", async () => (await heard()).includes("connected"));
        await button(page, "Force offline: ada").focus();
        await page.keyboard.press("Enter");
        // Its button says the same as the one in the row.
        await dialog(page).waitFor();
        await eventually("the focus in the dialog", async () => (await focused(page)) === "Cancel");
        await tabTo(page, "Force offline");
        await page.keyboard.press("Enter");
        await eventually("the delete", async () => (await heard()).includes("presences.ada.delete"));
        await row(page, "ada").waitFor({ state: "detached" });
        await listener.context.close();
    });

    await check("of many presences one page is in the document, and a search narrows them", async () => {
        for (let one = 0; one < CROWD; one += 1) await comes(project, key, fresh("somebody"), one === 7 ? "rare" : "online");
        await page.getByText(`1 to ${ROWS} of ${CROWD}`).waitFor();
        equal(await rows(page).count(), ROWS, "the rows");
        await page.locator(".counters dd").first().getByText(String(CROWD), { exact: true }).waitFor();
        await button(page, "Next").click();
        await page.getByText(`${ROWS + 1} to ${2 * ROWS} of ${CROWD}`).waitFor();
        await page.getByLabel("Search status, user or id").fill("rar");
        await page.getByText("1 to 1 of 1").waitFor();
        equal(await rows(page).count(), 1, "the rows");
        await page.getByLabel("Search status, user or id").fill("");
        await page.getByText(`1 to ${ROWS} of ${CROWD}`).waitFor();
    });

    await filters(page, ROWS, CROWD);
    await leaving(page, (status) => comes(project, key, "walker", status));

    await check("it is usable in the dark and on a phone", async () => {
        await picture(page, "admin");
        equal(await barriers(page), [], "what keeps people out in the light");
        await page.emulateMedia({ colorScheme: "dark" });
        equal(await barriers(page), [], "what keeps people out in the dark");
        await picture(page, "admin-dark");
        await page.setViewportSize(PHONE);
        equal(await overhang(page), 0, "what is wider than a phone");
        await picture(page, "admin-phone");
        await page.setViewportSize({ width: 1280, height: 900 });
    });

    await manage(page, project, key);

    await check("a revoked key is worth nothing", async () => {
        await tab(page, "Keys");
        await button(page, "Revoke Backend").click();
        await dialog(page).getByRole("button", { name: "Revoke" }).click();
        await row(page, "Backend").waitFor({ state: "detached" });
        truth((await api(project, key, "GET", "/presences")).status === 401, "it is refused");
    });

    await holes(page, faults, EMAIL);

    await check("nothing broke the page's policy or failed unseen", async () => equal(faults, [], "the faults"));
    await context.close();
    await browser.stop();
});
