// What an operator manages of a project beside its presences: users, teams, keys, platforms, webhooks, settings.

import { check, equal, eventually, truth } from "../harness/checks.mjs";
import { barriers, overhang, PHONE } from "./browser.mjs";
import { api, button, dialog, focused, PASSWORD, row, tab, tabTo } from "./desk.mjs";

const save = (page, word) => dialog(page).getByRole("button", { name: word }).click();
const close = async (page) => {
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
};
const user = async (project, key, id) => (await api(project, key, "GET", `/users/${id}`)).body;

async function users(page, project, key) {
    await check("a user is made, found by a search and changed", async () => {
        await tab(page, "Users");
        await page.getByLabel("Name", { exact: true }).fill("Grace");
        await page.getByLabel("Email", { exact: true }).fill("grace@example.com");
        await page.getByLabel("Password (optional)").fill(PASSWORD);
        await page.getByLabel("Id (optional)").fill("grace");
        await button(page, "Create user").click();
        await page.getByLabel("Search name, email, phone or id").fill("GRACE@");
        await page.getByText("1 to 1 of 1", { exact: true }).waitFor();
        await button(page, "Edit Grace").click();
        await dialog(page).getByLabel("Name").fill("Grace H.");
        await save(page, "Save name");
        await page.getByRole("heading", { name: "User Grace H." }).waitFor();
        await dialog(page).getByLabel("Labels, each a role").fill("staff, night");
        await save(page, "Save labels");
        await dialog(page).getByText("Saved.").nth(1).waitFor();
        equal((await user(project, key, "grace")).labels, ["staff", "night"], "the labels");
        for (const [label, field, value] of [["Email verified", "emailVerification", true], ["May call", "status", false], ["May call", "status", true]]) {
            const answered = page.waitForResponse((response) => response.request().method() === "PATCH");
            await dialog(page).getByLabel(label).setChecked(value);
            equal((await (await answered).json())[field], value, field);
        }
        equal(await barriers(page), [], "what keeps people out");
        await close(page);
    });

    await check("a user's sessions are listed and ended", async () => {
        for (let times = 0; times < 2; times += 1) equal((await api(project, key, "POST", "/users/grace/sessions")).status, 201, "a session");
        await button(page, "Edit Grace H.").click();
        const ends = dialog(page).getByRole("button", { name: /^End session/ });
        await ends.nth(1).waitFor();
        await ends.first().click();
        await ends.nth(1).waitFor({ state: "detached" });
        equal((await api(project, key, "GET", "/users/grace/sessions")).body.total, 1, "the sessions that are left");
        await close(page);
    });
}

async function teams(page, project, key) {
    await check("a team's members come, change and go, with the keyboard alone", async () => {
        await tab(page, "Teams");
        await page.getByLabel("Name", { exact: true }).fill("Crew");
        await page.getByLabel("Id (optional)").fill("crew");
        await page.keyboard.press("Enter");
        await row(page, "Crew").waitFor();
        await tabTo(page, "Members Crew");
        await page.keyboard.press("Enter");
        await dialog(page).getByText("Nobody is in this team yet.").waitFor();
        await tabTo(page, "User id or email");
        await page.keyboard.type("grace@example.com");
        await tabTo(page, "Roles (optional)");
        await page.keyboard.type("editor, owner");
        await page.keyboard.press("Enter");
        await dialog(page).getByText("editor, owner").waitFor();
        equal(await barriers(page), [], "what keeps people out");
        await tabTo(page, "Roles Grace H.");
        await page.keyboard.press("Enter");
        await eventually("the focus in the field", async () => (await focused(page)) === "Roles of Grace H.");
        await page.keyboard.press("ControlOrMeta+a");
        await page.keyboard.type("reader");
        await page.keyboard.press("Enter");
        await dialog(page).locator("td", { hasText: "reader" }).waitFor();
        const { memberships } = (await api(project, key, "GET", "/teams/crew/memberships")).body;
        equal(memberships.map(({ userId, roles }) => [userId, roles]), [["grace", ["reader"]]], "the members");
        await tabTo(page, "Remove Grace H.");
        await page.keyboard.press("Enter");
        await dialog(page).getByText("Nobody is in this team yet.").waitFor();
        await tabTo(page, "User id or email");
        await page.keyboard.type("nobody-such");
        await page.keyboard.press("Enter");
        await dialog(page).getByRole("alert").waitFor();
        await close(page);
    });
}

