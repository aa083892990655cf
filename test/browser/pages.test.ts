import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Serving } from "../journeys/serving.ts";
import { startServing } from "../journeys/serving.ts";
import { program } from "../journeys/tilth.ts";
import type { TestBrowser, View } from "./browser.ts";
import { browserPath, overflow, startBrowser } from "./browser.ts";

/** Longer than any real one, and nothing a page may run. */
const nastyName = `<img src=x onerror=alert(1)> ${"vielzulangernamenohneende".repeat(5)}`;

test.runIf(process.env["CI"] !== undefined)("a Chromium is there: without it no page is looked at", () => {
  expect(browserPath).toBeDefined();
});

describe.skipIf(browserPath === undefined)("the pages in a browser (skipped where there is no Chromium)", { timeout: 120_000 }, () => {
  let folder: string;
  let serving: Serving;
  let browser: TestBrowser;
  const tilth = (args: readonly string[], input = ""): string =>
    spawnSync(process.execPath, [program, ...args], { cwd: folder, input, encoding: "utf8" }).stdout;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tilth-pages-"));
    serving = await startServing([program, "demo", "--serve", "--port", "0", "--out", join(folder, "garden")]);
    folder = join(folder, "garden");
    tilth(["dataset", nastyName, "--create"]);
    browser = await startBrowser(browserPath ?? "");
  }, 120_000);
  afterAll(async () => {
    await browser.end();
    await serving.stop();
    await rm(join(folder, ".."), { recursive: true, force: true });
  });

  const open = async (path: string, options: { readonly width?: number; readonly colorScheme?: "light" | "dark" } = {}): Promise<View> => {
    const view = await browser.open({ origin: serving.address, ...options });
    await view.page.goto(serving.address + path);
    return view;
  };
  const inOrder = (view: View): void => expect([view.complaints, view.strangers]).toEqual([[], []]);

  test("at this machine, before there is a key, the first page opens by itself", async () => {
    const view = await open("/");
    expect(await view.page.locator("h1").textContent()).toBe("garden");
    expect(await view.page.locator(".who").textContent()).toContain("at this machine");
    expect(await view.page.getByRole("button", { name: "Sign out" }).count()).toBe(0);
    await browser.picture(view, "home-open");
    inOrder(view);
  });

  test("the link signs in once, the first page shows the sample's datasets, and signing out leads back", async () => {
    const key = tilth(["key", "create", "ci", "--role", "editor"]).trim(); // from now on nobody is let in for sitting here
    const body = '{"prompt": "How deep are beans sown?", "response": "Four to five centimetres, in warm soil."}\n';
    const authorization = `Bearer ${key}`;
    await fetch(`${serving.address}/api/training-data/import?dataset=posts`, { method: "POST", headers: { authorization }, body });
    await fetch(`${serving.address}/api/training-data/import?dataset=posts`, {
      method: "POST",
      headers: { authorization },
      body: "\0\0\0",
    });
    const view = await open("/");
    expect(new URL(view.page.url()).pathname).toBe("/sign-in");
    await browser.picture(view, "sign-in");

    // It differs from the page that is open behind `#` alone.
    await view.page.goto(serving.signInLink ?? "");
    await view.page.getByRole("button", { name: "Sign in with this link" }).waitFor();
    await browser.picture(view, "sign-in-link");
    expect(view.page.url()).not.toContain("#");
    await view.page.getByRole("button", { name: "Sign in with this link" }).click();
    await view.page.waitForURL(`${serving.address}/`);

    const rows = view.page.locator("table.stack").first().locator("tbody tr");
    const shown = (await rows.allInnerTexts()).map((text) => text.split(/\s+/).slice(0, 4));
    expect(shown).toContainEqual(["assistant", "84", "1", "1.0"]);
    expect(shown).toContainEqual(["roofing", "54", "1", "1.0"]);
    expect(await rows.count()).toBe(7);
    expect(await view.page.locator(".figures").innerText()).toMatch(/Examples\s+299/);
    expect(await view.page.getByText("done", { exact: true }).count()).toBe(1);
    expect(await view.page.getByText("failed", { exact: true }).count()).toBe(1);
    expect(await view.page.locator(".state").first().innerText()).toBe("healthy");
    await browser.picture(view, "home-signed-in");

    await view.page.getByRole("button", { name: "Sign out" }).click();
    await view.page.waitForURL(`${serving.address}/sign-in`);
    await view.page.goto(serving.address);
    expect(new URL(view.page.url()).pathname).toBe("/sign-in");
    inOrder(view);
  });

  test("a link that was used says so, and the form for a password comes in its place", async () => {
    const view = await open("/sign-in");
    await view.page.goto(serving.signInLink ?? "");
    await view.page.getByRole("button", { name: "Sign in with this link" }).click();
    await view.page.locator("#message:not(:empty)").waitFor();
    await browser.picture(view, "sign-in-link-used");
    expect(await view.page.getByLabel("Password").isVisible()).toBe(true);
    expect(view.complaints).toEqual([expect.stringContaining("status of 401")]);
  });

  test("a wrong password is told in a sentence, the right one signs in", async () => {
    tilth(["user", "create", "ana", "--role", "editor", "--password-stdin"], "beans and barley 7");
    const view = await open("/sign-in");
    await view.page.getByLabel("Name").fill("ana");
    await view.page.getByLabel("Password").fill("wrong");
    await view.page.keyboard.press("Enter");
    await view.page.locator("#message:not(:empty)").waitFor();
    expect(await view.page.locator("#message").innerText()).toMatch(/name or (the )?password|password/i);
    await browser.picture(view, "sign-in-wrong");
    expect(view.complaints.splice(0)).toEqual([expect.stringContaining("status of 401")]);

    await view.page.getByLabel("Password").fill("beans and barley 7");
    await view.page.getByRole("button", { name: "Sign in" }).click();
    await view.page.waitForURL(`${serving.address}/`);
    expect(await view.page.locator(".who").innerText()).toContain("ana");
    inOrder(view);
  });

  test("whoever is signed in stays so behind a link from another site", async () => {
    const { page, ...view } = await open("/sign-in");
    await page.getByLabel("Name").fill("ana");
    await page.getByLabel("Password").fill("beans and barley 7");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${serving.address}/`);
    // To a browser, localhost and 127.0.0.1 are two sites.
    await page.goto(`${serving.address.replace("127.0.0.1", "localhost")}/api`);
    await page.evaluate(`location.assign("${serving.address}")`);
    await page.locator(".figures").waitFor();
    expect(page.url()).toBe(`${serving.address}/`);
    expect(view.complaints).toEqual([]);
  });

  test.each([
    [360, "light"],
    [360, "dark"],
    [1200, "light"],
    [1200, "dark"],
  ] as const)("nothing is wider than a window of %i pixels, %s", async (width, colorScheme) => {
    const view = await open("/sign-in", { width, colorScheme });
    await view.page.getByLabel("Name").fill("ana");
    await view.page.getByLabel("Password").fill("beans and barley 7");
    await view.page.keyboard.press("Enter");
    await view.page.waitForURL(`${serving.address}/`);
    for (const path of ["/", "/sign-in", "/api", "/api/errors"]) {
      await view.page.goto(serving.address + path);
      await view.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = part.id.startsWith('dataset.'); })");
      await browser.picture(view, `${path.replaceAll("/", "-")}-${width}-${colorScheme}`);
      expect([path, await overflow(view)]).toEqual([path, 0]);
    }
    inOrder(view);
  });

  test("the API page opens what was asked for, and names leading there are what they say", async () => {
    const view = await open("/api");
    await view.page.getByText("Make a dataset", { exact: true }).click();
    expect(await view.page.locator('[id="dataset.create"]').getAttribute("open")).not.toBeNull();
    const anchors = await view.page.locator("nav.contents a").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
    for (const anchor of anchors) expect(await view.page.locator(`[id="${anchor.slice(1)}"]`).count(), anchor).toBe(1);
    inOrder(view);
  });
});
