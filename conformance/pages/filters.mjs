// The filters of the table of presences, on a crowd of which one is `rare`: as one types, in the address, and live.

import { check, equal, eventually, truth } from "../harness/checks.mjs";
import { barriers } from "./browser.mjs";
import { button, rows, tabTo } from "./desk.mjs";

export async function filters(page, ROWS, CROWD) {
    const whole = () => page.getByText(`1 to ${ROWS} of ${CROWD}`).waitFor();
    const one = () => page.getByText("1 to 1 of 1", { exact: true }).waitFor();

    await check("each filter narrows the presences, and its chip takes it away", async () => {
        await page.getByLabel("Status begins with").fill("RAR");
        await one();
        const user = await rows(page).first().locator("td").first().innerText();
        await button(page, "Take away: Status begins with: RAR").click();
        await whole();
        await page.getByLabel("User id begins with").fill(user.toUpperCase());
        const fit = () => rows(page).locator("td:first-child").allInnerTexts();
        await eventually("those whose ids begin so", async () => (await fit()).every((id) => id.startsWith(user)));
        truth((await fit()).includes(user), "the user is among them");
        await page.getByLabel("Written over").selectOption("a socket");
        await page.getByText("Nobody fits.").waitFor();
        equal(await barriers(page), [], "what keeps people out");
        await button(page, "Clear all").click();
        await whole();
        await page.getByLabel("Expires within").selectOption("a minute");
        await page.getByText("Nobody fits.").waitFor();
        await page.getByLabel("Expires within").selectOption("a day");
        await whole();
    });

    await check("a chip is taken away with the keyboard, and the focus stays with its filter", async () => {
        await tabTo(page, "Take away: Expires within: a day ×");
        await page.keyboard.press("Enter");
        await page.locator(".chips").waitFor({ state: "detached" });
        equal(await page.evaluate(() => document.activeElement.name), "expires", "the focus");
    });

    await check("a link carries search, filters and page", async () => {
        await page.getByLabel("Search status, user or id").fill("somebody");
        await whole();
        await button(page, "Next").click();
        await page.getByText(`${ROWS + 1} to ${2 * ROWS} of ${CROWD}`).waitFor();
        const other = await page.context().newPage();
        await other.goto(page.url());
        await other.getByText(`${ROWS + 1} to ${2 * ROWS} of ${CROWD}`).waitFor();
        equal(await other.getByLabel("Search status, user or id").inputValue(), "somebody", "the search");
        // A link may outlive the page that it names.
        for (const search of ["somebody", ""]) {
            await other.goto(`${page.url().split("?")[0]}?search=${search}&at=100000`);
            await other.getByText(`${CROWD - (CROWD % ROWS) + 1} to ${CROWD} of ${CROWD}`).waitFor();
        }
        await other.close();
        await button(page, "Clear all").click();
        await whole();
    });
}

/** Who stops to fit the filters goes from the table without its being read again. */
export async function leaving(page, write) {
    await check("who no longer fits a filter goes from the table, and who begins to comes", async () => {
        await page.getByLabel("Status begins with").fill("waiting");
        await page.getByText("Nobody fits.").waitFor();
        await write("waiting");
        await page.getByText("1 to 1 of 1", { exact: true }).waitFor();
        await write("gone on");
        await page.getByText("Nobody fits.").waitFor();
        await button(page, "Clear all").click();
        await rows(page).nth(1).waitFor();
    });
}
