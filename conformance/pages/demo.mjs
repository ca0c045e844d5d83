// The demo page, as people use it: two of them see each other come, point, type, look away and go; one has only a keyboard,
// one a phone.

import { CuttingProxy } from "../sdk-web/proxy.mjs";
import { check, equal, eventually, runLane, truth } from "../harness/checks.mjs";
import { barriers, Browser, ORIGIN, overhang, PHONE, picture } from "./browser.mjs";

const TITLE = "Title";
const everybody = [];

/** Somebody new on the page, who has not joined. */
async function visitor(browser, options) {
    const person = await browser.person(options);
    everybody.push(person);
    await person.page.goto(`${ORIGIN}/demo`);
    return person;
}

async function join(browser, name, options) {
    const person = await visitor(browser, options);
    await person.page.getByLabel("Your name").fill(name);
    await person.page.getByRole("button", { name: "Join" }).click();
    await sees(person, name, "online");
    return person;
}

/** Waits until a page shows somebody with this status. */
const sees = ({ page }, name, status) => page.locator(`.person.${status}[data-name="${name}"]`).waitFor();
const seesNobody = ({ page }, name) => page.locator(`.person[data-name="${name}"]`).waitFor({ state: "detached" });
const line = ({ page }, label) => page.getByRole("textbox", { name: label, exact: true });
const happens = ({ page }, name) => page.evaluate((name) => dispatchEvent(new Event(name)), name);
const live = ({ page }) => page.locator("[aria-live=polite]").innerText();
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);

