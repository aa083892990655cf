import { expect, test } from "vitest";
import { postFeatures } from "./features.ts";

const features = (text: string) => postFeatures(text, 0);

test("document 1's sample: emoji, mention, counts", () => {
  expect(postFeatures("gm @codatta_io 🎀🧹", 4)).toEqual({
    has_emoji: true,
    emoji_list: ["🎀", "🧹"],
    has_ascii_art: false,
    has_thread: false,
    has_mentions: true,
    mention_list: ["@codatta_io"],
    has_hashtags: false,
    has_link: false,
    has_question: false,
    has_number: false,
    word_count: 4,
    char_count: 17,
  });
});

test("an emoji of several characters is one, and each is listed once", () => {
  expect(features("👩‍👩‍👧 🇫🇷 👍🏽 1️⃣ 👍🏽")["emoji_list"]).toEqual(["👩‍👩‍👧", "🇫🇷", "👍🏽", "1️⃣"]);
  expect(features("costs 5 # and ©")["has_emoji"]).toBe(false);
});

test("an address is neither a mention nor a hashtag nor a question", () => {
  const found = features("mail jane@example.org or https://example.org/@jane?q=1#top");
  expect(found).toMatchObject({ has_mentions: false, has_hashtags: false, has_question: false, has_link: true });
});

test("a hashtag holds a letter, in any script", () => {
  expect(features("issue #42")["has_hashtags"]).toBe(false);
  expect(features("#日本語")["has_hashtags"]).toBe(true);
});

test("a thread is numbered or announced", () => {
  for (const text of ["1/5 first", "why (2/n)", "🧵", "a thread:", "Thread 👇"]) expect(features(text)["has_thread"], text).toBe(true);
  for (const text of ["open 24/7x", "threads are hard", "2026/01/07"]) expect(features(text)["has_thread"], text).toBe(false);
});

test("ASCII art is drawn over several lines", () => {
  expect(features(" /\\_/\\ \n( o.o )\n > ^ < ")["has_ascii_art"]).toBe(true);
  expect(features("▀▄▀▄")["has_ascii_art"]).toBe(true);
  expect(features("gm ---\nto all of you ---")["has_ascii_art"]).toBe(false);
  expect(features("one\n-----\ntwo\n-----")["has_ascii_art"]).toBe(false);
});