async function keys(page, project, key) {
    await check("a key has the scopes and the end that were chosen, and tells when it was used", async () => {
        await tab(page, "Keys");
        await row(page, "Backend").getByText("not yet").waitFor({ state: "detached" });
        await page.getByText("New key").click();
        await page.getByLabel("Name", { exact: true }).fill("Viewer");
        await page.getByLabel("Expires").selectOption("in a week");
        await button(page, "Watch only").click();
        await page.getByLabel("users.read").check();
        await button(page, "Create key").click();
        const secret = await page.locator(".secret").innerText();
        await button(page, "Done").click();
        equal((await api(project, secret, "GET", "/users")).status, 200, "what it may do");
        equal((await api(project, secret, "POST", "/users", { userId: "x" })).status, 401, "what it may not do");
        await button(page, "Edit Viewer").click();
        truth(await dialog(page).getByLabel("users.read").isChecked(), "the dialog shows its scopes");
        await dialog(page).getByLabel("users.read").uncheck();
        equal(await barriers(page), [], "what keeps people out");
        await save(page, "Save key");
        await dialog(page).waitFor({ state: "detached" });
        equal((await api(project, secret, "GET", "/users")).status, 401, "what it may no longer do");
        await row(page, "Viewer").getByText("never").waitFor({ state: "detached" });
    });
}

async function others(page) {
    await check("platforms of every kind are made and changed", async () => {
        await tab(page, "Platforms");
        const kinds = await page.getByLabel("Type").locator("option").evaluateAll((options) => options.map(({ value }) => value));
        for (const kind of kinds) {
            await page.getByLabel("Type").selectOption(kind);
            await page.getByLabel("Name", { exact: true }).fill(`App ${kind}.`);
            await page.locator("[name=place]").fill(kind.includes("web") ? `${kind}.example.com` : `com.example.${kind}`);
            await button(page, "Create platform").click();
            await row(page, `App ${kind}.`).waitFor();
        }
        await button(page, "Edit App android.").click();
        await dialog(page).getByLabel("Application id").fill("com.example.other");
        await save(page, "Save platform");
        await row(page, "com.example.other").waitFor();
        equal(await barriers(page), [], "what keeps people out");
    });

    await check("a webhook is made, shown its secret once, and changed", async () => {
        await tab(page, "Webhooks");
        await page.getByText("New webhook").click();
        await page.getByLabel("Name", { exact: true }).fill("Log");
        await page.getByLabel("Address").fill("https://hooks.example.com/in");
        await page.getByLabel("Events").fill("users.*.create");
        await button(page, "Create webhook").click();
        truth((await page.locator(".secret").innerText()).length > 20, "the secret is shown");
        await button(page, "Done").click();
        await button(page, "Edit Log").click();
        await dialog(page).getByLabel("Enabled").uncheck();
        await save(page, "Save webhook");
        await row(page, "Log").getByText("no", { exact: true }).waitFor();
    });

    await check("policies and the mail server are kept", async () => {
        await tab(page, "Settings");
        const saved = async (word) => {
            await button(page, word).click();
            await page.locator("form", { has: button(page, word) }).getByText("Saved.").waitFor();
        };
        await page.getByLabel("Seconds that a session lives").fill("7200");
        await saved("Save duration");
        await page.getByLabel("Most sessions of a user").fill("3");
        await saved("Save limit");
        await page.getByLabel("A new password ends all other sessions").setChecked(true);
        await saved("Save invalidation");
        await page.getByLabel("Phone", { exact: true }).setChecked(true);
        await saved("Save privacy");
        await page.getByLabel("Host", { exact: true }).fill("mail.example.com");
        await page.getByLabel("Sender's email").fill("from@example.com");
        await saved("Save mail server");
        await page.reload();
        await page.getByLabel("Seconds that a session lives").waitFor();
        equal(await page.getByLabel("Seconds that a session lives").inputValue(), "7200", "the duration");
        equal(await page.getByLabel("Most sessions of a user").inputValue(), "3", "the limit");
        truth(await page.getByLabel("A new password ends all other sessions").isChecked(), "sessions end");
        truth(await page.getByLabel("Phone", { exact: true }).isChecked(), "phones are seen");
        equal(await page.getByLabel("Host", { exact: true }).inputValue(), "mail.example.com", "the mail server");
        equal(await barriers(page), [], "what keeps people out");
    });
}

export async function manage(page, project, key) {
    await users(page, project, key);
    await teams(page, project, key);
    await keys(page, project, key);
    await others(page);
    await check("each part fits a phone and the dark", async () => {
        await page.setViewportSize(PHONE);
        await page.emulateMedia({ colorScheme: "dark" });
        for (const name of ["Users", "Teams", "Keys", "Platforms", "Webhooks", "Settings"]) {
            await tab(page, name);
            await page.evaluate(() => document.querySelectorAll("details").forEach((folded) => (folded.open = true)));
            equal(await overhang(page), 0, `what of ${name} is wider than a phone`);
            equal(await barriers(page), [], `what keeps people out of ${name}`);
        }
        await page.emulateMedia({ colorScheme: "light" });
        await page.setViewportSize({ width: 1280, height: 900 });
    });
}
