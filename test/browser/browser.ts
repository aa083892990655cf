import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

/** The browser of this machine; `TILTH_CHROMIUM` names another. */
export const browserPath: string | undefined = [process.env["TILTH_CHROMIUM"] ?? "", ...places].find(
  (path) => path !== "" && existsSync(path),
);

/** A page as one person sees it. */
export interface View {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, of loading and of the content's policy. */
  readonly complaints: string[];
  /** Addresses that were asked for outside the server. */
  readonly strangers: string[];
}

export interface ViewOptions {
  readonly origin: string;
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

export interface TestBrowser {
  /** Opens a window with no cookies of others. */
  open(options: ViewOptions): Promise<View>;
  /** Takes a picture; `TILTH_SCREENSHOTS` names a folder that keeps them. */
  picture(view: View, name: string): Promise<void>;
  end(): Promise<void>;
}

export async function startBrowser(executablePath: string): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({ executablePath, chromiumSandbox: false });
  const kept = process.env["TILTH_SCREENSHOTS"];
  const folder = kept ?? (await mkdtemp(join(tmpdir(), "tilth-pictures-")));
  return {
    async open({ origin, width = 1200, colorScheme = "light" }) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      context.setDefaultTimeout(90_000); // for what hangs, not for what is slow
      const page = await context.newPage();
      const complaints: string[] = [];
      const strangers: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        if (!/^(data|about|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) strangers.push(request.url());
      });
      return { page, complaints, strangers };
    },
    async picture({ page }, name) {
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    },
    async end() {
      await browser.close();
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** How far a page is wider than its window, in pixels. */
export async function overflow({ page }: View): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
}