/** Presses Tab until something with this name has the focus, as somebody without a mouse does. */
async function tabTo(page, name) {
    for (let pressed = 0; pressed < 30; pressed += 1) {
        if ((await focused(page)) === name) return;
        await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not lead to ${name}, but to ${await focused(page)}`);
}

await runLane(async () => {
    const browser = await Browser.start();
    const ada = await join(browser, "Ada");
    const texts = { first: await line(ada, TITLE).inputValue() };

    await check("who is alone is told how to be two people", async () => {
        truth((await ada.page.locator(".people").innerText()).includes("private window"), "it says how");
    });

    const ben = await join(browser, "Ben", { colorScheme: "dark" });

    await check("two people see each other come, and a screen reader hears it", async () => {
        await sees(ada, "Ben", "online");
        await sees(ben, "Ada", "online");
        await eventually("the announcement", async () => (await live(ada)).includes("Ben came"));
        equal(await ada.page.locator(".people h2").innerText(), "2 people are viewing this page", "the headline");
        const colours = await ada.page.locator(".person").evaluateAll((all) => all.map((one) => one.className.match(/c\d/)[0]));
        truth(new Set(colours).size === 2, "each has a colour");
    });

    await check("a pointer is followed by the other, and taken away when it leaves", async () => {
        const box = await ben.page.locator(".sheet").boundingBox();
        await ben.page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.5);
        await ben.page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.5);
        const cursor = ada.page.locator(".cursor");
        await eventually("the place of the pointer", async () => {
            const left = await cursor.evaluateAll(([one]) => Number.parseFloat(one?.style.left));
            return Math.abs(left - 75) < 1;
        });
        equal(await cursor.innerText(), "Ben", "whose it is");
        await ben.page.mouse.move(1, 1);
        await cursor.waitFor({ state: "detached" });
    });

    await check("what one types the other reads, with who types it and where", async () => {
        await line(ben, TITLE).fill("Sunday, by the lake");
        await sees(ada, "Ben", "typing");
        await ada.page.getByText("Ben is typing").waitFor();
        await eventually("the text", async () => (await line(ada, TITLE).inputValue()) === "Sunday, by the lake");
        await sees(ada, "Ben", "online");
        truth(texts.first !== "Sunday, by the lake", "it was another text before");
    });

    await check("both may type at once, into two lines", async () => {
        await line(ada, "Line 1").fill("Two loaves of bread");
        await line(ben, "Line 2").fill("Lemonade");
        await eventually("Ben's line", async () => (await line(ada, "Line 2").inputValue()) === "Lemonade");
        await eventually("Ada's line", async () => (await line(ben, "Line 1").inputValue()) === "Two loaves of bread");
    });

    await check("who looks at another window is away, and online again when back", async () => {
        await happens(ben, "blur");
        await sees(ada, "Ben", "away");
        await happens(ben, "focus");
        await sees(ada, "Ben", "online");
    });

    await check("the events are shown as they come, and the code behind them", async () => {
        const events = await ada.page.locator(".event").allInnerTexts();
        truth(events.some((event) => event.includes("Ben") && event.includes("typing")), `typing is among ${events}`);
        for (const title of ["Join", "Live cursors", "Sign out"]) await ada.page.getByText(title, { exact: true }).first().waitFor();
        await ada.page.locator("summary", { hasText: "Typing" }).click();
        await ada.page.getByText("clearTimeout(rest)").waitFor();
        await ada.page.locator("summary", { hasText: "Join" }).click();
    });

    for (const [person, scheme] of [[ada, "light"], [ben, "dark"]]) {
        await check(`axe finds nothing grave on the page in ${scheme}`, async () => {
            equal(await barriers(person.page), [], "what it found");
        });
    }

    await check("somebody with a phone and somebody who comes late see the text as it is now", async () => {
        const cleo = await join(browser, "Cleo Lindqvist", { viewport: PHONE });
        await eventually("the text", async () => (await line(cleo, TITLE).inputValue()) === "Sunday, by the lake");
        await eventually("the other", async () => (await line(cleo, "Line 1").inputValue()) === "Two loaves of bread");
        await sees(cleo, "Ben", "online");
        equal(await overhang(cleo.page), 0, "how much wider than the phone the page is");
        for (const target of await cleo.page.locator("button, summary").all()) {
            truth((await target.boundingBox()).height >= 44, "fingers find what can be pressed");
        }
        equal(await barriers(cleo.page), [], "what axe found");
        await line(ben, "Line 3").fill("Ben's boat has two oars");
        const sheet = await ben.page.locator(".sheet").boundingBox();
        await ben.page.mouse.move(sheet.x + sheet.width * 0.62, sheet.y + sheet.height * 0.46);
        await eventually("the pointer", async () => (await cleo.page.locator(".cursor").count()) === 1);
        await eventually("the text", async () => (await line(ada, "Line 3").inputValue()).includes("oars"));
        await picture(cleo.page, "demo-phone");
        await picture(ada.page, "demo");
        await line(ada, "Line 1").focus();
        await sees(cleo, "Ada", "online");
        await ben.page.getByText("Ada is here").waitFor();
        await picture(ben.page, "demo-dark");
        await cleo.context.close();
        await seesNobody(ada, "Cleo Lindqvist");
    });

    await check("a keyboard alone is enough, from the door to the way out", async () => {
        const { page } = await visitor(browser, { reducedMotion: "reduce" });
        await page.locator("#name:focus").waitFor();
        await page.keyboard.type("Dora");
        await page.keyboard.press("Enter");
        await sees(ada, "Dora", "online");
        await tabTo(page, TITLE);
        await page.keyboard.press("Enter");
        equal(await focused(page), "Line 1", "what Enter leads to");
        await page.keyboard.press("End");
        await page.keyboard.type(" and butter");
        await eventually("the text", async () => (await line(ada, "Line 1").inputValue()).endsWith(" and butter"));
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        truth(outline !== "none", "where the focus is can be seen");
        await tabTo(page, "Events, newest first");
        await tabTo(page, "See who is here");
        await page.keyboard.press("Enter");
        await page.getByText("await presences.list()").waitFor();
        await tabTo(page, "Leave");
        await page.keyboard.press("Enter");
        await seesNobody(ada, "Dora");
        await page.getByRole("button", { name: "Join", exact: true }).waitFor();
        equal(await barriers(page), [], "what axe found at the door");
    });

    await check("who loses the network for a moment is told so, and nobody sees them go", async () => {
        const proxy = await CuttingProxy.start(new URL(ORIGIN).port);
        const eve = await browser.person();
        await eve.page.goto(`http://localhost:${proxy.port}/demo`);
        await eve.page.getByLabel("Your name").fill("Eve");
        await eve.page.getByRole("button", { name: "Join" }).click();
        await sees(ada, "Eve", "online");
        await ada.page.evaluate(() => {
            window.departures = 0;
            const watch = new MutationObserver((changes) => {
                const gone = changes.flatMap(({ removedNodes }) => [...removedNodes]);
                window.departures += gone.filter(({ dataset }) => dataset?.name === "Eve").length;
            });
            watch.observe(document.querySelector(".people ul"), { childList: true });
        });
        proxy.cut();
        proxy.reset();
        await eve.page.getByText("connection lost").waitFor();
        await line(ada, "Line 5").fill("Home by nine");
        proxy.heal();
        await eve.page.locator(".link-state").waitFor({ state: "detached" });
        await eventually("what was written meanwhile", async () => (await line(eve, "Line 5").inputValue()) === "Home by nine");
        await line(eve, "Line 4").fill("One blanket will do");
        await eventually("what is written since", async () => (await line(ada, "Line 4").inputValue()) === "One blanket will do");
        equal(await ada.page.evaluate(() => window.departures), 0, "how often she was seen to go");
        await eve.context.close();
        await seesNobody(ada, "Eve");
        proxy.stop();
    });

    await check("a reload comes back in under the same name, and the text is still there", async () => {
        await ben.page.reload();
        await sees(ben, "Ben", "online");
        await sees(ben, "Ada", "online");
        equal(await line(ben, TITLE).inputValue(), "Sunday, by the lake", "the title");
    });

    await check("a second tab is not a second person", async () => {
        const again = await ben.context.newPage();
        await again.goto(`${ORIGIN}/demo`);
        await again.getByLabel("Your name").fill("Ben");
        await again.getByRole("button", { name: "Join" }).click();
        await again.locator('.person[data-name="Ada"]').waitFor();
        await again.getByText("2 people are viewing this page").waitFor();
        await again.close();
        await sees(ada, "Ben", "online");
    });

    await check("who signs out in one tab is told so in the other, and can join again there", async () => {
        const finn = await join(browser, "Finn");
        const again = await finn.context.newPage();
        await again.goto(`${ORIGIN}/demo`);
        await again.getByLabel("Your name").fill("Finn");
        await again.getByRole("button", { name: "Join" }).click();
        await again.getByRole("button", { name: "Leave" }).click();
        await seesNobody(ada, "Finn");
        await finn.page.locator(".link-state", { hasText: "this session has ended" }).waitFor();
        await finn.page.getByRole("button", { name: "Leave" }).click();
        await finn.page.getByLabel("Your name").fill("Finn again");
        await finn.page.getByRole("button", { name: "Join" }).click();
        await sees(ada, "Finn again", "online");
        // The 401 of a session that has ended is in this one's console, as it should be.
        everybody.splice(everybody.indexOf(finn), 1);
        await finn.context.close();
        await seesNobody(ada, "Finn again");
    });

    await check("who closes the window is seen to go, and a screen reader hears it", async () => {
        await ben.context.close();
        await seesNobody(ada, "Ben");
        await eventually("the announcement", async () => (await live(ada)).includes("Ben left"));
    });

    await check("a server without the demo's project says what is missing", async () => {
        const { context, page } = await browser.person();
        await page.route("**/v1/ping", (route) => {
            route.continue({ headers: { ...route.request().headers(), "x-appwrite-project": "nowhere" } });
        });
        await page.goto(`${ORIGIN}/demo`);
        await page.getByText("This server has no project named demo").waitFor();
        await page.getByText("herenow project create demo").waitFor();
        await context.close();
    });

    await check("no policy was broken, no error logged and nobody else asked for anything", async () => {
        equal(everybody.flatMap(({ faults }) => faults), [], "the faults");
    });
    await browser.stop();
});
