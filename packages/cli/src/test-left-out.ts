/** What of the commands' tests is not run over HTTP, file by file and test by test, each with its reason. `*` = the whole file. */
export const leftOut: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "init.test.ts": { "*": "a server has its workspace already" },
  "serve.test.ts": { "*": "it starts servers itself" },
  "demo.test.ts": { "*": "it makes a workspace of its own on this machine" },
  "completion.test.ts": { "*": "it asks no workspace" },
  "login.test.ts": { "*": "it speaks to a server already" },
  "logout.test.ts": { "*": "it asks no workspace" },
  "backup.test.ts": { "*": "a server backs up into a folder of its own: invoke-remote.test.ts tells that story" },
  "audit.test.ts": {
    "an empty audit is whole, and says who writes it": "each request is an entry",
    "lists the newest entries, by actor and page by page": "each request is an entry",
    "verify ends with 1 where an entry was changed, and names it": "it counts entries, and each request is one",
  },
  "key.test.ts": {
    "without any says how to make one": "the requests themselves need a key",
  },
};

/** Why a test is not run over HTTP; nothing for those that are. */
export function reasonToLeaveOut(file: string, test: string): string | undefined {
  return leftOut[file]?.["*"] ?? leftOut[file]?.[test];
}
